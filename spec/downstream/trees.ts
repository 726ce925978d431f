import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';

/** On prom-client itself, and on this library in its place. */
export const TREES = ['prom-client', 'override'] as const;

/** One of the two trees of packages that `.ci/downstream.mjs` installs. */
export type Tree = (typeof TREES)[number];

const folder = process.env['FINPILOT_DOWNSTREAM'] ?? '';

/** Why the packages cannot be driven, for the `skip` of a test; false if they can. With `FINPILOT_REQUIRE_DOWNSTREAM=1` never skips. */
export function whyNoTrees(): string | false {
  const isThere = folder !== '' && TREES.every((tree) => existsSync(join(folder, tree, 'node_modules', 'prom-client')));
  if (isThere || process.env['FINPILOT_REQUIRE_DOWNSTREAM'] === '1') return false;
  return 'expected packages in $FINPILOT_DOWNSTREAM, got none: run `node .ci/downstream.mjs FOLDER`';
}

/** Why Next.js cannot be run, for the `skip` of a test; false if it can. */
export function whyNoNext(): string | false {
  if (folder !== '' && existsSync(join(treeFolder('next'), 'node_modules', 'next'))) return false;
  return 'expected Next.js in $FINPILOT_DOWNSTREAM, got none: run `node .ci/downstream.mjs FOLDER --next`';
}

/** The folder of a tree, or of the one with Next.js. */
export function treeFolder(tree: Tree | 'next'): string {
  return join(folder, tree);
}

/** Runs one of `spec/downstream/programs` in a tree, with `input` to read, and returns the JSON that it prints. Fails if it does. */
export function runInTree(tree: Tree, program: string, args: readonly string[] = [], input = ''): unknown {
  const all = [join(programsIn(tree), program), ...args];
  const { status, stdout, stderr } = runProgram(process.execPath, all, treeFolder(tree), {}, input);
  if (status !== 0) throw new Error(`${program} on ${tree}: expected exit code 0, got ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const copies = new Map<Tree, string>();

/** A copy of the programs in a tree, where they find its packages. Of this process alone, since test files run side by side. */
function programsIn(tree: Tree): string {
  const known = copies.get(tree);
  if (known !== undefined) return known;
  const copy = mkdtempSync(join(treeFolder(tree), 'programs-'));
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  cpSync(join(packageRoot(), 'spec', 'downstream', 'programs'), copy, { recursive: true });
  copies.set(tree, copy);
  return copy;
}
