import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInTree, TREES, whyNoTrees } from '../downstream/trees.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';

const skip = whyNoTrees();
const [there, here] =
  skip === false ? TREES.map((tree) => runInTree(tree, 'differences.cjs') as Record<string, unknown>) : [];

test('Each difference from prom-client that is tried is told here', { skip }, () => {
  assert.deepEqual(Object.keys(here!), Object.keys(KNOWN_DIFFERENCES));
});

for (const [name, expected] of Object.entries(KNOWN_DIFFERENCES)) {
  test(`Difference from prom-client: ${name}`, { skip }, () => {
    assert.deepEqual(there![name], expected.there);
    assert.deepEqual(here![name], expected.here);
  });
}
