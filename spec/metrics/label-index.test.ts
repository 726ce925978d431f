import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { LabelBranch, type LabelTree } from '../../lib/metrics/child.ts';
import { wellFormed } from '../../lib/model/label-value.ts';
import { Summary } from '../../lib/summary.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { scrape } from '../support/scrape.ts';
import { turn } from '../support/turn.ts';

const OPTIONS = { name: 'hits_total', help: 'Hits.' };

/** All pairs of nasty values, each with a number of its own. */
const PAIRS = NASTY_LABEL_VALUES.flatMap((a) => NASTY_LABEL_VALUES.map((b) => [a, b] as const)).map(([a, b], i) => ({
  a,
  b,
  number: i + 1,
}));

test('Counter keeps all pairs of nasty label values apart, in its children and in the exposition', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, labelNames: ['a', 'b'], registers: [registry] });
  for (const { a, b, number } of PAIRS) counter.inc({ a, b }, number);
  assert.equal(new Set(PAIRS.map(({ a, b }) => counter.labels(a, b))).size, PAIRS.length);
  for (const { a, b, number } of PAIRS) {
    assert.equal(counter.labels(a, b).value, number);
    assert.equal(counter.labels({ b, a }), counter.labels(a, b));
  }
  // The parser refuses a series that comes twice.
  const [family] = await scrape(registry);
  assert.deepEqual(
    family!.samples.map(({ labels, value }) => [labels.get('a'), labels.get('b'), value]),
    PAIRS.map(({ a, b, number }) => [wellFormed(a), wellFormed(b), number]),
  );
});

test('Histogram keeps all pairs of nasty label values apart in the exposition', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['a', 'b'], buckets: [1], registers: [registry] });
  for (const { a, b, number } of PAIRS) histogram.observe({ a, b }, number);
  const [family] = await scrape(registry);
  assert.deepEqual(
    family!.samples
      .filter(({ name }) => name.endsWith('_sum'))
      .map(({ labels, value }) => [labels.get('a'), labels.get('b'), value]),
    PAIRS.map(({ a, b, number }) => [wellFormed(a), wellFormed(b), number]),
  );
});

test('Gauge removes each pair of nasty label values and no other', () => {
  const gauge = new Gauge({ ...OPTIONS, labelNames: ['a', 'b'], registers: [] });
  for (const { a, b, number } of PAIRS) gauge.set({ a, b }, number);
  for (const [i, { a, b }] of PAIRS.entries()) {
    assert.equal(i % 2 === 0 ? gauge.remove(a, b) : gauge.remove({ a, b }), true);
    assert.equal(gauge.remove(a, b), false);
    if (i % 97 === 0)
      assert.deepEqual(
        gauge.series.map(({ value }) => value),
        PAIRS.slice(i + 1).map(({ number }) => number),
      );
  }
  assert.equal(gauge.series.length, 0);
});

test('Counter takes numbers and booleans as label values by their text', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['a', 'b'], registers: [] });
  const child = counter.labels('1', 'true');
  assert.equal(counter.labels(1, true), child);
  assert.equal(counter.labels({ a: 1, b: true }), child);
  assert.equal(counter.labels({ b: true, a: 1 }), child);
  assert.equal(counter.remove(1, true), true);
  assert.equal(counter.labels(-0, NaN), counter.labels('0', 'NaN'));
  assert.notEqual(counter.labels(1, false), counter.labels('1.0', false));
});

test('Counter finds the same child by numbers as by their texts, at each position', () => {
  for (let count = 1; count <= 6; count++) {
    const labelNames = Array.from({ length: count }, (_, i) => `l${i}`);
    const counter = new Counter({ ...OPTIONS, labelNames, registers: [] });
    const numbers = labelNames.map((_, i) => i);
    const child = counter.labels(...numbers.map(String));
    assert.equal(counter.labels(...numbers), child);
    assert.equal(counter.labels(Object.fromEntries(labelNames.map((name, i) => [name, i]))), child);
    for (const position of numbers) {
      const mixed = numbers.map((number) => (number === position ? number : String(number)));
      assert.equal(counter.labels(...mixed), child);
    }
  }
});

test('Counter finds the child of one to seven labels by object, in any order, and by position', () => {
  for (let count = 1; count <= 7; count++) {
    const names = Array.from({ length: count }, (_, i) => `l${i}`);
    const values = names.map((_, i) => `v${i}`);
    const counter = new Counter({ ...OPTIONS, labelNames: names, registers: [] });
    const labels = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    const reversed = Object.fromEntries(Object.entries(labels).reverse());
    const child = counter.labels(...values);
    assert.equal(counter.labels(labels), child);
    assert.equal(counter.labels(reversed), child);
    assert.equal(counter.labels(Object.assign(Object.create(null), labels) as Record<string, string>), child);
    assert.equal(counter.labels(...values), child);
    assert.deepEqual(child.labelValues, values);
    assert.equal(counter.series.length, 1);
  }
});

test('Counter takes names of Object.prototype as label names', async (t) => {
  const warnings = await collectWarnings(t);
  const registry = new MetricsRegistry();
  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'] as const;
  const counter = new Counter({ ...OPTIONS, labelNames: names, registers: [registry] });
  counter.inc({ constructor: 'a', toString: 'b', hasOwnProperty: 'c', valueOf: 'd' } as never);
  counter.inc({ constructor: 'a' } as never, 5);
  assert.match(
    await registry.metrics(),
    /hits_total\{constructor="a",toString="b",hasOwnProperty="c",valueOf="d"\} 1\n/,
  );
  assert.match(await registry.metrics(), /hits_total\{constructor="a",toString="",hasOwnProperty="",valueOf=""\} 5\n/);
  await turn();
  assert.equal(warnings.length, 3);
});

test('Counter keeps no label object', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, labelNames: ['a'], registers: [registry] });
  const labels = { a: 'x' };
  counter.inc(labels);
  const child = counter.labels(labels);
  labels.a = 'y';
  counter.inc(labels, 2);
  child.inc(10);
  Object.freeze(labels);
  counter.inc(labels, 3);
  assert.equal(
    await registry.metrics(),
    `# HELP hits_total Hits.
# TYPE hits_total counter
hits_total{a="x"} 11
hits_total{a="y"} 5
`,
  );
});

test('Counter exposes a missing or undefined label as the empty string, with one warning for each label', async (t) => {
  const warnings = await collectWarnings(t);
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, labelNames: ['a', 'b'], registers: [registry] });
  const inc = untyped(counter, 'inc');
  inc({ a: 'x' });
  inc({ a: 'x', b: undefined });
  inc({ a: 'x', b: '' });
  inc({ b: undefined, a: 'x' });
  (counter.labels('x', undefined as never) as { inc(): void }).inc();
  assert.equal(counter.series.length, 1);
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_MISSING_LABEL'],
  );
  assert.match(warnings[0]!.message, /^Metric "hits_total" was updated without label "b"/);
  inc({});
  inc();
  inc(5);
  await turn();
  assert.equal(warnings.length, 2);
  assert.match(warnings[1]!.message, /^Metric "hits_total" was updated without label "a"/);
  assert.equal(
    await registry.metrics(),
    `# HELP hits_total Hits.
# TYPE hits_total counter
hits_total{a="x",b=""} 5
hits_total{a="",b=""} 7
`,
  );
});

test('Counter warns of a missing label once for each metric', async (t) => {
  const warnings = await collectWarnings(t);
  for (const name of ['one_total', 'two_total']) {
    const counter = new Counter({ ...OPTIONS, name, labelNames: ['a'], registers: [] });
    for (let i = 0; i < 100; i++) untyped(counter, 'inc')({});
  }
  await turn();
  assert.deepEqual(
    warnings.map(({ message }) => message.slice(0, 18)),
    ['Metric "one_total"', 'Metric "two_total"'],
  );
});

test('Counter refuses functions, symbols and objects without a text as label values, naming label and metric', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['a', 'b'], registers: [] });
  counter.inc({ a: 'x', b: 'y' });
  for (const value of [() => 'x', Symbol('x'), Object.create(null) as object]) {
    const refused = {
      name: 'TypeError',
      message: /^Cannot use label "b" of metric "hits_total": expected a string, number or boolean, got /,
    };
    assert.throws(() => untyped(counter, 'inc')({ a: 'x', b: value }), refused);
    assert.throws(() => untyped(counter, 'inc')({ a: 'new', b: value }), refused);
    assert.throws(() => untyped(counter, 'inc')({ b: value, a: 'x' }), refused);
    assert.throws(() => untyped(counter, 'labels')('x', value), refused);
    assert.throws(() => untyped(counter, 'remove')('x', value), refused);
  }
  assert.throws(() => untyped(counter, 'labels')(Symbol('x'), 'y'), {
    name: 'TypeError',
    message: /label "a" of metric "hits_total".* got symbol/,
  });
  assert.equal(counter.series.length, 1);
  assert.equal(counter.labels('x', 'y').value, 1);
});

test('Counter refuses an unknown label and names it, also beside those of an existing series', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['a', 'b'], registers: [] });
  counter.inc({ a: 'x', b: 'y' });
  const message =
    'Cannot find a series of metric "hits_total": expected labels "a", "b", got label "colour". Added label "colour" is not included in initial labelset: add it to labelNames or leave it out.';
  for (const labels of [
    { a: 'x', b: 'y', colour: 'red' },
    { a: 'x', colour: 'red', b: 'y' },
    { colour: 'red', a: 'x', b: 'y' },
    { colour: undefined, a: 'x', b: 'y' },
    { a: 'new', b: 'y', colour: 'red' },
    { a: 'x', colour: 'red' },
    { colour: 'red' },
  ]) {
    for (const method of ['inc', 'labels', 'remove']) {
      assert.throws(() => untyped(counter, method)(labels), { name: 'RangeError', message });
    }
  }
  assert.equal(counter.series.length, 1);
  assert.equal(counter.labels('x', 'y').value, 1);
});

test('Counter refuses labels where it has none', () => {
  const counter = new Counter({ ...OPTIONS, registers: [] });
  assert.throws(
    () => untyped(counter, 'inc')({ a: 'x' }),
    /Cannot find a series of metric "hits_total": expected no labels, got label "a"/,
  );
  assert.throws(() => untyped(counter, 'labels')('x'), {
    name: 'RangeError',
    message: /expected 0 label values .* got 1/,
  });
  untyped(counter, 'inc')({}, 2);
  assert.equal(counter.labels().value, 2);
  assert.equal(counter.labels({}), counter.labels());
});

test('Counter.labels() refuses another number of values than there are labels', () => {
  for (let count = 1; count <= 6; count++) {
    const labelNames = Array.from({ length: count }, (_, i) => `l${i}`);
    const counter = new Counter({ ...OPTIONS, labelNames, registers: [] });
    for (let given = 0; given <= 7; given++) {
      if (given === count) continue;
      assert.throws(() => counter.labels(...new Array<string>(given).fill('x')), {
        name: 'RangeError',
        message: new RegExp(
          `^Cannot find a series of metric "hits_total": expected ${count} label values \\(l0.*\\), got ${given}\\.`,
        ),
      });
    }
    assert.equal(counter.series.length, 0);
  }
});

test('Counter takes label objects of any make', () => {
  class Request {
    readonly a = 'x';
    get b(): string {
      return 'hidden: a getter of the prototype is no label';
    }
  }
  const counter = new Counter({ ...OPTIONS, labelNames: ['a'], registers: [] });
  counter.inc(new Request());
  counter.inc(new Proxy({ a: 'x' }, {}));
  counter.inc(Object.create({ a: 'x' }) as { a: string });
  counter.inc(JSON.parse('{"a":"x"}') as { a: string });
  assert.equal(counter.labels('x').value, 4);
  assert.equal(counter.series.length, 1);
});

test('Counter series are exposed in the order of their creation', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, labelNames: ['a'], registers: [registry] });
  const values = ['z', 'a', '10', '9', 'm'];
  for (const a of values) counter.inc({ a });
  counter.remove('10');
  counter.inc({ a: '10' }, 7);
  const [family] = await scrape(registry);
  assert.deepEqual(
    family!.samples.map(({ labels }) => labels.get('a')),
    ['z', 'a', '9', 'm', '10'],
  );
  assert.equal(sampleOf([family!], 'hits_total', { a: '10' }), 7);
});

test('Counter.remove() frees the child without waiting for a scrape', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const counter = new Counter({ ...OPTIONS, labelNames: ['a'], registers: [] });
  const children: WeakRef<object>[] = [];
  for (let i = 0; i < 1000; i++) {
    children.push(new WeakRef(counter.labels(`${i}`)));
    counter.remove(`${i}`);
  }
  await turn(); // a weak reference keeps what it was made of until the loop has turned
  collectGarbage();
  const alive = children.filter((child) => child.deref() !== undefined).length;
  assert.ok(alive <= 2, `${alive} of 1000 removed children are still held`);
});

/** The first label and the value of each series. */
function seriesOf(counter: Counter<'a' | 'b'>): (readonly [string | undefined, number])[] {
  return counter.series.map(({ labelValues, value }) => [labelValues[0], value]);
}

test('A child of labels() brings its series back, though the series was created by an update', async () => {
  const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a', 'b'], registers: [] });
  counter.inc({ a: 'x', b: 'y' }, 3);
  const held = counter.labels('x', 'y');
  assert.equal(counter.remove('x', 'y'), true);
  held.inc(2);
  assert.deepEqual(seriesOf(counter), [['x', 2]]);
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], registers: [] });
  histogram.observe({ a: 'x' }, 1);
  const done = histogram.time({ a: 'x' }, async () => {
    await null;
    histogram.remove('x');
  });
  await done;
  assert.deepEqual(
    histogram.series.map(({ count }) => count),
    [1],
  );
});

test('Counter.remove() removes a series that its held child has just brought back', () => {
  const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a', 'b'], registers: [] });
  const bare = new Counter({ name: 'y', help: 'Y.', registers: [] });
  const held = counter.labels('x', 'y');
  for (let round = 0; round < 3; round++) {
    for (const child of [held, bare.labels()]) child.inc();
    assert.deepEqual([counter.remove('x', 'y'), bare.remove({})], [true, true]);
    assert.deepEqual([counter.remove('x', 'y'), bare.remove({})], [false, false]);
    assert.deepEqual([held.value, bare.labels().value], [0, 0]);
  }
});

test('The overflow series, once removed, comes back from 0 with the next update of its child, and as one series', () => {
  const removals: Readonly<Record<string, (counter: Counter<'a' | 'b'>) => void>> = {
    remove: (counter) => assert.equal(counter.remove('overflow', 'overflow'), true),
    clear: (counter) => counter.clear(),
  };
  for (const [name, removeSeries] of Object.entries(removals)) {
    const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a', 'b'], maxSeries: 1, registers: [] });
    counter.inc({ a: '1', b: '1' });
    const overflow = counter.labels('2', '2');
    overflow.inc(10);
    for (let round = 0; round < 3; round++) {
      removeSeries(counter);
      const others = name === 'clear' ? [] : [['1', 1]];
      assert.deepEqual([seriesOf(counter), overflow.value], [others, 0], name);
      overflow.inc(5);
      assert.deepEqual(seriesOf(counter), [...others, ['overflow', 5]], name);
      removeSeries(counter);
      overflow.inc(4);
      removeSeries(counter); // it was back, though nobody has read it
      assert.deepEqual(seriesOf(counter), others, name);
      overflow.inc();
    }
  }
});

test('labels() of the overflow series, once removed, returns its child, and a child of other labels for others', () => {
  const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a', 'b'], maxSeries: 2, registers: [] });
  for (const a of ['1', '2']) counter.inc({ a, b: '' });
  const overflow = counter.labels('3', '');
  assert.equal(counter.remove('overflow', 'overflow'), true);
  assert.equal(counter.remove('1', ''), true);
  assert.notEqual(counter.labels('overflow', 'x'), overflow);
  assert.equal(counter.remove('overflow', 'x'), true);
  assert.equal(counter.labels('overflow', 'overflow'), overflow);
  overflow.inc(3);
  assert.deepEqual(seriesOf(counter), [
    ['2', 1],
    ['overflow', 3],
  ]);
});

test('Counter.clear() leaves a held child no way to the children that were removed with it', () => {
  const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a', 'b'], registers: [] });
  const held = counter.labels('1', '1');
  counter.inc({ a: '1', b: '2' });
  counter.inc({ a: '2', b: '2' });
  counter.clear();
  for (let branch: LabelBranch | LabelTree = held.parent; branch instanceof LabelBranch; branch = branch.parent)
    assert.ok(branch.isEmpty);
});

test('Summary with pruneAgedBuckets counts anew in a series that it has pruned', async (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const registry = new MetricsRegistry();
  const options = { percentiles: [], maxAgeSeconds: 60, pruneAgedBuckets: true, registers: [registry] };
  const labelled = new Summary({ ...options, name: 'labelled', help: 'L.', labelNames: ['a'] });
  const bare = new Summary({ ...options, name: 'bare', help: 'B.' });
  for (let round = 0; round < 2; round++) {
    labelled.observe({ a: 'x' }, 5);
    bare.observe(5);
    assert.equal(
      (await registry.metrics()).replace(/^#.*\n/gm, ''),
      'labelled_sum{a="x"} 5\nlabelled_count{a="x"} 1\n\nbare_sum 5\nbare_count 1\n',
    );
    now += 61_000;
    assert.equal(await registry.metrics(), '');
  }
});

test('The overflow series takes the next free number, and is named anew after its removal unless its child is held', () => {
  const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a', 'b'], maxSeries: 2, registers: [] });
  counter.inc({ a: 'overflow', b: 'overflow' });
  counter.inc({ a: 'overflow_2', b: 'overflow_2' });
  counter.inc({ a: '1', b: '1' });
  assert.deepEqual(
    seriesOf(counter).map(([a]) => a),
    ['overflow', 'overflow_2', 'overflow_3'],
  );
  counter.clear();
  for (const a of ['1', '2', '3']) counter.inc({ a, b: '' });
  assert.deepEqual(
    seriesOf(counter).map(([a]) => a),
    ['1', '2', 'overflow'],
  );
});

test('What held children without room have counted is counted as overflowed updates, with one warning', async (t) => {
  const warnings = await collectWarnings(t);
  const counter = new Counter({ name: 'held_total', help: 'X.', labelNames: ['a', 'b'], maxSeries: 1, registers: [] });
  const held = counter.labels('held', '');
  counter.remove('held', '');
  counter.inc({ a: 'other', b: '' });
  for (let count = 1; count <= 3; count++) {
    held.inc(2);
    assert.deepEqual(seriesOf(counter), [
      ['other', 1],
      ['overflow', 2 * count],
    ]);
    assert.equal(counter.overflowedUpdates, count);
  }
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_TOO_MANY_SERIES'],
  );
});

test('A gauge that has room again takes back from the overflow series what it had given', () => {
  const gauge = new Gauge({ name: 'x', help: 'X.', labelNames: ['a'], maxSeries: 1, registers: [] });
  const values = () => gauge.series.map(({ labelValues, value }) => [labelValues[0], value]);
  const held = gauge.labels('held');
  gauge.remove('held');
  gauge.set({ a: 'other' }, 1);
  held.set(5);
  assert.deepEqual(values(), [
    ['other', 1],
    ['overflow', 5],
  ]);
  gauge.remove('other');
  held.inc();
  assert.deepEqual(values(), [
    ['overflow', 0],
    ['held', 6],
  ]);
});

test('Counter.remove() of a series that has expired returns false', (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const counter = new Counter({ name: 'x', help: 'X.', labelNames: ['a'], idleSeconds: 1, registers: [] });
  counter.inc({ a: 'x' });
  counter.inc({ a: 'y' });
  now += 999;
  assert.equal(counter.remove('x'), true);
  now += 1;
  assert.equal(counter.remove('y'), false);
});
