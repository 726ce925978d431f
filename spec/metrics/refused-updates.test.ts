import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as core from '../../lib/core.ts';
import * as main from '../../lib/main.ts';
import type { LabelBranch } from '../../lib/metrics/child.ts';
import { NOT_NUMBERS, untyped } from '../support/refused-numbers.ts';

/** Every class of the core and of the main entry, and what each of its updates refuses besides what is no number. */
const UPDATES = [
  ...[core.Counter, main.Counter].map((Class) => ({ Class, methods: ['inc'], refused: [-1, NaN, Infinity] })),
  ...[core.Gauge, main.Gauge].map((Class) => ({ Class, methods: ['set', 'inc', 'dec'], refused: [] })),
  ...[core.Histogram, main.Histogram, main.Summary].map((Class) => ({
    Class,
    methods: ['observe', 'time'],
    refused: [NaN, Infinity, -Infinity],
  })),
];

interface Created {
  readonly series: readonly { readonly value?: number; readonly count?: number }[];
  readonly overflowedUpdates: number;
  labels(...values: readonly string[]): object;
}

/** Creates a metric of two labels as plain JavaScript may. */
function create(Class: unknown, options: object = {}): Created {
  const all = { name: 'x_total', help: 'X.', labelNames: ['a', 'b'], registers: [], ...options };
  return new (Class as new (options: object) => Created)(all);
}

test('a refused update leaves no series, for every instrument, update and form of labels', () => {
  const allLabels = [{ a: 'x', b: 'y' }, { b: 'y', a: 'x' }, { a: 'x' }, {}];
  for (const { Class, methods, refused } of UPDATES) {
    for (const method of methods) {
      const metric = create(Class);
      for (const value of [...NOT_NUMBERS, ...refused]) {
        if (method === 'inc' && metric instanceof core.Counter && value === null) continue; // it stands for 1
        if (method === 'time' && typeof value === 'function') continue;
        for (const labels of allLabels)
          assert.throws(
            () => untyped(metric, method)(labels, value),
            `${Class.name}.${method}(labels, ${String(value)})`,
          );
        const isObject = typeof value === 'object' && value !== null;
        if (method !== 'time' && !isObject)
          assert.throws(() => untyped(metric, method)(value), `${Class.name}.${method}(${String(value)})`);
      }
      assert.equal(metric.series.length, 0, `${Class.name}.${method}`);
    }
  }
});

test('a call that cannot be made is not measured: no error, no second, nothing in progress', () => {
  for (const value of NOT_NUMBERS) {
    if (typeof value === 'function') continue;
    const counter = new core.Counter({ name: 'errors_total', help: 'E.', registers: [] });
    const gauge = new core.Gauge({ name: 'running', help: 'R.', registers: [], labelNames: ['a'] });
    const held = gauge.labels('x');
    held.set(-0);
    const calls = { errors_total: [counter, counter.labels()], running: [held] };
    for (const [name, callers] of Object.entries(calls)) {
      for (const caller of callers) {
        const method = name === 'running' ? 'trackInProgress' : 'countErrors';
        assert.throws(() => untyped(caller, method)(value), {
          name: 'TypeError',
          message: new RegExp(`^Cannot time a call for metric "${name}": expected a function, got `),
        });
      }
    }
    assert.equal(counter.series[0]?.value, 0);
    assert.ok(Object.is(held.value, -0));
  }
});

test('a refused update is neither counted as an overflow nor takes a place of maxSeries', () => {
  for (const { Class, methods } of UPDATES) {
    for (const method of methods) {
      const metric = create(Class, { maxSeries: 1 });
      for (let i = 0; i < 3; i++) assert.throws(() => untyped(metric, method)({ a: `${i}`, b: 'y' }, 'x'));
      metric.labels('p', 'q');
      assert.throws(() => untyped(metric, method)({ a: 'x', b: 'y' }, 'x'));
      assert.deepEqual([metric.series.length, metric.overflowedUpdates], [1, 0], `${Class.name}.${method}`);
    }
  }
});

test('labels that are refused leave no series and no branch, in updates, timers and wrappers', () => {
  for (const { Class, methods } of UPDATES) {
    const metric = create(Class);
    const good = metric.labels('p', 'q') as { parent: { parent: LabelBranch } };
    const refusedLabels = [
      { a: 'new', b: Symbol('b') },
      { a: 'new', b: 'y', c: 'z' },
      { a: 'new', b: () => 1 },
    ];
    for (const labels of refusedLabels) {
      for (const method of methods)
        assert.throws(() => untyped(metric, method)(labels, method === 'time' ? () => 1 : 1));
      if ('startTimer' in metric) assert.throws(untyped(metric, 'startTimer')(labels) as () => unknown);
      if ('setToCurrentTime' in metric) assert.throws(() => untyped(metric, 'setToCurrentTime')(labels));
      assert.throws(() => untyped(metric, 'labels')(labels));
    }
    assert.throws(() => untyped(metric, 'labels')('new', Symbol('b')));
    assert.throws(() => untyped(metric, 'labels')('new'));
    assert.deepEqual(
      [good.parent.parent.get('p'), good.parent.parent.get('new')],
      [good.parent, undefined],
      Class.name,
    );
  }
});

test('a refused end of a timer leaves no series', () => {
  for (const Class of [core.Gauge, core.Histogram, main.Gauge, main.Histogram, main.Summary]) {
    const metric = create(Class);
    const end = untyped(metric, 'startTimer')({ a: 'x' }) as (labels: object) => number;
    assert.throws(() => end({ b: 'y', c: 'z' }));
    assert.throws(() => end({ b: Symbol('b') }));
    assert.equal(metric.series.length, 0);
    end({ b: 'y' });
    assert.equal(metric.series.length, 1);
  }
});

test('an update with an exemplar that is refused leaves no series', () => {
  const refused = [{ 'trace id': 'x' }, { trace_id: null }, { trace_id: 'x'.repeat(129) }];
  for (const Class of [main.Counter, main.Histogram]) {
    const metric = create(Class, { enableExemplars: true });
    const update = untyped(metric, Class === main.Counter ? 'inc' : 'observe');
    const labels = { a: 'x', b: 'y' };
    for (const exemplarLabels of refused) {
      assert.throws(() => update({ labels, value: 1, exemplarLabels }));
      if (Class === main.Histogram) {
        const end = untyped(metric, 'startTimer')(labels) as (labels: object, exemplarLabels: object) => number;
        assert.throws(() => end({}, exemplarLabels));
      }
    }
    for (const value of ['1', NaN, Infinity])
      assert.throws(() => update({ labels, value, exemplarLabels: { trace_id: 'x' } }));
    assert.equal(metric.series.length, 0, Class.name);
    update({ labels, value: 1, exemplarLabels: { trace_id: 'x' } });
    assert.throws(() => update({ labels, value: 1, exemplarLabels: refused[0] }));
    const [series] = metric.series;
    assert.equal(series!.value ?? series!.count, 1);
  }
});

test('time() refuses what is no function, and observes nothing', () => {
  for (const Class of [core.Histogram, main.Histogram, main.Summary]) {
    const lone = create(Class, { labelNames: [] }) as Created;
    const held = create(Class).labels('x', 'y') as { count: number };
    for (const fn of [undefined, null, 'fn', {}]) {
      assert.throws(() => untyped(held, 'time')(fn), {
        name: 'TypeError',
        message: /Cannot time a call for metric "x_total": expected a function/,
      });
      assert.throws(() => untyped(lone, 'time')({}, fn), { name: 'TypeError' });
    }
    assert.deepEqual([held.count, (lone.labels() as typeof held).count], [0, 0]);
  }
});
