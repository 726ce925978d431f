import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PasswordHash } from '../../lib/server/guard/auth-options.ts';

const cli = fileURLToPath(new URL(`../../lib/cli/index${extname(import.meta.url)}`, import.meta.url));

function run(args: readonly string[], input: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('hash-password prints the hash of the first line of standard input', async () => {
  for (const input of ['open sesame', 'open sesame\n', 'open sesame\r\nmore\n']) {
    const { status, stdout, stderr } = run(['hash-password'], input);
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(await PasswordHash.parse(stdout.trim(), 'it').verify('open sesame'), true);
  }
});

test('hash-password refuses a password that is too short, and does not show it', () => {
  for (const input of ['', '\n', 'sesame1']) {
    const { status, stdout, stderr } = run(['hash-password'], input);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^Cannot hash the password: expected one of at least 8 characters, got one of \d\.\n$/);
  }
});

test('hash-password refuses a NUL character, which scrypt would take for the end of the password', () => {
  const { status, stdout, stderr } = run(['hash-password'], 'open sesame\0\n');
  assert.deepEqual(
    [status, stdout, stderr],
    [1, '', 'Cannot hash the password: expected text, got a NUL character in it.\n'],
  );
});

test('the command of the package says how it is used when it is not understood', () => {
  for (const args of [[], ['--help'], ['constructor']]) {
    const { status, stdout, stderr } = run(args, '');
    assert.deepEqual([status, stdout, stderr], [2, '', 'Usage: npx @finpilot/metrics bench | hash-password\n']);
  }
});
