import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';

const NO_REGISTRY = { registers: [] };

test('CounterChild.inc() keeps the last exemplar that it was given, with amount and time', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_500 });
  const counter = new Counter({ name: 'c', help: 'C.', labelNames: ['l'], ...NO_REGISTRY });
  const child = counter.labels('x');
  assert.deepEqual([counter.hasExemplars, child.exemplar], [false, undefined]);
  child.inc(2, { trace_id: 'a', attempt: 3, isRetry: true });
  child.inc(5);
  assert.deepEqual(child.exemplar, {
    labels: { trace_id: 'a', attempt: '3', isRetry: 'true' },
    value: 2,
    timestampSeconds: 1.5,
  });
  t.mock.timers.tick(1_000);
  child.inc(undefined, { trace_id: 'b' });
  assert.deepEqual(child.exemplar, { labels: { trace_id: 'b' }, value: 1, timestampSeconds: 2.5 });
  assert.deepEqual([child.value, counter.hasExemplars, counter.labels('y').exemplar], [8, true, undefined]);
});

test('HistogramChild.observe() keeps the last exemplar of each bucket', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const child = new Histogram({ name: 'h', help: 'H.', buckets: [1, 2], ...NO_REGISTRY }).labels({});
  child.observe(0.5, { id: 'a' });
  child.observe(1, { id: 'b' });
  child.observe(1.5);
  child.observe(99, { id: 'c' });
  assert.deepEqual(child.exemplars, [
    { labels: { id: 'b' }, value: 1, timestampSeconds: 0 },
    undefined,
    { labels: { id: 'c' }, value: 99, timestampSeconds: 0 },
  ]);
  assert.deepEqual(child.bucketCounts, [2, 1, 1]);
});

test('exemplars go when their series is reset, and are gone when it comes again', () => {
  const counter = new Counter({ name: 'c', help: 'C.', labelNames: ['l'], ...NO_REGISTRY });
  const lone = new Counter({ name: 'd', help: 'D.', ...NO_REGISTRY });
  counter.labels('x').inc(1, { id: 'a' });
  lone.labels({}).inc(1, { id: 'a' });
  counter.remove('x');
  lone.reset();
  assert.equal(counter.labels('x').exemplar, undefined);
  assert.equal(lone.labels({}).exemplar, undefined);
  counter.labels('x').inc(1, { id: 'a' });
  counter.clear();
  assert.deepEqual([counter.hasExemplars, counter.labels('x').exemplar], [false, undefined]);
});

test('an exemplar may have 128 code points of names and values together, and no more', () => {
  const child = new Counter({ name: 'c', help: 'C.', ...NO_REGISTRY }).labels({});
  child.inc(1, { id: '😀'.repeat(126) });
  assert.throws(() => child.inc(1, { id: 'x'.repeat(100), other: 'y'.repeat(22) }), {
    name: 'RangeError',
    message:
      'Cannot keep an exemplar of metric "c": expected at most 128 characters in its names and values together, got 129. Keep what finds the event, such as a trace_id.',
  });
  assert.equal(child.value, 1);
});

test('an exemplar with labels that are none is refused, and its event not counted', () => {
  const child = new Counter({ name: 'c', help: 'C.', ...NO_REGISTRY }).labels({});
  const histogram = new Histogram({ name: 'h', help: 'H.', ...NO_REGISTRY }).labels({});
  const cases: readonly (readonly [unknown, string])[] = [
    [{ 'trace id': 'x' }, 'RangeError'],
    [{ '1': 'x' }, 'RangeError'],
    ['trace', 'TypeError'],
    [null, 'TypeError'],
    [{ trace_id: null }, 'TypeError'],
    [{ trace_id: {} }, 'TypeError'],
  ];
  for (const [exemplar, name] of cases) {
    assert.throws(() => child.inc(1, exemplar as never), {
      name,
      message: /^Cannot (?:keep an exemplar|use label "trace_id") of metric "c": /,
    });
    assert.throws(() => histogram.observe(1, exemplar as never), { name });
  }
  assert.deepEqual([child.value, child.exemplar, histogram.count, histogram.exemplars], [0, undefined, 0, undefined]);
});

test('the exemplars of a metric with an asynchronous collect are those of its run', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'c_total', help: 'C.', registers: [registry], async collect() {} });
  counter.labels({}).inc(1, { id: 'a' });
  const [family] = await registry.gather();
  counter.labels({}).inc(1, { id: 'b' });
  assert.deepEqual((family!.series[0] as { exemplar?: { labels: object } }).exemplar?.labels, { id: 'a' });
});

test('a source of the registry gives exemplars to updates without one, is shown the last, and may keep it', () => {
  const seen: unknown[] = [];
  let next: { readonly labels: object; readonly value: number } | undefined = { labels: { id: 'a' }, value: 0.5 };
  const source = {
    next(...args: readonly unknown[]) {
      seen.push(args);
      return next;
    },
  };
  const registers = [new MetricsRegistry({ exemplars: source as never })];
  const counter = new Counter({ name: 'c_total', help: 'C.', registers }).labels({});
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [1], registers }).labels({});
  const update = (): void => {
    counter.inc(2);
    histogram.observe(0.5);
  };
  update();
  const first = next;
  const read = { ...first, timestampSeconds: undefined };
  assert.deepEqual([counter.exemplar, histogram.exemplars], [read, [read, undefined]]);
  next = undefined;
  update();
  assert.deepEqual([counter.exemplar, histogram.exemplars], [read, [read, undefined]], 'kept');
  const later = { labels: { id: 'read' }, value: 0.7, timestampSeconds: 5 };
  next = { labels: {}, value: 8, read: () => later } as never;
  update();
  assert.deepEqual([counter.exemplar, histogram.exemplars], [later, [later, undefined]]);
  counter.inc(1, { id: 'own' });
  assert.deepEqual(counter.exemplar!.labels, { id: 'own' });
  assert.deepEqual(seen, [
    ['c_total', 2, undefined],
    ['h', 0.5, undefined],
    ['c_total', 2, first],
    ['h', 0.5, first],
    ['c_total', 2, first],
    ['h', 0.5, first],
  ]);
  assert.equal(counter.value, 7);
});

test('an update for which a source has no exemplar stores nothing', () => {
  const registers = [new MetricsRegistry({ exemplars: { next: () => undefined } })];
  const counter = new Counter({ name: 'c_total', help: 'C.', registers });
  const histogram = new Histogram({ name: 'h', help: 'H.', registers });
  counter.inc();
  histogram.observe(1);
  assert.deepEqual([counter.hasExemplars, histogram.hasExemplars], [false, false]);
  assert.deepEqual([counter.labels({}).exemplar, histogram.labels({}).exemplars], [undefined, undefined]);
});
