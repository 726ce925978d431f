import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { nextOfSource, SuppliedExemplar } from '../../lib/metrics/supplied-exemplar.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { freshModule } from '../support/fresh-module.ts';
import { turn } from '../support/turn.ts';

interface Module {
  readonly nextOfSource: typeof nextOfSource;
  readonly SuppliedExemplar: typeof SuppliedExemplar;
}

const good = { labels: { trace_id: 'a' }, value: 1, timestampSeconds: 5 };

/** What a source may do, and what the program is told of it. */
const FAULTS: readonly (readonly [text: string, fault: (fresh: Module) => unknown])[] = [
  ['no trace', ({ nextOfSource }) => nextOfSource(sourceOf(new Error('no trace')), 'x', 1, undefined)],
  [
    'expected the value of the update and a Unix time',
    ({ SuppliedExemplar }) => readOf(SuppliedExemplar, { value: 3 }),
  ],
  [
    'expected the value of the update and a Unix time',
    ({ SuppliedExemplar }) => readOf(SuppliedExemplar, { timestampSeconds: -1 }),
  ],
];

function sourceOf(error: Error) {
  return {
    next: () => {
      throw error;
    },
  };
}

function readOf(Supplied: typeof SuppliedExemplar, fault: object) {
  return new Supplied({ ...good, ...fault }, 'x').read(0, 2);
}

test('An exemplar source that fails is reported once, by one process warning that says how', async (t) => {
  const warnings = await collectWarnings(t);
  for (const [text, fault] of FAULTS) {
    const fresh = await freshModule<Module>('metrics/supplied-exemplar');
    for (let i = 0; i < 3; i++) assert.equal(fault(fresh), undefined);
    assert.deepEqual(readOf(fresh.SuppliedExemplar, {}), good);
    await turn();
    assert.deepEqual(
      warnings.map(({ code, message }) => [code, message]),
      [['METRICS_EXEMPLARS', `An exemplar is left out, and others may be: ${text}`]],
    );
    (warnings as unknown[]).length = 0;
  }
});

test('A source that returns promises leaves no rejection unhandled', async (t) => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const { nextOfSource, SuppliedExemplar } = await freshModule<Module>('metrics/supplied-exemplar');
  const rejected = (): never => Promise.reject(new Error('asynchronous')) as never;
  nextOfSource({ next: rejected }, 'x', 1, undefined);
  assert.equal(new SuppliedExemplar({ read: rejected }, 'x').read(0, 2), undefined);
  await turn();
  await turn();
  assert.deepEqual(rejections, []);
});
