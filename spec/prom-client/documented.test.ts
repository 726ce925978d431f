import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInTree, type Tree, whyNoTrees } from '../downstream/trees.ts';
import { DEVIATIONS } from './differential/deviations.ts';

// The same assertions on prom-client 15.1.3, on @prometheus-io/client 0.16.1 and on this library: one or more for each sentence of
// prom-client's README and types. spec/downstream/programs/documented.cjs has them.

/** Sentences that do not hold, by the row of docs/migrating-from-prom-client.md that says why. */
const DIFFERENT_HERE: Readonly<Record<string, string>> = {
  'The percentiles of an empty window are 0': 'quantiles without an observation',
  'zero(), as the README shows it: with a label that labelNames does not have': 'zero() with an unknown label',
};
const DIFFERENT_ON_SUCCESSOR: readonly string[] = [
  'zero(), as the README shows it: with a label that labelNames does not have',
];

const skip = whyNoTrees();

test('The assertions on what prom-client documents hold on prom-client itself', { skip }, () => {
  assertFailures('prom-client', 'prom-client', []);
  assertFailures('prom-client', '@prometheus-io/client', DIFFERENT_ON_SUCCESSOR);
});

test('The main entry does what prom-client documents, except for the known deviations', { skip }, () => {
  assertFailures('override', 'prom-client', Object.keys(DIFFERENT_HERE));
  const known = new Set(DEVIATIONS.map(({ name }) => name));
  for (const row of Object.values(DIFFERENT_HERE)) assert.ok(known.has(row), row);
});

/** Which sentences do not hold on a library. */
function assertFailures(tree: Tree, module: string, expected: readonly string[]): void {
  const outcomes = runInTree(tree, 'documented.cjs', [module]) as Readonly<Record<string, string | null>>;
  assert.ok(Object.keys(outcomes).length >= 60);
  const failures = Object.entries(outcomes).filter(([, message]) => message !== null);
  const sentences = failures.map(([sentence]) => sentence);
  assert.deepEqual(sentences, expected, `${module} in ${tree}: ${JSON.stringify(failures, null, 2)}`);
}
