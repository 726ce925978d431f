import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchOf, cutOff, LabelBranch, LabelTree, prune } from '../../lib/metrics/child.ts';
import { Counter } from '../../lib/metrics/counter.ts';

function createRoot(): LabelBranch {
  return new LabelBranch(new LabelTree('x', (child) => child, false, undefined), '');
}

test('LabelBranch finds the nodes that were added, until they are deleted', () => {
  const root = createRoot();
  assert.equal(root.isEmpty, true);
  assert.equal(root.get('a'), undefined);
  root.delete('a');
  const [a, b] = [{}, {}];
  root.add('a', a);
  assert.deepEqual([root.get('a'), root.get('b'), root.isEmpty], [a, undefined, false]);
  root.delete('b');
  assert.equal(root.get('a'), a);
  root.add('b', b);
  assert.equal(root.get('a'), a);
  assert.equal(root.get('b'), b);
  root.delete('a');
  assert.deepEqual([root.get('a'), root.isEmpty], [undefined, false]);
  root.delete('b');
  assert.equal(root.isEmpty, true);
  root.add('c', a);
  root.delete('c');
  assert.equal(root.isEmpty, true);
});

test('prune() removes the branches that are then empty, and no others', () => {
  const root = createRoot();
  const [first, second] = [branchOf(root, ['a', 'b', 'c']), branchOf(root, ['a', 'd', 'e'])];
  first.add('c', {});
  second.add('e', {});
  prune(first, 'c');
  assert.deepEqual([root.get('a') === second.parent, (second.parent as LabelBranch).get('b')], [true, undefined]);
  prune(second, 'e');
  assert.equal(root.isEmpty, true);
});

test('cutOff() empties a branch and all above it', () => {
  const root = createRoot();
  const branch = branchOf(root, ['a', 'b', 'c']);
  branch.add('c', {});
  const middle = branch.parent as LabelBranch;
  cutOff(branch);
  assert.deepEqual([branch.isEmpty, middle.isEmpty, root.isEmpty], [true, true, true]);
  cutOff(branch);
});

test('a child knows its label values, and without labels that there are none', () => {
  const options = { name: 'x_total', help: 'X.', registers: [] };
  const [only] = new Counter(options).series;
  assert.deepEqual([only!.labelValues, only!.passedLabelValues, only!.texts], [[], [], []]);
  const counter = new Counter({ ...options, labelNames: ['a', 'b', 'c'] });
  const child = counter.labels(1, 'two', true);
  assert.deepEqual(child.passedLabelValues, [1, 'two', true]);
  assert.deepEqual(child.labelValues, ['1', 'two', 'true']);
  assert.deepEqual(counter.labels('\ud800', 'b', 'c').labelValues, ['\ufffdd800', 'b', 'c']);
  assert.deepEqual(counter.labels('\ud800', 'b', 'c').texts, ['\ud800', 'b', 'c']);
});

test('a child of a metric without idleSeconds never counts as idle', () => {
  assert.equal(new Counter({ name: 'x_total', help: 'X.', registers: [] }).series[0]!.updatedAt, Infinity);
});
