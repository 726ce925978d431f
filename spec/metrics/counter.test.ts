import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { NOT_NUMBERS, untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { scrape } from '../support/scrape.ts';

const OPTIONS = { name: 'jobs_total', help: 'Jobs done.' };

test('Counter starts at 0 and is exposed before its first increment', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, registers: [registry] });
  assert.equal(counter.labels().value, 0);
  assert.equal(
    await registry.metrics(),
    `# HELP jobs_total Jobs done.
# TYPE jobs_total counter
jobs_total 0
`,
  );
});

test('Counter.inc() adds 1, or the amount', () => {
  const counter = new Counter({ ...OPTIONS, registers: [] });
  counter.inc();
  counter.inc(undefined);
  counter.inc(2.5);
  counter.inc(0);
  assert.equal(counter.labels().value, 4.5);
});

test('Counter.inc() adds to the series of the labels', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, labelNames: ['queue', 'state'], registers: [registry] });
  counter.inc({ queue: 'a', state: 'ok' });
  counter.inc({ state: 'ok', queue: 'a' }, 2);
  counter.inc({ queue: 'a', state: 'bad' }, undefined);
  counter.labels('a', 'ok').inc(10);
  counter.labels({ queue: 'a', state: 'bad' }).inc();
  assert.equal(
    await registry.metrics(),
    `# HELP jobs_total Jobs done.
# TYPE jobs_total counter
jobs_total{queue="a",state="ok"} 13
jobs_total{queue="a",state="bad"} 2
`,
  );
});

test('Counter.inc() refuses what is no number, naming the metric, and leaves the value', () => {
  const plain = new Counter({ ...OPTIONS, registers: [] });
  const labelled = new Counter({ ...OPTIONS, labelNames: ['queue'], registers: [] });
  plain.inc(7);
  labelled.inc({ queue: 'a' }, 7);
  for (const amount of NOT_NUMBERS.filter((one) => one !== null)) {
    const refused = {
      name: 'TypeError',
      message: /^Cannot increase counter "jobs_total": expected a finite number of at least 0, got /,
    };
    if (typeof amount !== 'object') assert.throws(() => untyped(plain, 'inc')(amount), refused);
    assert.throws(() => untyped(labelled, 'inc')({ queue: 'a' }, amount), refused);
    assert.throws(() => untyped(labelled.labels('a'), 'inc')(amount), refused);
  }
  assert.equal(plain.labels().value, 7);
  assert.equal(labelled.labels('a').value, 7);
});

test('Counter.inc() takes null for no amount, with and without labels, in a child and with exemplars', () => {
  const plain = new Counter({ ...OPTIONS, registers: [] });
  untyped(plain, 'inc')(null);
  untyped(plain, 'inc')({}, null);
  untyped(plain.labels(), 'inc')(null);
  assert.equal(plain.labels().value, 3);
  const labelled = new Counter({ ...OPTIONS, labelNames: ['queue'], registers: [] });
  untyped(labelled, 'inc')({ queue: 'a' }, null);
  untyped(labelled, 'inc')(null);
  assert.deepEqual(
    labelled.series.map(({ labelValues, value }) => [...labelValues, value]),
    [
      ['a', 1],
      ['', 1],
    ],
  );
  const withExemplars = new Counter({ ...OPTIONS, enableExemplars: true, registers: [] });
  untyped(withExemplars, 'inc')({ value: null });
  assert.equal(withExemplars.labels().value, 1);
});

test('Counter.inc() refuses negative, NaN and infinite amounts, naming the metric, and leaves the value', () => {
  const plain = new Counter({ ...OPTIONS, registers: [] });
  const labelled = new Counter({ ...OPTIONS, labelNames: ['queue', 'state'], registers: [] });
  plain.inc(7);
  labelled.inc({ queue: 'a', state: 'ok' }, 7);
  for (const amount of [-1, -Number.MIN_VALUE, NaN, Infinity, -Infinity]) {
    const refused = {
      name: 'RangeError',
      message: /^Cannot increase counter "jobs_total": .* use a gauge for values that can fall\.$/,
    };
    assert.throws(() => plain.inc(amount), refused);
    assert.throws(() => labelled.inc({ queue: 'a', state: 'ok' }, amount), refused);
    assert.throws(() => labelled.labels('a', 'ok').inc(amount), refused);
  }
  assert.equal(plain.labels().value, 7);
  assert.equal(labelled.labels('a', 'ok').value, 7);
});

test('Counter.labels() initialises a series with 0 and returns the same child each time', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, labelNames: ['queue'], registers: [registry] });
  const child = counter.labels('a');
  assert.equal(counter.labels('a'), child);
  assert.equal(counter.labels({ queue: 'a' }), child);
  assert.equal(sampleOf(await scrape(registry), 'jobs_total', { queue: 'a' }), 0);
});

test('Counter.countErrors() counts what throws or rejects, and passes result and error on', async () => {
  const counter = new Counter({ ...OPTIONS, registers: [] });
  const error = new Error('no');
  assert.equal(
    counter.countErrors(() => 5),
    5,
  );
  assert.equal(await counter.countErrors(async () => 6), 6);
  assert.equal(counter.labels().value, 0);
  assert.throws(
    () =>
      counter.countErrors(() => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
  assert.equal(counter.labels().value, 1);
  await assert.rejects(
    counter.countErrors(() => Promise.reject(error)),
    (thrown) => thrown === error,
  );
  assert.equal(counter.labels().value, 2);
});

test('CounterChild.countErrors() counts in the series of the child', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['queue'], registers: [] });
  assert.throws(
    () =>
      counter.labels('a').countErrors(() => {
        throw new Error('no');
      }),
    /no/,
  );
  assert.equal(counter.labels('a').value, 1);
});

test('Counter has the type and the description that it was given', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['queue'], registers: [] });
  assert.equal(counter.type, 'counter');
  assert.equal(counter.name, 'jobs_total');
  assert.equal(counter.help, 'Jobs done.');
  assert.deepEqual(counter.labelNames, ['queue']);
  assert.ok(Object.isFrozen(counter.labelNames));
  assert.equal(counter.collect, undefined);
  assert.equal(counter.overflowedUpdates, 0);
});

test('Counter keeps no reference to the label names that it was given', async () => {
  const registry = new MetricsRegistry();
  const labelNames: string[] = ['queue'];
  const counter = new Counter({ ...OPTIONS, labelNames, registers: [registry] });
  labelNames.push('state');
  labelNames[0] = 'q';
  counter.inc({ queue: 'a' });
  assert.equal(sampleOf(await scrape(registry), 'jobs_total', { queue: 'a' }), 1);
});

test('Counter can be subclassed', async () => {
  class Errors extends Counter<'kind'> {
    constructor(registry: MetricsRegistry) {
      super({ name: 'errors_total', help: 'Errors.', labelNames: ['kind'], registers: [registry] });
    }

    count(error: Error): void {
      this.inc({ kind: error.name });
    }
  }
  const registry = new MetricsRegistry();
  const errors = new Errors(registry);
  errors.count(new RangeError());
  assert.ok(errors instanceof Counter);
  assert.equal(sampleOf(await scrape(registry), 'errors_total', { kind: 'RangeError' }), 1);
});
