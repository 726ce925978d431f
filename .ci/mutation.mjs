// Mutation testing of a room of lib: `npm run mutation -- registry|metrics|exposition [--FILE-OR-OPTION…]`.
//
// Changes the source in thousands of small ways, one at a time, and runs the specs that reach the change: a mutant that no
// spec fails for survives, and stands for a fault that nobody would notice. Takes up to hours, so .ci/run does without; what
// has not changed since the last run is not tested again. spec/mutation/README.md explains what survives.
//
// Further arguments go to Stryker: `--mutate lib/metrics/counter.ts`. Stryker needs Node 22, which npx brings along if this
// is an older one.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const ROOMS = ['registry', 'metrics', 'exposition'];
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'spec', 'mutation');

const [room, ...options] = process.argv.slice(2);
if (!ROOMS.includes(room)) {
  console.error(`Cannot test mutants: expected one of ${ROOMS.join(', ')}, got ${JSON.stringify(room ?? '')}.`);
  process.exit(2);
}
install(folder);
const stryker = join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
const args = [stryker, 'run', join('spec', 'mutation', 'stryker.config.mjs'), ...options];
const isOld = Number(process.versions.node.split('.')[0]) < 22;
const [program, programArgs] = isOld ? ['npx', ['-y', 'node@24', ...args]] : [process.execPath, args];
const { status, error } = spawnSync(program, programArgs, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FINPILOT_MUTATION_ROOM: room },
  shell: isOld && process.platform === 'win32',
});
if (error !== undefined) console.error(`Cannot run Stryker: ${error.message}`);
process.exitCode = status ?? 1;
