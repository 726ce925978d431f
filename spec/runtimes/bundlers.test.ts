import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { copyPrograms, treeFolder, whyNoTree } from './trees.ts';

// Bundlers, each with a program that uses all of the package and with one that uses a counter. What they write is run, and
// its size is held to a budget: in bytes, minified, for Node. docs/environments.md publishes the budgets.

/** What a program costs that uses nothing but `Counter`: `initial` loads at once, `total` is what it may load later too. */
const BUDGET = { initial: 37_000, initialGzipped: 13_200, total: 84_600 };
/** How much more it may be if the program imports the main entry. */
const MAIN_ENTRY = 1.2;

interface Sizes {
  readonly total: number;
  readonly initial: number;
  readonly initialGzipped: number;
}

const skip = whyNoTree('bundlers');
const output = join(treeFolder('bundlers'), 'bundles');

/** Bundles a program with each bundler, checks what the bundles print, and returns their sizes. */
function bundle(program: string, expected: string): Readonly<Record<string, Sizes>> {
  const programs = copyPrograms('bundlers', 'bundlers');
  const { status, stdout, stderr } = runProgram(process.execPath, ['build.mjs', output, program], programs);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const sizes = JSON.parse(stdout) as Record<string, Sizes>;
  for (const bundler of Object.keys(sizes)) {
    const folder = join(output, program, bundler);
    const file = readdirSync(folder).find((name) => /^main\.c?js$/.test(name))!;
    const run = runProgram(process.execPath, [file], folder);
    assert.deepEqual([bundler, run.stdout, run.stderr], [bundler, `${expected}\n`, '']);
  }
  return sizes;
}

test('esbuild, rollup, webpack and Vite bundle a program without a warning, and it works', { skip }, () => {
  const sizes = bundle('program', '[true,true,true,true,"Error"]');
  assert.deepEqual(Object.keys(sizes), ['esbuild', 'esbuild-cjs', 'esbuild-splitting', 'rollup', 'webpack', 'vite']);
});

test('A metrics thread works from bundles, with its file as a second entry', { skip }, () => {
  const sizes = bundle('thread', '["reported_total 2","shared_total 3"]');
  assert.equal(Object.keys(sizes).length, 6);
});

test('A bundle with nothing but Counter is within its budget, and almost the same from the main entry', {
  skip,
}, () => {
  const fromCore = bundle('core-counter', '3');
  const fromMain = bundle('counter', '3');
  for (const [bundler, core] of Object.entries(fromCore)) {
    const main = fromMain[bundler]!;
    // Without splitting, what may load later is in the one file.
    const isOneFile = core.initial === core.total;
    if (!isOneFile) {
      assert.ok(core.initial <= BUDGET.initial, `${bundler}: ${core.initial} bytes`);
      assert.ok(core.initialGzipped <= BUDGET.initialGzipped, `${bundler}: ${core.initialGzipped} bytes gzipped`);
    }
    assert.ok(core.total <= BUDGET.total, `${bundler}: ${core.total} bytes`);
    assert.ok(main.initial <= MAIN_ENTRY * core.initial, `${bundler}: ${main.initial} and ${core.initial} bytes`);
    // With splitting, esbuild writes what the program could import, but never does; it is not loaded.
    if (bundler === 'esbuild-splitting') continue;
    assert.ok(main.total <= MAIN_ENTRY * core.total, `${bundler}: ${main.total} and ${core.total} bytes`);
  }
});

test('docs/environments.md has the budget of a bundle', () => {
  const text = readFileSync(join(packageRoot(), 'docs', 'environments.md'), 'utf8');
  const row = Object.values(BUDGET).map((bytes) => bytes.toLocaleString('en-US'));
  assert.ok(text.includes(`| ${row.join(' | ')} |`), row.join(', '));
});
