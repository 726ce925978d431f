#!/usr/bin/env node
import { bench } from './bench.ts';
import { hashPassword } from './hash-password.ts';

// The command of the package: `npx @finpilot/metrics COMMAND`.

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  bench,
  'hash-password': hashPassword,
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command === undefined) {
  console.error(`Usage: npx @finpilot/metrics ${Object.keys(COMMANDS).join(' | ')}`);
  process.exitCode = 2;
} else process.exitCode = await command(args);
