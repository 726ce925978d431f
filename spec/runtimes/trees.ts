import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { type ProgramResult, runProgram } from '../support/run-program.ts';

/** A tree of packages that `.ci/runtimes.mjs` installs: a folder of spec/runtimes with a package.json. */
export type Tree =
  | 'jest29'
  | 'nest11'
  | 'nest12'
  | 'types'
  | 'bundlers'
  | 'hosts'
  | 'kubernetes'
  | 'frameworks'
  | 'tracing';

const folder = process.env['FINPILOT_RUNTIMES'] ?? '';

/** Why a tree cannot be used, for the `skip` of a test; false if it can. With `FINPILOT_REQUIRE_RUNTIMES=1` never skips. */
export function whyNoTree(tree: Tree): string | false {
  if (folder !== '' && existsSync(join(treeFolder(tree), 'node_modules', '@finpilot', 'metrics'))) return false;
  if (process.env['FINPILOT_REQUIRE_RUNTIMES'] === '1') return false;
  return 'expected tools in $FINPILOT_RUNTIMES, got none: run `node .ci/runtimes.mjs FOLDER`';
}

export function treeFolder(tree: Tree): string {
  return join(folder, tree);
}

/** Copies a folder of spec/runtimes/programs into a tree, and returns where it is. */
export function copyPrograms(tree: Tree, name: string): string {
  const copy = join(treeFolder(tree), 'programs', name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(packageRoot(), 'spec', 'runtimes', 'programs', name), copy, { recursive: true });
  return copy;
}

/** Runs a program of Node's that a package of the tree brings: `runTool('jest29', 'jest/bin/jest.js', ['--json'])`. */
export function runTool(tree: Tree, script: string, args: readonly string[], at = treeFolder(tree)): ProgramResult {
  return runProgram(process.execPath, [join(treeFolder(tree), 'node_modules', script), ...args], at);
}
