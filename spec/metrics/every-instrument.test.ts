import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, StateSet } from '../../lib/core.ts';
import { Summary } from '../../lib/summary.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { turn } from '../support/turn.ts';

// What holds for the updates of every instrument, each of which has its own code for them.

const OPTIONS = { name: 'x', help: 'X.', registers: [] };
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Each update with one argument, as a call with labels and without, and the number that it leaves in its child. */
const UPDATES = {
  'Counter.inc'(labelNames: readonly string[]) {
    const metric = new Counter({ ...OPTIONS, labelNames });
    return { metric, call: (...args: [never]) => metric.inc(...args), read: () => metric.labels({}).value };
  },
  'Gauge.set'(labelNames: readonly string[]) {
    const metric = new Gauge({ ...OPTIONS, labelNames });
    return { metric, call: (...args: [never]) => metric.set(...args), read: () => metric.labels({}).value };
  },
  'Gauge.inc'(labelNames: readonly string[]) {
    const metric = new Gauge({ ...OPTIONS, labelNames });
    return { metric, call: (...args: [never]) => metric.inc(...args), read: () => metric.labels({}).value };
  },
  'Gauge.dec'(labelNames: readonly string[]) {
    const metric = new Gauge({ ...OPTIONS, labelNames });
    return { metric, call: (...args: [never]) => metric.dec(...args), read: () => -metric.labels({}).value };
  },
  'Histogram.observe'(labelNames: readonly string[]) {
    const metric = new Histogram({ ...OPTIONS, labelNames, buckets: [] });
    return { metric, call: (...args: [never]) => metric.observe(...args), read: () => metric.labels({}).sum };
  },
  'Summary.observe'(labelNames: readonly string[]) {
    const metric = new Summary({ ...OPTIONS, labelNames });
    return { metric, call: (...args: [never]) => metric.observe(...args), read: () => metric.labels({}).sum };
  },
};

for (const [name, create] of Object.entries(UPDATES)) {
  test(`${name}() without labels updates the only series, or that of empty labels`, () => {
    for (const labelNames of [[], ['a'], ['a', 'b']]) {
      const { call, read } = create(labelNames);
      call(3 as never);
      assert.equal(read(), 3, `${labelNames.length} labels`);
    }
  });

  if (name === 'Counter.inc') continue; // it takes null, for 1
  test(`${name}() refuses null as a value, not as labels, and creates no series`, () => {
    for (const labelNames of [[], ['a']]) {
      const { metric, call } = create(labelNames);
      assert.throws(() => call(null as never), {
        name: 'TypeError',
        message: /got null\. Convert it to a number first\.$/,
      });
      assert.equal(metric.series.length, labelNames.length === 0 ? 1 : 0);
    }
  });
}

test('labels() of every instrument takes any number of values by position', () => {
  for (let count = 1; count <= LETTERS.length; count++) {
    const labelNames = LETTERS.slice(0, count);
    const values = labelNames.map((letter) => letter.toUpperCase());
    for (const metric of [
      new Counter({ ...OPTIONS, labelNames }),
      new Gauge({ ...OPTIONS, labelNames }),
      new Histogram({ ...OPTIONS, labelNames }),
      new Summary({ ...OPTIONS, labelNames }),
    ]) {
      const labels = metric.labels as (...given: string[]) => ReturnType<typeof metric.labels>;
      const child = labels.apply(metric, values);
      assert.deepEqual(child.labelValues, values);
      assert.equal(labels.apply(metric, values), child);
      for (let i = 0; i < count; i++) {
        const others = values.map((value, at) => (at === i ? 'other' : value));
        assert.deepEqual(labels.apply(metric, others).labelValues, others);
      }
      assert.throws(() => labels.apply(metric, [...values, 'Z']), {
        name: 'RangeError',
        message: new RegExp(`expected ${count} label values \\(${labelNames.join(', ')}\\), got ${count + 1}\\.`),
      });
    }
  }
});

test('labels() takes null by position for a missing label, an object within labels for its text, and warns of both', async (t) => {
  const warnings = await collectWarnings(t);
  const counter = new Counter({ ...OPTIONS, name: 'odd', labelNames: ['a', 'b'] });
  assert.deepEqual(counter.labels(null as never, 'x').labelValues, ['', 'x']);
  assert.deepEqual(counter.labels({ a: '1', b: ['y', 'z'] as never }).labelValues, ['1', 'y,z']);
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_MISSING_LABEL', 'METRICS_LABEL_OBJECT'],
  );
  assert.match(
    `${warnings[1]}`,
    /Metric "odd" was updated with .* for label "b"; its text is exposed\. Pass a string\./,
  );
});

test('Counter.countErrors() counts in the series of empty labels where none are given', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['a'] as string[] });
  assert.throws(() => counter.countErrors((() => assert.fail('boom')) as never), /boom/);
  assert.equal(counter.labels('').value, 1);
});

test('Gauge.setRatio() sets the quotient and keeps its two numbers until the value changes', () => {
  const plain = new Gauge(OPTIONS);
  plain.setRatio(1, 4);
  assert.equal(plain.labels({}).value, 0.25);
  const gauge = new Gauge({ ...OPTIONS, labelNames: ['a'] });
  const child = gauge.labels('1');
  assert.equal(child.ratio, undefined);
  gauge.setRatio({ a: '1' }, 90, 120);
  assert.equal(child.value, 0.75);
  assert.deepEqual(child.ratio, [90, 120]);
  child.set(0.75);
  assert.deepEqual(child.ratio, [90, 120]);
  child.inc();
  assert.equal(child.ratio, undefined);
  child.setRatio(5, 0);
  assert.deepEqual([child.value, child.ratio], [0, [5, 0]]);
  child.reset();
  assert.equal(child.ratio, undefined, 'the value is 0 as before, but nothing was counted');
});

test('Gauge.setRatio() refuses what is no ratio, for the metric and for a child, and creates no series', () => {
  const gauge = new Gauge({ ...OPTIONS, labelNames: ['a'] });
  const child = new Gauge(OPTIONS).labels({});
  for (const [numerator, denominator, error] of [
    ['1', 1, /^TypeError: Cannot change gauge "x": expected a number, got "1"\./],
    [1, '1', /^TypeError: Cannot change gauge "x": expected a number, got "1"\./],
    [1, -1, /^RangeError: Cannot change gauge "x": expected a denominator that is finite and at least 0, got -1\.$/],
    [1, Infinity, /^RangeError: .*, got Infinity\.$/],
    [1, NaN, /^RangeError: .*, got NaN\.$/],
  ] as const) {
    assert.throws(() => gauge.setRatio({ a: '1' }, numerator as never, denominator as never), error);
    assert.throws(() => child.setRatio(numerator as never, denominator as never), error);
  }
  assert.throws(() => (gauge.setRatio as (...args: unknown[]) => void)(null, 1, 2), TypeError);
  assert.equal(gauge.series.length, 0);
  assert.deepEqual([child.value, child.ratio], [0, undefined]);
});

test('Gauge.reset() leaves 0, never -0, without labels', () => {
  const gauge = new Gauge(OPTIONS);
  gauge.set(5);
  gauge.reset();
  assert.ok(Object.is(gauge.labels({}).value, 0));
});

test('GaugeChild.set() brings a removed series back with the value', () => {
  const gauge = new Gauge({ ...OPTIONS, labelNames: ['a'] });
  const child = gauge.labels('1');
  gauge.remove('1');
  child.set(5);
  assert.equal(child.value, 5);
  assert.equal(gauge.labels('1'), child);
  assert.equal(child.value, 5);
});

test('Histogram.zero() creates a series with 0, or takes it back there', () => {
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['a'], buckets: [1] });
  histogram.zero({ a: '1' });
  assert.deepEqual(histogram.series[0]?.bucketCounts, [0, 0]);
  histogram.observe({ a: '1' }, 0.5);
  histogram.zero({ a: '1' });
  assert.deepEqual([histogram.series[0]?.bucketCounts, histogram.series[0]?.sum], [[0, 0], 0]);
});

test('Histogram.startTimer() with enableExemplars joins the labels of both ends', () => {
  const options = { ...OPTIONS, labelNames: ['a', 'b'], buckets: [1e6], enableExemplars: true } as const;
  const histogram = new Histogram(options);
  const seconds = histogram.startTimer({ a: '1' }, { trace_id: 't' })({ b: '2' }, { span_id: 's' });
  const child = histogram.labels('1', '2');
  assert.equal(child.sum, seconds);
  assert.deepEqual(child.exemplars?.[0]?.labels, { trace_id: 't', span_id: 's' });
  assert.equal(child.exemplars?.[0]?.value, seconds);
});

test('enableExemplars takes an update without exemplar labels as one without exemplar', () => {
  const counter = new Counter({ ...OPTIONS, enableExemplars: true });
  counter.inc({ value: 2 });
  counter.inc();
  assert.equal(counter.labels({}).value, 3);
  assert.equal(counter.labels({}).exemplar, undefined);
});

test('StateSet.select() turns off the states that were on', () => {
  const states = new StateSet({ ...OPTIONS, states: ['a', 'b', 'c'] });
  const valuesOf = (): number[] => states.series.map(({ value }) => value);
  states.select('a');
  states.set('c', true);
  assert.deepEqual(valuesOf(), [1, 0, 1]);
  states.select('b');
  assert.deepEqual(valuesOf(), [0, 1, 0]);
});

test('Gauge and Summary name the option that they refuse', () => {
  assert.throws(() => new Gauge({ ...OPTIONS, labelNames: ['a'], value: () => 1 }), {
    message: 'Cannot create gauge "x": expected value without labelNames, or collect with them, got an array.',
  });
  const refused = (options: object): (() => unknown) => {
    return () => new Summary({ ...OPTIONS, ...options });
  };
  assert.throws(refused({ percentiles: [0.5, 2] }), {
    message: 'Cannot create summary "x": expected percentiles as an array of numbers from 0 to 1, each once, got 2.',
  });
  assert.throws(refused({ maxAgeSeconds: 0 }), {
    message: 'Cannot create summary "x": expected maxAgeSeconds above 0, got 0.',
  });
  assert.throws(refused({ ageBuckets: 0 }), {
    message: 'Cannot create summary "x": expected ageBuckets as a positive integer, got 0.',
  });
  assert.throws(() => new Summary(undefined as never), /^TypeError: Cannot create a metric: expected an object/);
  assert.throws(() => new StateSet(undefined as never), /^TypeError: Cannot create a metric: /);
  assert.throws(() => new Summary(OPTIONS).observe(NaN), {
    message:
      'Cannot observe a value of summary "x": expected a finite number, got NaN. Count such values in a separate counter.',
  });
});

test('Summary has the quantiles 0 and 1 too, and none without percentiles', () => {
  const summary = new Summary({ ...OPTIONS, percentiles: [1, 0] });
  assert.deepEqual(summary.quantiles, [0, 1]);
  assert.deepEqual(new Summary(OPTIONS).labels({}).quantileValues, []);
});

test('startTimer() of a child ends for the series of the labels that are passed to its end, as in prom-client', () => {
  const options = { ...OPTIONS, labelNames: ['method', 'status'] };
  for (const metric of [new Gauge(options), new Histogram(options), new Summary(options)]) {
    const child = metric.labels('GET', 200);
    child.startTimer()();
    child.startTimer()({ status: 404 });
    child.startTimer()({ method: 'PUT', status: 200 });
    assert.throws(() => child.startTimer()({ colour: 'red' }), /got label "colour"/);
    assert.deepEqual(
      metric.series.map(({ labelValues }) => labelValues),
      [
        ['GET', '200'],
        ['GET', '404'],
        ['PUT', '200'],
      ],
    );
    if (!(metric instanceof Gauge))
      assert.deepEqual(
        metric.series.map(({ count }) => count),
        [1, 1, 1],
      );
  }
});

test('observe() takes undefined and null for no labels, and refuses what is no number before it looks for a series', () => {
  for (const metric of [
    new Histogram({ name: 'h', help: 'H.', registers: [], buckets: [1] }),
    new Summary({ name: 's', help: 'S.', registers: [], percentiles: [] }),
  ]) {
    const observe = metric.observe.bind(metric) as (...args: unknown[]) => void;
    observe(1);
    observe(undefined, 2);
    observe(null, 4);
    observe({}, 8);
    observe(16, 1000); // what follows a number is not looked at
    for (const args of [[], [undefined], [null], [{}], ['1'], [undefined, NaN], [{}, '1'], [NaN], [undefined, null]])
      assert.throws(() => observe(...args), /^(Type|Range)Error: Cannot observe a value of (histogram|summary) "[hs]"/);
    assert.deepEqual([metric.series[0]!.count, metric.series[0]!.sum], [5, 31]);
  }
  for (const metric of [
    new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], registers: [], buckets: [1] }),
    new Summary({ name: 's', help: 'S.', labelNames: ['a'], registers: [], percentiles: [] }),
  ]) {
    const observe = metric.observe.bind(metric) as (...args: unknown[]) => void;
    for (const args of [[{ a: 'x' }], [{ a: 'x' }, NaN], [{ a: 'x' }, '1'], [undefined, Infinity], [NaN]])
      assert.throws(() => observe(...args), /^(Type|Range)Error: Cannot observe a value of (histogram|summary) "[hs]"/);
    assert.deepEqual(metric.series, []);
  }
});
