import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTree, treeFolder, TREES, whyNoTrees } from '../downstream/trees.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';

// prom-client 15.1.3 and this library side by side: the same program, run in a tree of packages on each.

interface Behaviours {
  readonly names: readonly string[];
  readonly results: Readonly<Record<string, unknown>>;
}

/** Names of prom-client's that the main entry does not have: what gathers from several processes, and what pushes. */
const MISSING = ['AggregatorRegistry', 'Pushgateway', 'aggregators'];

const skip = whyNoTrees();
const [onPromClient, onOurs] = skip === false ? TREES.map((tree) => runInTree(tree, 'behaviours.cjs') as Behaviours) : [];

test('The main entry has all names of prom-client but three', { skip }, () => {
  const names = new Set(onOurs!.names);
  assert.equal(onPromClient!.names.length, 16);
  assert.deepEqual(onPromClient!.names.filter((name) => !names.has(name)).sort(), MISSING);
});

test('The main entry does what prom-client does', { skip }, async (t) => {
  assert.deepEqual(Object.keys(onOurs!.results), Object.keys(onPromClient!.results));
  assert.ok(Object.keys(onPromClient!.results).length >= 20);
  for (const [name, result] of Object.entries(onPromClient!.results)) {
    await t.test(name, () => {
      assert.ok(!Object.hasOwn(result as object, 'failed'), JSON.stringify(result));
      assert.deepEqual(onOurs!.results[name], result);
    });
  }
});

test('A TypeScript program compiles against the types of prom-client and of the main entry', { skip }, () => {
  const root = packageRoot();
  const options = '--ignoreConfig --noEmit --strict --module nodenext --moduleDetection force --target es2023 --pretty false';
  for (const tree of TREES) {
    const program = join(treeFolder(tree), 'typed-program.ts');
    copyFileSync(join(root, 'spec', 'downstream', 'programs', 'typed-program.ts'), program);
    const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
    const tsc = [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...options.split(' '), ...types, program];
    assert.equal(runProgram(process.execPath, tsc, treeFolder(tree)).stdout, '', tree);
  }
});
