// Runs the built specs: `node .ci/test.mjs [FILTER…] [--NODE-OPTION…]`. Build first (`node .ci/build.mjs`).
//
// A FILTER keeps the specs whose path contains it (any of them, if several): `registry`, `spec/vendor.test.ts`; with `!`
// before it, it leaves out those whose path contains it: `!spec/e2e`.
// An argument that starts with `--` goes to `node --test`: `--test-name-pattern=inc`.
//
// Installs .ci/yaml if it is missing (install.mjs), then runs dist/spec/**/*.test.js on the Node that runs this file. Exit code:
// the run's; 1 when no spec matches.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join('dist', 'spec');

const nodeOptions = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
// A source path is a filter too, so its extension, which differs from the built file's, does not count.
const filters = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('--'))
  .map((filter) => filter.replace(/\.[jt]s$/, ''));
const unwanted = filters.filter((filter) => filter.startsWith('!')).map((filter) => filter.slice(1));
const wanted = filters.filter((filter) => !filter.startsWith('!'));

const specs = builtSpecs()
  .filter((path) => wanted.length === 0 || wanted.some((filter) => path.includes(filter)))
  .filter((path) => !unwanted.some((filter) => path.includes(filter)));
if (specs.length === 0) {
  const expected = filters.length === 0 ? 'a spec' : `a spec that ${filters.map(quote).join(' ')} leaves`;
  console.error(`Cannot run specs: expected ${expected} in ${folder}, got none. Build first: node .ci/build.mjs`);
  process.exit(1);
}

install(join(root, '.ci', 'yaml'));
const run = spawn(
  process.execPath,
  [
    '--test',
    // Two files at a time: the build machines have two cores, and specs that measure stalls need one of them.
    '--test-concurrency=2',
    // A spec that hangs fails, with its name, instead of holding the run for ever. On a busy machine it may only have to wait.
    `--test-timeout=${Math.ceil(120_000 * Math.max(1, loadavg()[0] / availableParallelism()))}`,
    // Said, because the default without a terminal differs between the versions of Node.
    ...(nodeOptions.some((option) => option.startsWith('--test-reporter')) ? [] : ['--test-reporter=spec']),
    ...nodeOptions,
    ...specs,
  ],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
run.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

/** Paths of the built specs from the root, sorted, with `/` on every system. Node 20 takes no glob after `--test`. */
function builtSpecs() {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => join(folder, path).replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.test.js'))
    .sort();
}

function quote(text) {
  return JSON.stringify(text);
}
