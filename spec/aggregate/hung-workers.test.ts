import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { turn } from '../support/turn.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

test('Aggregation waits for a hung worker once, serves its last values, and says how many are late', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 2 });
  const spawn = () => {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
    counter.inc();
    return { counter, worker: start(registry) };
  };
  const [hung, busy] = [spawn(), spawn()];
  const clock = Math.ceil(performance.now());
  const now = t.mock.method(performance, 'now', () => clock);
  const scrape = async () => {
    const values = valuesOf(await aggregation.gather());
    return [values.get('jobs_total{}'), ...['reporting', 'late'].map((state) => values.get(`metrics_client_workers{state="${state}"}`)), values.get('metrics_client_late_reports_total{}')];
  };
  assert.deepEqual(await scrape(), [2, 2, 0, 0]);
  hung.worker.isHung = true;
  for (const { counter } of [hung, busy]) counter.inc(10);
  const waiting = scrape();
  // Nothing but the clock ends the wait: the other worker has answered long before.
  for (let i = 0; i < 20; i++) await turn();
  now.mock.mockImplementation(() => clock + 2001);
  t.mock.timers.tick(2500);
  assert.deepEqual(await waiting, [12, 1, 1, 1]);
  // Not waited for again: the clock stands still.
  assert.deepEqual(await scrape(), [12, 1, 1, 2]);
  hung.worker.wakeUp();
  for (let i = 0; i < 20; i++) await turn();
  assert.deepEqual(await scrape(), [22, 2, 0, 2]);
  hung.worker.isHung = true;
  hung.worker.kill();
  assert.deepEqual(await scrape(), [22, 1, 0, 2]);
});

test('Aggregation.gather() ends when the worker that it waits for ends', async () => {
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 3600 });
  const worker = start(new MetricsRegistry());
  await aggregation.gather();
  worker.isHung = true;
  const waiting = aggregation.gather();
  worker.kill();
  assert.equal(valuesOf(await waiting).get('metrics_client_workers{state="reporting"}'), 0);
});

test('Reporter sends no second report unasked before the first was taken', async () => {
  const { aggregation, start } = memoryWorkers();
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const worker = start(registry);
  await aggregation.gather();
  worker.isHung = true; // what the aggregator says no longer comes through
  for (let i = 0; i < 2; i++) {
    counter.inc(1);
    worker.reportIfTaken();
    for (let turns = 0; turns < 5; turns++) await turn();
  }
  worker.kill();
  assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{}'), 1);
});
