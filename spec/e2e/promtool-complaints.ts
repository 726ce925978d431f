import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { deadline } from '../support/deadline.ts';
import type { RealProgram } from '../support/real-system.ts';

/** Resolves to the lines that `promtool check metrics` prints about an exposition; the last one says so if it failed. */
export async function promtoolComplaints(promtool: RealProgram, exposition: string): Promise<string[]> {
  const child = spawn(promtool.path, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'], timeout: deadline(30) });
  child.stdin.on('error', () => undefined); // it has ended before it read everything: its exit code will tell
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  child.stdin.end(exposition);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const lines = output.split('\n').filter((line) => line !== '');
  // 0: nothing to say. 3: said something. Anything else is a failure, even if it says nothing.
  if (code !== 0 && (code !== 3 || lines.length === 0)) lines.push(`ended by ${signal ?? `exit code ${code}`}`);
  return lines;
}
