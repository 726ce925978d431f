import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { PasswordHash } from '../server/guard/auth-options.ts';

const MIN_LENGTH = 8;

/**
 * Reads a password, the first line of standard input, and prints its hash for the `auth.users` of a server. At a terminal
 * it asks for the password and does not show it. Returns the exit code.
 */
export async function hashPassword(): Promise<number> {
  const { isTTY = false } = process.stdin;
  if (isTTY) process.stderr.write('Password: ');
  const password = await firstLine(isTTY);
  if (isTTY) process.stderr.write('\n');
  if (password.length < MIN_LENGTH) {
    const got = `one of ${password.length}`;
    console.error(`Cannot hash the password: expected one of at least ${MIN_LENGTH} characters, got ${got}.`);
    return 1;
  }
  if (password.includes('\0')) {
    console.error('Cannot hash the password: expected text, got a NUL character in it.');
    return 1;
  }
  console.log(String(await PasswordHash.create(password)));
  return 0;
}

async function firstLine(isTerminal: boolean): Promise<string> {
  // readline echoes what is typed; discarding its output hides the password.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}
