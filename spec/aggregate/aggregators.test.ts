import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, Info, MetricsRegistry, PrometheusExporter, StateSet } from '../../lib/core.ts';
import { createFinpilotMetrics } from '../../lib/finpilot/index.ts';
import type { Aggregator, Family } from '../../lib/model/family.ts';
import { parse } from '../../lib/parse/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

/** The merged value of a gauge that has each of these values in a worker. */
async function merged(aggregator: Aggregator, values: readonly number[]): Promise<number | undefined> {
  const { aggregation, start } = memoryWorkers();
  for (const value of values) {
    const registry = new MetricsRegistry();
    new Gauge({ name: 'level', help: 'Level.', aggregator, registers: [registry] }).set(value);
    start(registry);
  }
  return valuesOf(await aggregation.gather()).get('level{}');
}

test('Aggregation skips NaN when it merges gauges, and returns NaN only if no worker has a number', async () => {
  const cases: [Aggregator, readonly number[], number][] = [
    ['sum', [NaN, 2, 3], 5],
    ['min', [2, NaN, 3], 2],
    ['max', [NaN, -2, -3], -2],
    ['average', [2, NaN, 4], 3],
    ['first', [NaN, 7, 8], 7],
    ['ratio', [NaN, 0.5, 1], 0.75],
  ];
  for (const [aggregator, values, expected] of cases) {
    assert.equal(await merged(aggregator, values), expected, aggregator);
    assert.equal(await merged(aggregator, [NaN]), NaN, `${aggregator} of one NaN`);
    assert.equal(await merged(aggregator, [NaN, NaN]), NaN, `${aggregator} of NaN only`);
  }
});

test('Aggregation exposes the gauge of a single worker as it is, whatever its aggregator', async () => {
  for (const aggregator of ['sum', 'min', 'max', 'average', 'first', 'ratio'] as const) {
    for (const value of [-0, 0, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1, -7]) {
      assert.ok(Object.is(await merged(aggregator, [value]), value), `${aggregator} of ${value}`);
    }
  }
});

test('Aggregation merges infinities by the rules of arithmetic', async () => {
  const cases: [Aggregator, readonly number[], number][] = [
    ['sum', [Infinity, -5], Infinity],
    ['sum', [Infinity, -Infinity], NaN],
    ['average', [-Infinity, 5], -Infinity],
    ['min', [-Infinity, NaN, 5], -Infinity],
    ['max', [Infinity, NaN, 5], Infinity],
    ['sum', [-0, -0], -0],
    ['sum', [-0, 0], 0],
  ];
  for (const [aggregator, values, expected] of cases) {
    assert.ok(Object.is(await merged(aggregator, values), expected), `${aggregator} of ${values.join(', ')}`);
  }
});

test('Aggregation keeps infos at 1 and states at 0 or 1, whatever their aggregator', async () => {
  for (const aggregator of ['sum', 'min', 'max', 'average', 'first', 'ratio'] as const) {
    const { aggregation, start } = memoryWorkers();
    for (const state of ['idle', 'busy', 'busy']) {
      const registers = [new MetricsRegistry()];
      new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], aggregator, registers }).set({
        version: '1',
      });
      new StateSet({ name: 'mode', help: 'Mode.', states: ['idle', 'busy'], aggregator, registers }).select(
        state as 'idle',
      );
      start(registers[0]!);
    }
    const values = valuesOf(await aggregation.gather());
    assert.equal(values.get('build_info{version="1"}'), 1);
    const states = ['idle', 'busy'].map((state) => values.get(`mode{mode="${state}"}`)!);
    const expected = { min: [0, 0], first: [1, 0] }[aggregator as string] ?? [1, 1];
    assert.deepEqual(states, expected, aggregator);
    parse(await new PrometheusExporter(aggregation).render(OPENMETRICS), OPENMETRICS);
  }
});

test('Gauge.setRatio() merges over processes as the sum of numerators by the sum of denominators', async () => {
  const random = new SeededRandom(3);
  for (let round = 0; round < 20; round++) {
    const { aggregation, start } = memoryWorkers();
    let [numerators, denominators] = [0, 0];
    for (let worker = 0; worker < 5; worker++) {
      const registers = [new MetricsRegistry()];
      const gauge = new Gauge({
        name: 'hit_ratio',
        help: 'Hits.',
        labelNames: ['cache'],
        aggregator: 'ratio',
        registers,
      });
      const denominator = random.int(3) === 0 ? 0 : random.int(1000);
      const numerator = random.int(denominator + 1);
      gauge.setRatio({ cache: 'a' }, numerator, denominator);
      gauge.labels('b').setRatio(0, 0);
      numerators += numerator;
      denominators += denominator;
      start(registers[0]!);
    }
    const values = valuesOf(await aggregation.gather());
    assert.equal(values.get('hit_ratio{cache="a"}'), denominators === 0 ? 0 : numerators / denominators);
    assert.equal(values.get('hit_ratio{cache="b"}'), 0);
  }
});

test('Gauge.setRatio() no longer counts once the gauge is set otherwise, nor after a reset', async () => {
  const { aggregation, start } = memoryWorkers();
  const gauges = [1, 2].map(() => {
    const registers = [new MetricsRegistry()];
    start(registers[0]!);
    return new Gauge({ name: 'hit_ratio', help: 'Hits.', aggregator: 'ratio', registers });
  });
  const value = async () => valuesOf(await aggregation.gather()).get('hit_ratio{}');
  gauges[0]!.setRatio(99, 99);
  gauges[1]!.setRatio(0, 1);
  assert.equal(await value(), 0.99);
  gauges[0]!.set(0.5);
  assert.equal(await value(), 0.25);
  gauges[0]!.setRatio(0, 99);
  gauges[0]!.reset();
  gauges[1]!.set(1);
  assert.equal(await value(), 0.5);
});

test('Gauge.setRatio() refuses what is no ratio, and changes nothing', () => {
  const gauge = new Gauge({ name: 'hit_ratio', help: 'Hits.', registers: [] });
  gauge.setRatio(1, 4);
  for (const [numerator, denominator] of [
    ['1', 2],
    [1, '2'],
    [1, undefined],
  ] as unknown[][]) {
    assert.throws(
      () => gauge.setRatio(numerator as number, denominator as number),
      /^TypeError: Cannot change gauge "hit_ratio"/,
    );
  }
  for (const denominator of [-1, NaN, Infinity]) {
    assert.throws(
      () => gauge.setRatio(1, denominator),
      /^RangeError: Cannot change gauge "hit_ratio": expected a denominator/,
    );
  }
  assert.equal(gauge.labels().value, 0.25);
  const labelled = new Gauge({ name: 'hit_ratio', help: 'Hits.', labelNames: ['cache'], registers: [] });
  assert.throws(() => labelled.setRatio({ cache: 'a' }, 1, -1), RangeError);
  assert.deepEqual(labelled.series, []);
});

test('A custom collector gives the ratio of a series by its parts', async () => {
  const { aggregation, start } = memoryWorkers();
  for (const ratio of [
    [1, 3],
    [0, 7],
  ] as const) {
    const registry = new MetricsRegistry();
    registry.registerCollector({
      name: 'cache',
      collect: () => [
        {
          name: 'hit_ratio',
          help: 'Hits.',
          type: 'gauge',
          aggregator: 'ratio',
          series: [{ value: ratio[0] / ratio[1], ratio }],
        },
      ],
    });
    start(registry);
  }
  assert.equal(valuesOf(await aggregation.gather()).get('hit_ratio{}'), 0.1);
});

test('Workers of two versions, of which one gives a gauge another aggregator, are merged as the first has it', async () => {
  for (const aggregators of [
    ['average', 'ratio'],
    ['ratio', 'average'],
  ] as const) {
    const { aggregation, start } = memoryWorkers();
    for (const [i, aggregator] of aggregators.entries()) {
      const registers = [new MetricsRegistry()];
      const gauge = new Gauge({ name: 'hit_ratio', help: 'Hits.', aggregator, registers });
      new Gauge({ name: 'later', help: 'Later.', registers }).set(i + 1);
      gauge.setRatio(i, 1);
      start(registers[0]!);
    }
    const values = valuesOf(await aggregation.gather());
    assert.deepEqual([values.get('hit_ratio{}'), values.get('later{}')], [0.5, 3]);
  }
});

test('finpilot_error_rate and finpilot_match_rate of several workers are those of all their scans, idle workers aside', async () => {
  const { aggregation, start } = memoryWorkers();
  const workers = [1, 2, 3].map(() => {
    const registry = new MetricsRegistry();
    start(registry);
    return createFinpilotMetrics(registry);
  });
  const rates = async (): Promise<(number | undefined)[]> => {
    const values = valuesOf(await aggregation.gather());
    return [values.get('finpilot_error_rate{}'), values.get('finpilot_match_rate{strategy="swing"}')];
  };
  assert.deepEqual(await rates(), [0, undefined]);
  for (let i = 0; i < 10; i++) workers[0]!.recordScan({ strategy: 'swing', failureReason: 'rate_limited' });
  assert.deepEqual(await rates(), [1, undefined]);
  const completed = { strategy: 'swing', durationSeconds: 0.1 };
  for (let i = 0; i < 30; i++) workers[1]!.recordScan({ ...completed, symbolsScanned: 100, symbolsMatched: 10 });
  workers[2]!.recordScan({ ...completed, symbolsScanned: 0, symbolsMatched: 0 });
  assert.deepEqual(await rates(), [10 / 41, 0.1]);
  workers[2]!.recordScan({ ...completed, symbolsScanned: 300, symbolsMatched: 300 });
  assert.deepEqual(await rates(), [10 / 42, 310 / 400]);
});

test('Aggregation merges the percentiles of finpilot_scan_duration over the workers that have any', async () => {
  const { aggregation, start } = memoryWorkers();
  const registries = [new MetricsRegistry(), new MetricsRegistry()];
  const [busy] = registries.map((registry) => createFinpilotMetrics(registry));
  registries.forEach((registry) => void start(registry));
  const p95 = async () => valuesOf(await aggregation.gather()).get('finpilot_scan_duration_p95_seconds{}');
  assert.equal(await p95(), undefined);
  busy!.recordScan({ strategy: 'swing', durationSeconds: 0.2, symbolsScanned: 1, symbolsMatched: 0 });
  const own = (await registries[0]!.gather()).find(
    ({ name }) => name === 'finpilot_scan_duration_p95_seconds',
  ) as Family;
  assert.equal(await p95(), (own.series[0] as { value: number }).value);
});
