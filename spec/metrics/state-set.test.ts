import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry, PrometheusExporter, StateSet } from '../../lib/core.ts';
import { untyped } from '../support/refused-numbers.ts';

const STATES = ['waiting', 'running', 'done'] as const;

/** The states that are on, by the labels before them. */
function on(stateSet: {
  readonly series: readonly { readonly labelValues: readonly string[]; readonly value: number }[];
}): string[] {
  return stateSet.series.filter(({ value }) => value === 1).map(({ labelValues }) => labelValues.join('/'));
}

test('StateSet exposes every state from the start, all off', async () => {
  const registry = new MetricsRegistry();
  new StateSet({ name: 'phase', help: 'P.', states: STATES, registers: [registry] });
  assert.equal(
    await registry.metrics(),
    '# HELP phase P.\n# TYPE phase gauge\nphase{phase="waiting"} 0\nphase{phase="running"} 0\nphase{phase="done"} 0\n',
  );
});

test('StateSet.select() turns one state on and the others off, StateSet.set() one alone', () => {
  const phase = new StateSet({ name: 'phase', help: 'P.', states: STATES, registers: [] });
  phase.select('running');
  assert.deepEqual(on(phase), ['running']);
  phase.set('done', true);
  assert.deepEqual(on(phase), ['running', 'done']);
  phase.set('running', false);
  phase.set('running', false);
  assert.deepEqual(on(phase), ['done']);
  phase.select('done');
  assert.deepEqual(on(phase), ['done']);
  phase.clear();
  assert.deepEqual([on(phase), phase.series.length], [[], 3]);
});

test('StateSet with labels has all states of each label set', () => {
  const phase = new StateSet({ name: 'phase', help: 'P.', states: STATES, labelNames: ['job'], registers: [] });
  assert.equal(phase.series.length, 0);
  phase.select({ job: 'a' }, 'running');
  phase.set({ job: 'b' }, 'done', true);
  assert.equal(phase.series.length, 6);
  assert.deepEqual(on(phase), ['a/running', 'b/done']);
  assert.equal(phase.remove({ job: 'a' }), true);
  assert.equal(phase.remove('a'), false);
  assert.deepEqual([on(phase), phase.series.length], [['b/done'], 3]);
  assert.equal(phase.remove('b'), true);
  phase.select({ job: 'c' }, 'waiting');
  phase.clear();
  assert.equal(phase.series.length, 0);
});

test('StateSet refuses states, values and labels that are none, and leaves what there is', () => {
  const phase = new StateSet({ name: 'phase', help: 'P.', states: STATES, labelNames: ['job'], registers: [] });
  phase.select({ job: 'a' }, 'running');
  const loose = phase as unknown as { set(...args: unknown[]): void; select(...args: unknown[]): void };
  assert.throws(() => loose.select({ job: 'a' }, 'lost'), {
    name: 'RangeError',
    message: 'Cannot set a state of "phase": expected "waiting", "running", "done", got "lost".',
  });
  assert.throws(() => loose.set({ job: 'a' }, 'done', 1), {
    name: 'TypeError',
    message: 'Cannot set a state of "phase": expected true or false, got 1.',
  });
  assert.throws(() => loose.select({ jobs: 'a' }, 'done'), { name: 'RangeError', message: /got label "jobs"/ });
  assert.deepEqual([on(phase), phase.series.length], [['a/running'], 3]);
});

test('StateSet refuses states that are no strings or not distinct, and a name that no label can have', () => {
  for (const states of [undefined, [], ['a', 'a'], ['a', 1], 'ab']) {
    assert.throws(() => new StateSet({ name: 'phase', help: 'P.', states: states as never, registers: [] }), {
      name: 'TypeError',
      message: /expected states as an array/,
    });
  }
  assert.throws(() => new StateSet({ name: 'a:b', help: 'P.', states: ['on'], registers: [] }), {
    name: 'RangeError',
    message: /without ":"/,
  });
  assert.throws(
    () => new StateSet({ name: 'a', help: 'P.', states: ['on'], labelNames: ['a'], registers: [] }),
    /expected each label name once/,
  );
});

test('StateSet has the state in a label of its name as exposed, prefix and all', async () => {
  const registry = new MetricsRegistry({ prefix: 'shop_' });
  new StateSet({ name: 'phase', help: 'P.', states: ['on'], registers: [registry] }).select('on');
  const text = new TextDecoder().decode(await new PrometheusExporter(registry).render('application/openmetrics-text'));
  assert.equal(text, '# HELP shop_phase P.\n# TYPE shop_phase stateset\nshop_phase{shop_phase="on"} 1\n# EOF\n');
});

test('StateSet.remove() leaves the states of a set without labels, and refuses unknown labels', async () => {
  const registry = new MetricsRegistry();
  const phase = new StateSet({ name: 'phase', help: 'P.', states: ['a', 'b'], registers: [registry] });
  phase.select('b');
  assert.equal(untyped(phase, 'remove')(), false);
  assert.equal(untyped(phase, 'remove')({}), false);
  assert.throws(() => untyped(phase, 'remove')({ job: 'x' }), /got label "job"/);
  assert.throws(() => untyped(phase, 'remove')('x'), /expected 1 label values/);
  assert.equal(
    await registry.metrics(),
    `# HELP phase P.
# TYPE phase gauge
phase{phase="a"} 0
phase{phase="b"} 1
`,
  );
});
