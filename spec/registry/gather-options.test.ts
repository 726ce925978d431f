import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type CollectedFamily, Counter, MetricsRegistry, register } from '../../lib/core.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { loadCollectors, namesOf } from '../support/gathering.ts';
import { turn } from '../support/turn.ts';

/** A registry with a counter and an asynchronous collector that ends when it is told. */
function registryWithPending() {
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 1000 });
  new Counter({ name: 'ready_total', help: 'Is there at once.', registers: [registry] });
  let runs = 0;
  let end!: () => void;
  registry.registerCollector({
    name: 'slow',
    collect: () => {
      runs++;
      return new Promise<CollectedFamily[]>((resolve) => {
        end = () => resolve([{ name: 'late', help: 'Takes its time.', series: [{ value: 1 }] }]);
      });
    },
  });
  return { registry, runs: () => runs, end: () => end() };
}

before(loadCollectors);

test('MetricsRegistry.gather() returns what is ready by its timeout, and counts what is not as failed', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { registry, end } = registryWithPending();
  const gathering = namesOf(registry.gather({ timeoutSeconds: 0.25 }));
  await turn();
  t.mock.timers.tick(250);
  assert.deepEqual(await gathering, ['ready_total', 'metrics_client_collector_failures_total']);
  end();
});

test('MetricsRegistry.gather() that may wait less long than another joins its run, and ends before', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { registry, runs, end } = registryWithPending();
  const patient = namesOf(registry.gather({ timeoutSeconds: 10 }));
  const hasty = namesOf(registry.gather({ timeoutSeconds: 1 }));
  await turn();
  t.mock.timers.tick(1000);
  assert.deepEqual(await hasty, ['ready_total', 'metrics_client_collector_failures_total']);
  end();
  assert.deepEqual(await patient, ['ready_total', 'late', 'metrics_client_collector_failures_total']);
  assert.equal(runs(), 1);
});

test('MetricsRegistry.gather() waits for collectTimeoutSeconds unless told otherwise, and for timeoutSeconds where given', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { registry, end } = registryWithPending();
  registry.collectTimeoutSeconds = 5;
  const untold = namesOf(registry.gather());
  const patient = namesOf(registry.gather({ timeoutSeconds: 9.5 }));
  await turn();
  t.mock.timers.tick(5000);
  assert.deepEqual(await untold, ['ready_total', 'metrics_client_collector_failures_total']);
  t.mock.timers.tick(4000);
  end();
  assert.deepEqual(await patient, ['ready_total', 'late', 'metrics_client_collector_failures_total']);
});

test('MetricsRegistry.gather() waits for limitSeconds at most where no timeoutSeconds is given', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { registry } = registryWithPending();
  const gathering = namesOf(registry.gather({ limitSeconds: 2 }));
  await turn();
  t.mock.timers.tick(2000);
  assert.deepEqual(await gathering, ['ready_total', 'metrics_client_collector_failures_total']);
});

test('MetricsRegistry.gather() that gives up early makes no later scrape give up', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { registry, runs, end } = registryWithPending();
  for (let i = 0; i < 20; i++) {
    const hasty = namesOf(registry.gather({ timeoutSeconds: 0.001 }));
    await turn();
    t.mock.timers.tick(1);
    assert.deepEqual(await hasty, ['ready_total', 'metrics_client_collector_failures_total']);
  }
  const patient = namesOf(registry.gather({ timeoutSeconds: 10 }));
  await turn();
  end();
  assert.deepEqual(await patient, ['ready_total', 'late', 'metrics_client_collector_failures_total']);
  assert.equal(runs(), 1);
});

test('MetricsRegistry.gather() does not wait for a collector that has outlasted a whole timeout, until its run ends', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { registry, runs, end } = registryWithPending();
  registry.collectTimeoutSeconds = 5;
  const first = namesOf(registry.gather());
  await turn();
  t.mock.timers.tick(5000);
  await first;
  assert.deepEqual(await namesOf(registry.gather()), ['ready_total', 'metrics_client_collector_failures_total']);
  assert.equal(runs(), 1);
  end();
  await turn();
  const next = namesOf(registry.gather());
  await turn();
  assert.equal(runs(), 2);
  end();
  assert.deepEqual(await next, ['ready_total', 'late', 'metrics_client_collector_failures_total']);
});

test('the default registry takes another collectTimeoutSeconds, and refuses what is none', () => {
  assert.equal(register.collectTimeoutSeconds, 5);
  register.collectTimeoutSeconds = 9;
  assert.equal(register.collectTimeoutSeconds, 9);
  for (const bad of [0, -1, NaN, '5' as never, undefined as never]) {
    assert.throws(() => (register.collectTimeoutSeconds = bad), {
      name: 'RangeError',
      message: /^Cannot set collectTimeoutSeconds: expected a number above 0, got /,
    });
  }
  register.collectTimeoutSeconds = 5;
});

test("MetricsRegistry.gather() with onCollectorError 'fail' rejects and names the collector, others do not", async (t) => {
  await collectWarnings(t);
  const registry = new MetricsRegistry();
  registry.registerCollector({
    name: 'disk',
    collect: () => {
      throw new Error('no disk');
    },
  });
  const failing = registry.gather({ onCollectorError: 'fail' });
  const omitting = namesOf(registry.gather());
  await assert.rejects(failing, { message: 'Collector "disk" failed: no disk' });
  assert.deepEqual(await omitting, ['metrics_client_collector_failures_total']);
});

test("MetricsRegistry.gather() with onCollectorError 'fail' rejects for a metric's collect and for a name that is taken", async (t) => {
  await collectWarnings(t);
  const own = new MetricsRegistry();
  new Counter({ name: 'a_total', help: 'A.', registers: [own], collect: () => Promise.reject(new Error('no a')) });
  await assert.rejects(own.gather({ onCollectorError: 'fail' }), { message: 'Collector "a_total" failed: no a' });
  const taken = new MetricsRegistry();
  new Counter({ name: 'b_total', help: 'B.', registers: [taken] });
  taken.registerCollector({ name: 'c', collect: () => [{ name: 'b_total', help: 'B.', series: [] }] });
  await assert.rejects(taken.gather({ onCollectorError: 'fail' }), {
    message: /^Collector "c" failed: its series "b_total"/,
  });
});
