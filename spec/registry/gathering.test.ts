import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type CollectedFamily, Gauge, type Metric, MetricsRegistry } from '../../lib/core.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { loadCollectors, namesOf } from '../support/gathering.ts';
import { turn } from '../support/turn.ts';

// Which scrapes share a run of the collectors, and what each of them waits for.

/** Two collectors: one that ends when it is told, and one that counts how often it is asked. */
function registryWithCollectors() {
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 5 });
  let asked = 0;
  let end!: () => void;
  registry.registerCollector({
    name: 'slow',
    collect: () =>
      new Promise<CollectedFamily[]>((resolve) => {
        end = () => resolve([{ name: 'late', help: 'L.', series: [{ value: 1 }] }]);
      }),
  });
  registry.registerCollector({
    name: 'quick',
    collect: () => [{ name: 'asked', help: 'A.', series: [{ value: ++asked }] }],
  });
  return { registry, asked: () => asked, end: () => end() };
}

before(loadCollectors);

const FAILURES = 'metrics_client_collector_failures_total';

test('MetricsRegistry.gather() joins a run until it is as old as collectTimeoutSeconds, and then begins another', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 60_000;
  t.mock.method(performance, 'now', () => now);
  const { registry, asked, end } = registryWithCollectors();
  const gatherings = [];
  for (const [milliseconds, count] of [
    [60_000, 1],
    [64_999, 1],
    [65_000, 2],
    [69_999, 2],
    [70_000, 3],
  ] as const) {
    now = milliseconds;
    gatherings.push(namesOf(registry.gather({ timeoutSeconds: 1000 })));
    await turn();
    assert.equal(asked(), count, `${milliseconds}`);
  }
  end();
  for (const gathering of gatherings) assert.deepEqual(await gathering, ['late', 'asked']);
});

test('MetricsRegistry.gather() does not join a run that another scrape has given up, though a third still waits for it', async (t) => {
  await collectWarnings(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => 0);
  const { registry, asked, end } = registryWithCollectors();
  const patient = namesOf(registry.gather({ timeoutSeconds: 1000 }));
  const usual = namesOf(registry.gather());
  await turn();
  t.mock.timers.tick(5000);
  assert.deepEqual(await usual, ['asked', FAILURES]);
  assert.equal(asked(), 1);
  // No timer ends it: it does not wait for the collector that hangs.
  assert.deepEqual(await namesOf(registry.gather()), ['asked', FAILURES]);
  assert.equal(asked(), 2);
  end();
  assert.deepEqual(await patient, ['late', 'asked', FAILURES]);
});

test('MetricsRegistry.gather() keeps the process alive by a timer, and with keepAlive false by none', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const { registry, end } = registryWithCollectors();
  const least = timers();
  const idle = registry.gather({ keepAlive: false });
  await turn();
  assert.equal(timers(), least);
  const awaited = registry.gather();
  await turn();
  assert.equal(timers(), least + 1);
  end();
  await Promise.all([idle, awaited]);
  assert.equal(timers(), least);
});

test('MetricsRegistry.gather() with keepAlive false works where timers are numbers, as in a browser', async (t) => {
  t.mock.method(globalThis, 'setTimeout', () => 7);
  const { registry, end } = registryWithCollectors();
  const gathering = namesOf(registry.gather({ keepAlive: false }));
  await turn();
  end();
  assert.deepEqual(await gathering, ['late', 'asked']);
});

test('A metric that one scrape could not read is exposed by another that shares the run', async (t) => {
  await collectWarnings(t);
  const registry = new MetricsRegistry();
  new Gauge({ name: 'healthy', help: 'H.', registers: [registry] });
  let looks = 0;
  registry.register({
    name: 'fallible',
    help: 'F.',
    type: 'gauge',
    unit: '',
    labelNames: [],
    overflowedUpdates: 0,
    get series() {
      if (++looks === 1) throw new Error('not yet');
      return [{ labelValues: [], value: 1 }];
    },
  } satisfies Metric);
  const [first, second] = await Promise.all([namesOf(registry.gather()), namesOf(registry.gather())]);
  assert.deepEqual(first, ['healthy', FAILURES]);
  assert.deepEqual(second, ['healthy', 'fallible', FAILURES]);
});

test("MetricsRegistry.gather() with onCollectorError 'fail' says what a metric of another class lacks", async (t) => {
  await collectWarnings(t);
  const registry = new MetricsRegistry();
  const metric = { name: 'x', help: 'X.', type: 'gauge', unit: '', labelNames: [], overflowedUpdates: 0 };
  registry.register({ ...metric, series: undefined } as unknown as Metric);
  await assert.rejects(registry.gather({ onCollectorError: 'fail' }), {
    message: /^Collector "x" failed: Cannot read metric "x": expected series as an array, got undefined/,
  });
});
