import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Collector, Counter, Gauge, Histogram, type Metric, MetricsRegistry, Summary } from '../../lib/main.ts';
import { HealthChecks } from '../../lib/server/health-checks.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { sampleOf } from '../support/sample-of.ts';
import { scrape } from '../support/scrape.ts';
import { THROWN_VALUES } from '../support/thrown-values.ts';
import { turn } from '../support/turn.ts';

const FAILURES = 'metrics_client_collector_failures_total';
const LONG = 'x'.repeat(5_000_000);
const circular: Error & { cause?: unknown } = new Error('circular');
circular.cause = circular;

/** All that JavaScript can throw, as far as it matters to code that catches it. */
const VALUES: readonly (readonly [what: string, value: unknown])[] = [
  ...THROWN_VALUES,
  ['null', null],
  ['undefined', undefined],
  ['a symbol', Symbol('x')],
  ['a bigint', 5n],
  ['a function', () => undefined],
  ['a message that is an object', Object.assign(new Error('x'), { message: { circular } })],
  ['a circular cause', circular],
  ['a long text', LONG],
  ['an error with a long message', new Error(LONG)],
  ['a long text of an object', { toString: () => LONG }],
];

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

test('MetricsRegistry.gather() leaves out what throws any value, counts it, and warns of it in bounded text', async (t) => {
  const warnings = await collectWarnings(t);
  for (const [what, value] of VALUES) {
    const registry = new MetricsRegistry();
    const reject = (): Promise<never> => Promise.reject(value);
    registry.registerCollector({ name: 'sync', collect: throwing(value) });
    registry.registerCollector({ name: 'async', collect: reject });
    registry.registerCollector({
      name: 'lazy',
      *collect(): Generator<never> {
        throw value;
      },
    });
    registry.registerCollector({ name: 'then', collect: () => ({ then: throwing(value) }) as never });
    registry.registerCollector({
      name: 'getter',
      collect: () => Object.defineProperty({}, 'then', { get: throwing(value) }) as never,
    });
    new Gauge({ name: 'g', help: 'G.', collect: throwing(value), registers: [registry] });
    new Gauge({ name: 'v', help: 'V.', value: throwing(value), registers: [registry] });
    new Counter({ name: 'c_total', help: 'C.', collect: reject, registers: [registry] });
    new Summary({
      name: 's',
      help: 'S.',
      maxAgeSeconds: 1,
      pruneAgedBuckets: true,
      collect: throwing(value),
      registers: [registry],
    });
    new Gauge({ name: 'healthy', help: 'H.', registers: [registry] }).set(7);
    const families = await scrape(registry);
    assert.equal(sampleOf(families, 'healthy'), 7, what);
    for (const collector of ['sync', 'async', 'lazy', 'then', 'getter', 'g', 'v', 'c_total', 's']) {
      assert.equal(sampleOf(families, FAILURES, { collector }), 1, `${what}, ${collector}`);
    }
    await assert.rejects(
      registry.gather({ onCollectorError: 'fail' }),
      (error: Error) => error.message.length < 1100 && error.cause === value,
    );
    await turn();
  }
  assert.equal(warnings.length, 9 * VALUES.length);
  for (const { message } of warnings) assert.ok(message.length < 1300);
});

test('MetricsRegistry.gather() takes a thenable whose then() returns nothing, or calls twice', async () => {
  const registry = new MetricsRegistry();
  let reads = 0;
  const family = {
    name: 'x',
    help: 'X.',
    get series() {
      reads++;
      return [{ value: 1 }];
    },
  };
  const later = (resolve: (value: unknown) => void): void => {
    for (let i = 0; i < 3; i++) queueMicrotask(() => resolve([family]));
  };
  registry.registerCollector({ name: 'x', collect: () => ({ then: later }) } as unknown as Collector);
  const gauge = new Gauge({
    name: 'g',
    help: 'G.',
    registers: [registry],
    collect: () => ({ then: later }) as unknown as Promise<void>,
  });
  gauge.set(5);
  const summary = new Summary({
    name: 's',
    help: 'S.',
    maxAgeSeconds: 600,
    pruneAgedBuckets: true,
    collect: () => ({ then: later }) as never,
    registers: [registry],
  });
  summary.observe(2); // without a value it would be pruned
  const foreign = {
    ...gauge,
    name: 'foreign',
    help: 'F.',
    type: 'gauge',
    unit: '',
    labelNames: [],
    series: [{ labelValues: [], value: 9 }],
    overflowedUpdates: 0,
    collect: () => ({ then: later }),
  };
  registry.register(foreign as never);
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'x'), 1);
  assert.equal(sampleOf(families, 'g'), 5);
  assert.equal(sampleOf(families, 's_count'), 1);
  assert.equal(sampleOf(families, 'foreign'), 9);
  assert.equal(reads, 1);
});

test('countErrors(), time() and trackInProgress() pass any thrown value on as it is', async () => {
  for (const [what, value] of VALUES) {
    const counter = new Counter({ name: 'c_total', help: 'C.', registers: [] });
    const gauge = new Gauge({ name: 'g', help: 'G.', registers: [] });
    const histogram = new Histogram({ name: 'h', help: 'H.', registers: [] });
    for (const run of [
      (fn: () => unknown) => counter.countErrors(fn),
      (fn: () => unknown) => gauge.trackInProgress(fn),
      (fn: () => unknown) => histogram.time(fn),
    ]) {
      assert.throws(
        () => run(throwing(value)),
        (thrown) => thrown === value || Object.is(thrown, value),
        what,
      );
      const rejected = run(() => Promise.reject(value)) as Promise<unknown>;
      assert.equal(
        await rejected.then(
          () => 'none',
          (error: unknown) => (error === value ? 'same' : 'other'),
        ),
        'same',
        what,
      );
    }
    assert.equal(counter.labels().value, 2);
    assert.equal(gauge.labels().value, 0);
  }
});

test('HealthChecks.report() says of any thrown value that the check is failing, in bounded text', async () => {
  for (const [what, value] of VALUES) {
    const checks = new HealthChecks();
    checks.add('sync', throwing(value));
    checks.add('async', () => Promise.reject(value));
    checks.add('then', () => ({ then: throwing(value) }) as never);
    const report = JSON.parse(JSON.stringify(await checks.report())) as {
      checks: Record<string, { status: string; error: string }>;
    };
    for (const { status, error } of Object.values(report.checks)) {
      assert.equal(status, 'failing', what);
      assert.ok(typeof error === 'string' && error.length > 0 && error.length <= 1000, what);
    }
  }
});

/** A metric of a class of the user's, with properties of which reading one may throw. */
function foreign(name: string, properties: PropertyDescriptorMap): Metric {
  const metric = {
    name,
    help: 'F.',
    type: 'counter',
    unit: '',
    labelNames: [],
    series: [{ labelValues: [], value: 4 }],
    overflowedUpdates: 0,
  };
  return Object.defineProperties(metric, properties) as unknown as Metric;
}

test('MetricsRegistry leaves out a metric of another class whose properties throw, counts it, and takes it again', async (t) => {
  const warnings = await collectWarnings(t);
  let isBroken = true;
  for (const [what, value] of VALUES) {
    const registry = new MetricsRegistry();
    isBroken = true;
    const fallible = (working: unknown): PropertyDescriptor => ({
      get() {
        if (isBroken) throw value;
        return working;
      },
    });
    const series = [{ labelValues: [], value: 4 }];
    registry.register(foreign('series_total', { series: fallible(series) }));
    registry.register(foreign('created_total', { createdSeconds: fallible(5) }));
    registry.register(foreign('exemplars_total', { hasExemplars: fallible(false) }));
    registry.register(foreign('overflow_total', { overflowedUpdates: fallible(0) }));
    registry.register(foreign('async_total', { series: fallible(series), collect: { value: async () => undefined } }));
    registry.register(foreign('none_total', { series: { value: undefined } }));
    new Gauge({ name: 'healthy', help: 'H.', registers: [registry] }).set(7);
    const failing = ['series_total', 'created_total', 'exemplars_total', 'async_total', 'none_total'];
    for (const scrapes of [1, 2]) {
      const families = await scrape(registry);
      assert.equal(sampleOf(families, 'healthy'), 7, what);
      assert.equal(sampleOf(families, 'overflow_total'), 4, what);
      for (const collector of failing)
        assert.equal(sampleOf(families, FAILURES, { collector }), scrapes, `${what}, ${collector}`);
    }
    await turn();
    isBroken = false;
    const families = await scrape(registry);
    for (const name of failing.slice(0, 4)) assert.equal(sampleOf(families, name), 4, `${what}, ${name}`);
  }
  assert.equal(warnings.length, 5 * VALUES.length);
});

test('MetricsRegistry.register() refuses a metric of another class without type, label names or buckets', () => {
  const registry = new MetricsRegistry();
  const register = 'Cannot register metric "x": expected';
  const types = 'type counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown';
  for (const [properties, message] of [
    [{ type: 'rocket' }, `${register} ${types}, got "rocket"`],
    [{ type: undefined }, `${register} ${types}, got undefined`],
    [{ labelNames: undefined }, `${register} labelNames as an array, got undefined`],
    [{ labelNames: 'ab' }, `${register} labelNames as an array, got "ab"`],
    [{ type: 'histogram' }, 'Cannot create histogram "x": expected'],
    [{ type: 'histogram', upperBounds: [2, 1] }, 'Cannot create histogram "x": expected'],
  ] as const) {
    const metric = { ...foreign('x', {}), ...properties } as unknown as Metric;
    assert.throws(
      () => registry.register(metric),
      (error: Error) => error.message.startsWith(message),
      message,
    );
  }
  registry.register(foreign('x', {}));
});
