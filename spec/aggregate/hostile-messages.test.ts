import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aggregation } from '../../lib/aggregate/aggregation.ts';
import { base64Numbers, PROTOCOL, type ToWorker } from '../../lib/aggregate/message.ts';
import { Reporter } from '../../lib/aggregate/reporter.ts';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

const ODD = [null, undefined, -1, 1e9, NaN, 0.5, '', 'x', '__proto__', [], {}, [[]], true, 'AAAA'];

/** A copy of a message in which one value, somewhere, is something else. */
function spoil(message: unknown, random: SeededRandom): unknown {
  const keys = typeof message === 'object' && message !== null ? Object.keys(message) : [];
  if (keys.length === 0 || random.int(6) === 0) return random.pick(ODD);
  const key = random.pick(keys);
  const spoilt = spoil((message as Record<string, unknown>)[key], random);
  if (Array.isArray(message)) return message.map((one: unknown, i) => (String(i) === key ? spoilt : one));
  return { ...(message as object), [key]: spoilt };
}

/** What a worker with a counter and a histogram says to an aggregator that asks. */
async function reportTo(aggregator: string): Promise<object> {
  const registry = new MetricsRegistry();
  new Counter({ name: 'evil_total', help: 'Evil.', labelNames: ['kind'], registers: [registry] })
    .labels('a')
    .inc(1, { trace_id: 'x' });
  new Histogram({ name: 'evil_seconds', help: 'Evil.', registers: [registry] }).observe(1);
  const said: object[] = [];
  const reporter = new Reporter(registry, (message) => {
    said.push(
      message.kind === 'report'
        ? { ...message, numbers: base64Numbers.encode(message.numbers as Float64Array) }
        : message,
    );
  });
  await registry.prepare();
  reporter.take({ protocol: PROTOCOL, aggregator, kind: 'ask', request: 1 });
  await turn();
  assert.equal(said.length, 1);
  return said[0]!;
}

test('Aggregation takes any message without harm, and goes on with what other workers say', async (t) => {
  const warnings = await collectWarnings(t);
  // The wait for a worker does not keep a process alive, which here has nothing else to do.
  const alive = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(alive));
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 0.05 });
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  start(registry);
  let heard: ToWorker | undefined;
  const attacker = aggregation.add((message) => (heard = message), true);
  const report = { ...(await reportTo(heard!.aggregator)), isFresh: true };
  const random = new SeededRandom(7);
  for (let i = 0; i < 5000; i++) {
    aggregation.take(attacker, spoil(report, random));
    if (i % 1000 > 0) continue;
    counter.inc();
    assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{}'), i / 1000 + 1);
  }
  for (const foreign of [...ODD, { protocol: 1 }, { cmd: 'other' }, { protocol: 'other', kind: 'report' }])
    aggregation.take(attacker, foreign);
  aggregation.take(attacker, { ...report, reporter: 'r1' });
  assert.ok(valuesOf(await aggregation.gather()).get('evil_total{kind="a"}')! >= 1);
  await turn();
  const refused = warnings.filter(({ code }) => code === 'METRICS_REPORT_REFUSED');
  assert.equal(refused.length, 2); // one for a family, one for a whole report
});

test('Aggregation tells of a worker of another version once, and Reporter leaves such messages alone', async (t) => {
  const warnings = await collectWarnings(t);
  const aggregation = new Aggregation();
  const worker = aggregation.add(() => undefined, false);
  const protocol = PROTOCOL.replace(/\d+$/, '2');
  for (let i = 0; i < 2; i++) aggregation.take(worker, { protocol, kind: 'hello', reporter: 'x' });
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_REPORT_REFUSED'],
  );
  assert.match(
    warnings[0]!.message,
    /expected the protocol "@finpilot\/metrics aggregate 1", got "@finpilot\/metrics aggregate 2"/,
  );
  const said: unknown[] = [];
  const reporter = new Reporter(new MetricsRegistry(), (message) => said.push(message));
  for (const message of [
    ...ODD,
    { protocol, kind: 'ask', aggregator: 'x', request: 1 },
    { protocol: PROTOCOL, kind: 'ask', aggregator: 'x', request: 'one' },
  ])
    reporter.take(message);
  await turn();
  assert.deepEqual(said, []);
});

test('Aggregation leaves out a metric whose type or buckets differ, says so, and takes it once the others have gone', async (t) => {
  const warnings = await collectWarnings(t);
  const { aggregation, start } = memoryWorkers();
  const spawn = (buckets: readonly number[]) => {
    const registry = new MetricsRegistry();
    new Histogram({ name: 'seen_seconds', help: 'Seen.', buckets, registers: [registry] }).observe(1);
    new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] }).inc();
    return start(registry);
  };
  const old = spawn([1, 2]);
  spawn([1, 3]);
  const values = async () => {
    const families = valuesOf(await aggregation.gather());
    return ['jobs_total{}', 'seen_seconds_bucket{bucket="0"}'].map((key) => families.get(key));
  };
  assert.deepEqual(await values(), [2, 1]);
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_NOT_MERGED'],
  );
  old.kill();
  assert.deepEqual(await values(), [2, 1]);
  const histogram = (await aggregation.gather()).find(({ name }) => name === 'seen_seconds')!;
  assert.deepEqual('upperBounds' in histogram && histogram.upperBounds, [1, 3]);
});

test('Aggregation refuses options that are none', () => {
  for (const timeoutSeconds of [0, -1, NaN, Infinity, '1']) {
    assert.throws(
      () => new Aggregation({ timeoutSeconds: timeoutSeconds as number }),
      /^RangeError: Cannot create an aggregator: expected timeoutSeconds/,
    );
  }
  for (const workerLabel of ['', 'a b', 1, null]) {
    assert.throws(
      () => new Aggregation({ workerLabel: workerLabel as string }),
      /^RangeError: Cannot create an aggregator: expected workerLabel/,
    );
  }
  assert.throws(
    () => new Aggregation({ registry: {} as never }),
    /^TypeError: Cannot create an aggregator: expected registry/,
  );
});

test('Reporter survives a registry that rejects, and one whose series throw, and tells of it once', async (t) => {
  const warnings = await collectWarnings(t);
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 0.05 });
  const alive = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(alive));
  const registry = new MetricsRegistry();
  new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] }).inc(3);
  start(registry);
  start({ gather: () => Promise.reject(new Error('no registry')) });
  const [family] = await registry.gather();
  const series = {
    labelValues: [],
    get value(): number {
      throw new Error('no value');
    },
  };
  start({
    gather: async () => [
      {
        ...family!,
        name: 'bad',
        cache: new Map(),
        labelNames: [],
        constantLabels: [],
        help: 'Bad.',
        unit: '',
        type: 'gauge',
        series: [series],
      },
    ],
  });
  for (let i = 0; i < 2; i++) assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{}'), 3);
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_REPORT_FAILED', 'METRICS_REPORT_FAILED'],
  );
});

test('Reporter.begin() loads what reports need, and survives a registry that cannot', async () => {
  const faults = [() => Promise.reject(new Error('EMFILE')), () => assert.fail('no promise')];
  for (const prepare of [() => Promise.resolve(), ...faults]) {
    let calls = 0;
    const said: unknown[] = [];
    const registry = { gather: async () => [], prepare: () => (calls++, prepare()) };
    new Reporter(registry, (message) => said.push(message)).begin();
    await turn();
    assert.equal(calls, 1);
    assert.equal(said.length, 1);
  }
});
