import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyPrograms, runTool, type Tree, treeFolder, whyNoTree } from './trees.ts';

// Test runners load packages in their own way: Jest knows only `require()` and runs modules in a sandbox; Vitest loads packages
// as Node does, or transforms them. Each runs a user's tests (spec/runtimes/programs) with the package as npm installs it.

/** What Jest and Vitest report with `--json` and `--reporter=json`. */
interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly failureMessages: readonly string[] }[];
  }[];
}

/** Runs a test runner that writes a report to `report.json`, and fails with the messages of the tests that failed. */
function runTests(
  tree: Tree,
  script: string,
  args: readonly string[],
  expected: number,
  folder = treeFolder(tree),
): void {
  const file = join(folder, 'report.json');
  rmSync(file, { force: true });
  const { status, stdout, stderr } = runTool(tree, script, [...args, `--outputFile=${file}`], folder);
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    throw new Error(`expected a report, got exit code ${status}: ${stdout}${stderr}`);
  }
  const failures = report.testResults.flatMap(({ message, assertionResults }) =>
    assertionResults.length === 0 ? [message] : assertionResults.flatMap(({ failureMessages }) => failureMessages),
  );
  assert.deepEqual(failures, []);
  assert.deepEqual([report.numPassedTests, report.numTotalTests, status], [expected, expected, 0], stderr);
}

const jest = (tree: Tree, args: readonly string[], expected: number, folder?: string): void =>
  runTests(tree, 'jest/bin/jest.js', ['--json', ...args], expected, folder);
const vitest = (tree: Tree, args: readonly string[], expected: number, folder?: string): void =>
  runTests(tree, 'vitest/vitest.mjs', ['run', '--reporter=json', ...args], expected, folder);

for (const [version, tree] of [
  ['29', 'jest29'],
  ['30', 'nest11'],
] as const) {
  test(`Jest ${version} runs tests of code that uses the package, in its default mode`, {
    skip: whyNoTree(tree),
  }, () => {
    copyPrograms(tree, 'jest');
    jest(tree, ['--rootDir=.', 'programs/jest/'], 11);
  });
}

test('ts-jest compiles tests against the declarations, for CommonJS', { skip: whyNoTree('nest11') }, () => {
  copyPrograms('nest11', 'typescript');
  jest('nest11', ['--config=programs/typescript/jest.config.json', 'programs/typescript/'], 1);
});

test('ts-node runs a program against the declarations, as CommonJS', { skip: whyNoTree('nest11') }, () => {
  const programs = copyPrograms('nest11', 'typescript');
  const { stdout, stderr } = runTool('nest11', 'ts-node/dist/bin.js', [join(programs, 'main.ts')]);
  assert.equal(stderr, '');
  assert.equal(JSON.parse(stdout).orders, 1);
});

test('Vitest runs tests of code that uses the package, as it is and transformed', { skip: whyNoTree('nest12') }, () => {
  copyPrograms('nest12', 'vitest');
  vitest('nest12', ['programs/vitest/'], 6);
  vitest('nest12', ['--config=programs/vitest/inlined.config.mjs', 'programs/vitest/'], 6);
});

for (const [tree, runs] of [
  [
    'nest11',
    [
      (folder: string) => jest('nest11', [], 4, folder),
      (folder: string) => jest('nest11', ['--config=test/jest-e2e.json'], 1, folder),
    ],
  ],
  [
    'nest12',
    [
      (folder: string) => vitest('nest12', [], 4, folder),
      (folder: string) => vitest('nest12', ['--config=vitest.config.e2e.ts'], 1, folder),
    ],
  ],
] as const) {
  test(`The default project of ${tree.replace('nest', 'NestJS ')} runs its tests with the package in prom-client’s place`, {
    skip: whyNoTree(tree),
  }, () => {
    const folder = join(treeFolder(tree), 'shop');
    rmSync(folder, { recursive: true, force: true });
    const generated = runTool(tree, '@angular-devkit/schematics-cli/bin/schematics.js', [
      '@nestjs/schematics:application',
      '--name=shop',
    ]);
    assert.equal(generated.status, 0, generated.stderr);
    cpSync(join(copyPrograms(tree, 'nest'), 'metrics.spec.ts'), join(folder, 'src', 'metrics.spec.ts'));
    for (const run of runs) run(folder);
  });
}
