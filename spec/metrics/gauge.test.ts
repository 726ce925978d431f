import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { NOT_NUMBERS, untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { namesOf, scrape } from '../support/scrape.ts';
import { turn } from '../support/turn.ts';

const OPTIONS = { name: 'connections', help: 'Connections open.' };

test('Gauge starts at 0 and is exposed before its first change', async () => {
  const registry = new MetricsRegistry();
  assert.equal(new Gauge({ ...OPTIONS, registers: [registry] }).labels().value, 0);
  assert.equal(
    await registry.metrics(),
    `# HELP connections Connections open.
# TYPE connections gauge
connections 0
`,
  );
});

test('Gauge.set(), inc() and dec() change the value by 1 or by the amount', () => {
  const gauge = new Gauge({ ...OPTIONS, registers: [] });
  const after = (_change: void): number => gauge.labels().value;
  assert.equal(after(gauge.set(5)), 5);
  assert.equal(after(gauge.inc()), 6);
  assert.equal(after(gauge.inc(2.5)), 8.5);
  assert.equal(after(gauge.inc(-10)), -1.5);
  assert.equal(after(gauge.inc(undefined)), -0.5);
  assert.equal(after(gauge.dec()), -1.5);
  assert.equal(after(gauge.dec(0.5)), -2);
  assert.equal(after(gauge.dec(-4)), 2);
  assert.equal(after(gauge.dec(undefined)), 1);
});

test('Gauge.set(), inc() and dec() change the series of the labels', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ ...OPTIONS, labelNames: ['pool'], registers: [registry] });
  gauge.set({ pool: 'a' }, 5);
  gauge.inc({ pool: 'a' });
  gauge.inc({ pool: 'b' }, 3);
  gauge.dec({ pool: 'b' });
  gauge.dec({ pool: 'c' }, 2.5);
  gauge.labels('c').set(-2);
  gauge.labels({ pool: 'd' }).dec();
  assert.equal(
    await registry.metrics(),
    `# HELP connections Connections open.
# TYPE connections gauge
connections{pool="a"} 6
connections{pool="b"} 2
connections{pool="c"} -2
connections{pool="d"} -1
`,
  );
});

test('Gauge takes NaN and the infinities as values', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ ...OPTIONS, registers: [registry] });
  for (const [value, text] of [
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ] as const) {
    gauge.set(value);
    assert.match(await registry.metrics(), new RegExp(`\nconnections ${text.replace('+', '\\+')}\n$`));
  }
});

test('Gauge.set(), inc() and dec() refuse what is no number, naming the metric, and leave the value', () => {
  const plain = new Gauge({ ...OPTIONS, registers: [] });
  const labelled = new Gauge({ ...OPTIONS, labelNames: ['pool'], registers: [] });
  plain.set(7);
  labelled.set({ pool: 'a' }, 7);
  const refused = {
    name: 'TypeError',
    message: /^Cannot change gauge "connections": expected a number, got .* Convert it/,
  };
  for (const method of ['set', 'inc', 'dec']) {
    for (const value of method === 'set' ? [...NOT_NUMBERS, undefined] : NOT_NUMBERS) {
      if (typeof value !== 'object' || value === null) assert.throws(() => untyped(plain, method)(value), refused);
      assert.throws(() => untyped(labelled, method)({ pool: 'a' }, value), refused);
      assert.throws(() => untyped(labelled.labels('a'), method)(value), refused);
    }
  }
  assert.throws(() => untyped(plain, 'set')(), refused);
  assert.equal(plain.labels().value, 7);
  assert.equal(labelled.labels('a').value, 7);
});

test('Gauge.setToCurrentTime() sets Unix time in seconds', (t) => {
  t.mock.method(Date, 'now', () => 1_700_000_000_250);
  const plain = new Gauge({ ...OPTIONS, registers: [] });
  const labelled = new Gauge({ ...OPTIONS, labelNames: ['pool'], registers: [] });
  plain.setToCurrentTime();
  labelled.setToCurrentTime({ pool: 'a' });
  labelled.labels('b').setToCurrentTime();
  assert.equal(plain.labels().value, 1_700_000_000.25);
  assert.equal(labelled.labels('a').value, 1_700_000_000.25);
  assert.equal(labelled.labels('b').value, 1_700_000_000.25);
});

test('Gauge.startTimer() sets the seconds that have passed by the monotonic clock, and returns them', (t) => {
  let now = 5000;
  t.mock.method(performance, 'now', () => now);
  const plain = new Gauge({ ...OPTIONS, registers: [] });
  const labelled = new Gauge({ ...OPTIONS, labelNames: ['pool'], registers: [] });
  const end = labelled.startTimer();
  const ends = [plain.startTimer(), labelled.startTimer({ pool: 'a' }), labelled.labels('b').startTimer()];
  now += 1500;
  assert.deepEqual(
    ends.map((end) => end()),
    [1.5, 1.5, 1.5],
  );
  assert.equal(end({ pool: 'c' }), 1.5);
  assert.equal(labelled.labels('c').value, 1.5);
  assert.equal(plain.labels().value, 1.5);
  assert.equal(labelled.labels('a').value, 1.5);
  assert.equal(labelled.labels('b').value, 1.5);
});

test('Gauge.trackInProgress() counts a call until it has returned, thrown or settled', async () => {
  const gauge = new Gauge({ ...OPTIONS, registers: [] });
  const child = gauge.labels();
  assert.equal(
    gauge.trackInProgress(() => child.value),
    1,
  );
  assert.equal(child.value, 0);
  assert.throws(
    () =>
      gauge.trackInProgress(() => {
        throw new Error('no');
      }),
    /no/,
  );
  assert.equal(child.value, 0);
  let finish = (_value: string): void => undefined;
  const first = gauge.trackInProgress(() => new Promise<string>((resolve) => (finish = resolve)));
  const second = gauge.trackInProgress(async () => {
    throw new Error('never');
  });
  assert.equal(child.value, 2);
  await assert.rejects(second, /never/);
  assert.equal(child.value, 1);
  finish('done');
  assert.equal(await first, 'done');
  assert.equal(child.value, 0);
});

test('GaugeChild.trackInProgress() counts in the series of the child', () => {
  const gauge = new Gauge({ ...OPTIONS, labelNames: ['pool'], registers: [] });
  assert.equal(
    gauge.labels('a').trackInProgress(() => gauge.labels('a').value),
    1,
  );
  assert.equal(gauge.labels('a').value, 0);
});

test('Gauge value is called at each scrape, sync or async', async () => {
  const registry = new MetricsRegistry();
  let value = 1;
  new Gauge({ name: 'sync', help: 'S.', value: () => value, registers: [registry] });
  new Gauge({ name: 'async', help: 'A.', value: async () => value * 10, registers: [registry] });
  for (value of [1, -2, Infinity]) {
    const families = await scrape(registry);
    assert.equal(sampleOf(families, 'sync'), value);
    assert.equal(sampleOf(families, 'async'), value * 10);
  }
});

test('Gauge value that is no number costs its own family only', async (t) => {
  const warnings = await collectWarnings(t);
  for (const value of ['5', undefined, null, 5n]) {
    for (const read of [() => value, async () => value]) {
      const registry = new MetricsRegistry();
      new Gauge({ name: 'bad', help: 'B.', value: read as unknown as () => number, registers: [registry] });
      new Gauge({ name: 'good', help: 'G.', registers: [registry] });
      const families = await scrape(registry);
      assert.deepEqual(namesOf(families), ['good', 'metrics_client_collector_failures_total']);
    }
  }
  await turn();
  assert.equal(warnings.length, 8);
  assert.match(warnings[0]!.message, /Collector "bad" failed.* Cannot change gauge "bad": expected a number, got "5"/);
});

test('Gauge refuses a value option that could not be used', () => {
  const make = (options: object) => () => new Gauge({ ...OPTIONS, registers: [], ...options });
  const value = () => 1;
  assert.throws(make({ value: 5 }), {
    name: 'TypeError',
    message: /Cannot create gauge "connections": expected value to be a function, got 5/,
  });
  assert.throws(make({ value, collect() {} }), { name: 'TypeError', message: /expected value or collect, not both/ });
  assert.throws(make({ value, labelNames: ['pool'] }), {
    name: 'TypeError',
    message: /expected value without labelNames, or collect with them/,
  });
});

test('GaugeChild.set() keeps -0, unless its series is removed', () => {
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a'], registers: [] });
  const held = gauge.labels('x');
  held.set(-0);
  assert.ok(Object.is(held.value, -0));
  gauge.clear();
  assert.ok(Object.is(held.value, 0));
  assert.ok(Object.is(gauge.labels('x').value, 0));
  held.set(-0);
  assert.ok(Object.is(gauge.series[0]!.value, -0));
});
