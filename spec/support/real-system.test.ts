import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findPrograms } from './real-system.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

function writeProgram(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), '#!/bin/sh\n');
  chmodSync(join(folder, name), 0o755);
}

test('findPrograms() finds every version in the folder, the newest first, and a link to one of them once', (t) => {
  const folder = temporaryFolder(t);
  const bin = join(folder, 'bin');
  writeProgram(bin, 'promtool2');
  writeProgram(bin, 'promtool3');
  symlinkSync('promtool3', join(bin, 'promtool'));
  assert.deepEqual(findPrograms('promtool', { FINPILOT_REAL_SYSTEMS: folder }), [
    { name: 'promtool3', path: join(bin, 'promtool3') },
    { name: 'promtool2', path: join(bin, 'promtool2') },
  ]);
});

test('findPrograms() looks in PATH for what the folder does not hold', (t) => {
  const folder = temporaryFolder(t);
  const inPath = join(folder, 'in-path');
  writeProgram(inPath, 'promtool');
  const found = { name: 'promtool', path: join(inPath, 'promtool') };
  assert.deepEqual(findPrograms('promtool', { PATH: `/does/not/exist:${inPath}` }), [found]);

  const bin = join(folder, 'bin');
  writeProgram(bin, 'promtool3');
  assert.deepEqual(findPrograms('promtool', { PATH: inPath, FINPILOT_REAL_SYSTEMS: folder }), [
    { name: 'promtool3', path: join(bin, 'promtool3') },
    found,
  ]);
});

test('findPrograms() finds neither folders nor files that cannot be run', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'promtool'));
  writeFileSync(join(folder, 'promtool2'), '');
  assert.deepEqual(findPrograms('promtool', { PATH: folder }), []);
  assert.deepEqual(findPrograms('promtool', {}), []);
});

/** Runs a spec that needs a program which no machine has. */
function runSpecOfMissingProgram(folder: string, isRequired: boolean): ProgramResult {
  const module = fileURLToPath(new URL(`./real-system${extname(import.meta.url)}`, import.meta.url));
  const script = `
    import { testOnEach } from ${JSON.stringify(module)};
    testOnEach('no-such-program', 'It works', () => undefined);
  `;
  const args = ['--test-reporter=tap', '--input-type=module', '-e', script];
  const environment = { FINPILOT_REAL_SYSTEMS: folder, FINPILOT_REQUIRE_REAL_SYSTEMS: isRequired ? '1' : '0' };
  return runProgram(process.execPath, args, folder, environment);
}

test('testOnEach() skips what it has no program for, and says so', (t) => {
  const { status, stdout, stderr } = runSpecOfMissingProgram(temporaryFolder(t), false);
  const reason = 'expected the program no-such-program in $FINPILOT_REAL_SYSTEMS/bin or $PATH, got none';
  assert.equal(status, 0);
  assert.equal(stderr, `NOT TESTED: It works: ${reason}.\n`);
  assert.ok(stdout.includes(`It works`) && stdout.includes(`# SKIP ${reason}`), stdout);
});

test('testOnEach() fails without a program when real systems are required', (t) => {
  const { status, stdout } = runSpecOfMissingProgram(temporaryFolder(t), true);
  assert.equal(status, 1);
  assert.match(stdout, /Cannot test: expected the program no-such-program .* Install it \(\.ci\/real-systems\.sh/);
});
