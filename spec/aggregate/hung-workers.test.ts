import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aggregation } from '../../lib/aggregate/aggregation.ts';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import type { Family } from '../../lib/model/family.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { turn } from '../support/turn.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

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
    return [
      values.get('jobs_total{}'),
      ...['reporting', 'late'].map((state) => values.get(`metrics_client_workers{state="${state}"}`)),
      values.get('metrics_client_late_reports_total{}'),
    ];
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
  await turn();
  worker.isHung = true; // what the aggregator says no longer comes through
  for (let i = 0; i < 2; i++) {
    counter.inc(1);
    worker.reportIfTaken();
    for (let turns = 0; turns < 5; turns++) await turn();
  }
  worker.kill();
  assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{}'), 1);
});

/** Two workers that have reported 1 each, of which the first now hangs and has counted 10 more. */
async function withHungWorker(timeoutSeconds: number) {
  const { aggregation, start } = memoryWorkers({ timeoutSeconds });
  const [hung, busy] = [1, 2].map(() => {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
    counter.inc();
    return { counter, worker: start(registry) };
  });
  await aggregation.gather();
  hung!.worker.isHung = true;
  hung!.counter.inc(10);
  return { aggregation, hung: hung!, busy: busy! };
}

const resultOf = (families: readonly Family[]): (number | undefined)[] => {
  const values = valuesOf(families);
  const names = ['jobs_total{}', 'metrics_client_workers{state="late"}', 'metrics_client_late_reports_total{}'];
  return names.map((name) => values.get(name));
};

test('Aggregation.gather() answers each scraper by its own deadline, and the patient one gets what came later', async () => {
  const { aggregation, hung } = await withHungWorker(3600);
  const order: string[] = [];
  const scrape = async (name: string, timeoutSeconds?: number) => {
    const families = await aggregation.gather(timeoutSeconds === undefined ? {} : { timeoutSeconds });
    order.push(name);
    return resultOf(families);
  };
  const patient = [scrape('unlimited'), scrape('an hour', 3600)];
  const hasty = scrape('hasty', 0.02);
  // Last known values for the hasty one; the hung worker is not late for the others, so it is not counted.
  assert.deepEqual(await hasty, [2, 1, 0]);
  hung.worker.wakeUp();
  assert.deepEqual(await Promise.all(patient), [
    [12, 0, 0],
    [12, 0, 0],
  ]);
  assert.deepEqual(order, ['hasty', 'unlimited', 'an hour']);
});

test('Aggregation.gather() is not spoilt for others by a client that waits a millisecond only', async () => {
  const { aggregation, hung } = await withHungWorker(3600);
  for (let i = 0; i < 20; i++)
    assert.deepEqual(resultOf(await aggregation.gather({ timeoutSeconds: 0.001 })), [2, 1, 0]);
  const patient = aggregation.gather({ timeoutSeconds: 60 });
  await turn();
  hung.worker.wakeUp();
  assert.deepEqual(resultOf(await patient), [12, 0, 0]);
});

test('Aggregation.gather() waits by the timeoutSeconds of the aggregator if a scraper has no usable deadline', async () => {
  const { aggregation } = await withHungWorker(0.25);
  for (const timeoutSeconds of [NaN, Infinity, 1e300, undefined as never]) {
    assert.deepEqual(resultOf(await aggregation.gather({ timeoutSeconds })).slice(0, 2), [2, 1]);
  }
  for (const timeoutSeconds of [0, -1, -Infinity])
    assert.equal(resultOf(await aggregation.gather({ timeoutSeconds }))[0], 2);
});

test('Aggregation.gather() ends in time though workers that crash at once are forked all the while', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const aggregation = new Aggregation({ timeoutSeconds: 2 });
  const start = Math.ceil(performance.now());
  let clock = start;
  t.mock.method(performance, 'now', () => clock);
  const fork = () => aggregation.add(() => undefined, true);
  fork();
  let hasEnded = false;
  const waiting = aggregation.gather().then(() => (hasEnded = true));
  for (let i = 0; i < 30 && !hasEnded; i++) {
    clock += 100;
    t.mock.timers.tick(100);
    fork();
    await turn();
  }
  assert.ok(hasEnded);
  await waiting;
  assert.ok(clock - start <= 2200, `${clock - start} ms`);
});

test('Aggregation.gather() answers by the deadline though a collector of its own registry hangs', async () => {
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 3600 });
  registry.registerCollector({ name: 'hung', collect: () => new Promise(() => undefined) });
  const { aggregation } = memoryWorkers({ registry, timeoutSeconds: 3600 });
  assert.ok(valuesOf(await aggregation.gather({ timeoutSeconds: 0.01 })).has('metrics_client_late_reports_total{}'));
});

test('A gather that is awaited keeps the process alive until it settles; one that all have left does not', () => {
  const program = `
    import { Aggregation } from '${new URL(`../../lib/aggregate/aggregation.${EXTENSION}`, import.meta.url).href}';
    const aggregation = new Aggregation({ timeoutSeconds: 3600 });
    aggregation.add(() => undefined, true);
    await aggregation.gather({ timeoutSeconds: 0.2 });
    aggregation.remove(aggregation.add(() => undefined, true)); // looks again whether there is something to wait for
    console.log('gathered');`;
  const { status, stdout } = runProgram(process.execPath, ['--input-type=module', '--eval', program], packageRoot());
  assert.deepEqual({ status, stdout }, { status: 0, stdout: 'gathered\n' });
});
