import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInTree, TREES, type Tree, treeFolder, whyNoTrees } from '../downstream/trees.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';

// prom-client 15.1.3 and this library side by side: the same program, run in a tree of packages on each.

interface Behaviours {
  readonly names: readonly string[];
  readonly results: Readonly<Record<string, unknown>>;
}

const skip = whyNoTrees();
const [onPromClient, onOurs] =
  skip === false ? TREES.map((tree) => runInTree(tree, 'behaviours.cjs') as Behaviours) : [];

test('The main entry has all names of prom-client', { skip }, () => {
  const names = new Set(onOurs!.names);
  assert.equal(onPromClient!.names.length, 16);
  assert.deepEqual(
    onPromClient!.names.filter((name) => !names.has(name)),
    [],
  );
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

test('The main entry has all types of prom-client', { skip }, () => {
  const declarations = readFileSync(
    join(treeFolder('prom-client'), 'node_modules', 'prom-client', 'index.d.ts'),
    'utf8',
  );
  const types = [...declarations.matchAll(/^(?:export )?(?:class|type|interface|enum) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
  assert.ok(types.length > 30);
  const inNamespaces = [...declarations.matchAll(/^(?:export )?namespace (\w+) \{([^]*?)^\}/gm)].flatMap(
    ([, owner = '', body = '']) =>
      [...body.matchAll(/^\tinterface (\w+)(<)?/gm)].map(([, name, bracket]) => ({ owner, name, bracket })),
  );
  assert.equal(inNamespaces.length, 7);
  const program = [
    "import type * as client from 'prom-client';",
    ...types.map((name) => `export type { ${name} } from 'prom-client';`),
    ...inNamespaces.map(
      ({ owner, name, bracket }) =>
        `export type ${owner}${name} = client.${owner}.${name}${bracket ? '<string>' : ''};`,
    ),
  ].join('\n');
  writeFileSync(join(treeFolder('override'), 'type-names.ts'), program);
  assert.equal(compile('override', 'type-names.ts'), '');
});

for (const program of ['typed-program.ts', 'typed-packages.ts']) {
  test(`A TypeScript program compiles against the types of prom-client and of the main entry: ${program}`, {
    skip,
  }, () => {
    for (const tree of TREES) {
      copyFileSync(join(packageRoot(), 'spec', 'downstream', 'programs', program), join(treeFolder(tree), program));
      assert.equal(compile(tree, program), '', tree);
    }
  });
}

test('A TypeScript program in the shapes of public ones compiles, and exposes the same on both', { skip }, () => {
  const program = 'typed-patterns.ts';
  const [expected, got] = TREES.map((tree) => {
    copyFileSync(join(packageRoot(), 'spec', 'downstream', 'programs', program), join(treeFolder(tree), program));
    assert.equal(compile(tree, program, '--outDir compiled'), '', tree);
    const compiled = join('compiled', program.replace('.ts', '.js'));
    const { status, stdout, stderr } = runProgram(process.execPath, [compiled], treeFolder(tree));
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  });
  assert.ok(Object.keys(expected!).length >= 15);
  assert.deepEqual(got, expected);
});

/** What the compiler of the checkout says of a program in a tree, the types of its packages included. */
function compile(tree: Tree, program: string, output = '--noEmit'): string {
  const root = packageRoot();
  const options = `--ignoreConfig ${output} --strict --module nodenext --moduleDetection force --target es2023 --pretty false`;
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
  const tsc = [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...options.split(' '), ...types, program];
  return runProgram(process.execPath, tsc, treeFolder(tree)).stdout;
}
