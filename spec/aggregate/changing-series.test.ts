import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, Info, MetricsRegistry, PrometheusExporter, StateSet } from '../../lib/core.ts';
import { Slice } from '../../lib/exposition/exposition-writer.ts';
import { Summary } from '../../lib/summary.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

// Series that leave the workers between two slices of an aggregated scrape: the scrape has their last numbers, as one of
// a registry has. No worker has said NaN, which a state set and an info cannot be.

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const FORMATS = [
  'text/plain',
  'application/openmetrics-text;version=1.0.0',
  'application/openmetrics-text;version=2.0.0',
  PROTOBUF,
];
/** More series than are written in one step. */
const COUNT = 300;

/** Fills a registry with series of the label `i`, and returns a function that removes all of them. */
const KINDS: Readonly<Record<string, (registry: MetricsRegistry) => () => void>> = {
  gauge(registry) {
    const gauge = new Gauge({ name: 'x', help: 'X.', labelNames: ['i'], registers: [registry] });
    for (let i = 0; i < COUNT; i++) gauge.set({ i }, 7);
    return () => gauge.clear();
  },
  'least gauge'(registry) {
    const options = { labelNames: ['i'], aggregator: 'min', registers: [registry] } as const;
    const gauge = new Gauge({ name: 'x', help: 'X.', ...options });
    for (let i = 0; i < COUNT; i++) gauge.set({ i }, 7);
    return () => gauge.clear();
  },
  ratio(registry) {
    const options = { labelNames: ['i'], aggregator: 'ratio', registers: [registry] } as const;
    const gauge = new Gauge({ name: 'x', help: 'X.', ...options });
    for (let i = 0; i < COUNT; i++) gauge.setRatio({ i }, 7, 10);
    return () => gauge.clear();
  },
  'state set'(registry) {
    const states = ['on', 'off'];
    const set = new StateSet({ name: 'x', help: 'X.', labelNames: ['i'], states, registers: [registry] });
    for (let i = 0; i < COUNT; i++) set.select({ i }, 'on');
    return () => set.clear();
  },
  infos(registry) {
    const infos = Array.from({ length: COUNT }, (_, i) => {
      const info = new Info({ name: `x_${i}_info`, help: 'X.', labelNames: ['i'], registers: [registry] });
      info.set({ i });
      return info;
    });
    return () => infos.forEach((info) => void info.clear());
  },
  'summary with quantiles'(registry) {
    const summary = new Summary({
      name: 'x',
      help: 'X.',
      labelNames: ['i'],
      percentiles: [0.5],
      registers: [registry],
    });
    for (let i = 0; i < COUNT; i++) summary.observe({ i }, 7);
    return () => summary.clear();
  },
  'gauge histogram'(registry) {
    let series = Array.from({ length: COUNT }, (_, i) => ({ labels: { i: String(i) }, bucketCounts: [1, 2], sum: 3 }));
    const upperBounds = [1];
    registry.registerCollector({
      name: 'x',
      collect: () => [{ name: 'x', help: 'X.', type: 'gaugehistogram', labelNames: ['i'], upperBounds, series }],
    });
    return () => void (series = []);
  },
};

for (const [kind, fill] of Object.entries(KINDS)) {
  for (const workerLabel of [undefined, 'worker']) {
    const how = workerLabel === undefined ? 'merged' : 'kept apart';
    test(`An aggregated scrape has the last numbers of series that leave between its slices: ${kind}, ${how}`, async (t) => {
      for (const accept of FORMATS) {
        for (const isKilled of [false, true]) {
          if (isKilled && kind.startsWith('summary')) continue; // an ended worker's counts stay, its quantiles do not
          const registry = new MetricsRegistry();
          const removeAll = fill(registry);
          const { aggregation, start } = memoryWorkers({ ...(workerLabel && { workerLabel }) });
          const worker = start(registry);
          const exporter = new PrometheusExporter(aggregation, { chunkBytes: 1024 });
          await worker.report();
          const before = await exporter.render(accept);
          let now = performance.now();
          let pauses = 0;
          t.mock.method(performance, 'now', () => ++now);
          t.mock.method(Slice.prototype, 'next', async () => {
            if (++pauses !== 3) return;
            removeAll();
            if (isKilled) worker.kill();
            else await worker.report();
          });
          const after = await exporter.render(accept);
          t.mock.restoreAll();
          assert.ok(pauses > 3, `${accept}: expected more than three slices, got ${pauses}`);
          assert.equal(changedLine(before, after), undefined, `${accept}, ${isKilled ? 'killed' : 'removed'}`);
          const left = [...valuesOf(await aggregation.gather()).keys()].filter((key) => key.startsWith('x'));
          assert.deepEqual(left, [], 'the next scrape has none');
          aggregation.close();
        }
      }
    });
  }
}

/** The first line of an exposition that differs from the one before; undefined if none does. */
function changedLine(before: Uint8Array, after: Uint8Array): string | undefined {
  const [expected, got] = [before, after].map((bytes) => Buffer.from(bytes).toString('latin1').split('\n'));
  return got!.length < expected!.length ? '(lines are missing)' : got!.find((line, i) => line !== expected![i]);
}

test('An aggregated series that has left and comes back has no number from before', async () => {
  const { aggregation, start } = memoryWorkers();
  const [first, second] = [new MetricsRegistry(), new MetricsRegistry()];
  const gauges = [first, second].map(
    (registry) => new Gauge({ name: 'x', help: 'X.', labelNames: ['i'], aggregator: 'min', registers: [registry] }),
  );
  const workers = [start(first), start(second)];
  const report = async () => {
    for (const worker of workers) await worker.report();
  };
  const value = async () => valuesOf(await aggregation.gather()).get('x{i="a"}');
  gauges[0]!.set({ i: 'a' }, 1);
  gauges[1]!.set({ i: 'a' }, 2);
  gauges[1]!.set({ i: 'b' }, 2);
  await report();
  assert.equal(await value(), 1);
  // In the middle of a scrape, so no gather removes the series for good before it comes back.
  const families = await aggregation.gather();
  gauges[0]!.remove('a');
  gauges[1]!.remove('a');
  await report();
  assert.equal(valuesOf(families).get('x{i="a"}'), 2, 'the last number');
  gauges[1]!.set({ i: 'a' }, 5);
  await report();
  assert.equal(valuesOf(families).get('x{i="a"}'), 5);
  assert.equal(await value(), 5);
  gauges[1]!.remove('a');
  await report();
  assert.equal(await value(), undefined);
  aggregation.close();
});
