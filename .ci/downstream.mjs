// Installs the packages that spec/downstream drives: `node .ci/downstream.mjs FOLDER [--next]`. Build first
// (`node .ci/build.mjs`).
//
// Two trees of the same packages, each with a package.json as its user would write it:
//   FOLDER/prom-client  on prom-client itself
//   FOLDER/override     with `"prom-client": "file:../finpilot-metrics.tgz"`, this checkout packed by npm
// Both have `"overrides": { "prom-client": "$prom-client" }`, so that whatever asks for prom-client gets that one.
// With --next also FOLDER/next: Next.js and this checkout, for the recipe of docs/frameworks.md.
//
// The first run installs 350 packages twice, in a minute; a later one puts the newly packed library into the trees that have it.
// Then `FINPILOT_DOWNSTREAM=FOLDER node .ci/test.mjs spec/downstream spec/prom-client spec/docs/frameworks`.
//
// .ci/run does without Next.js, whose specs are skipped then: to install it and to run them takes almost a minute more.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TARBALL = 'finpilot-metrics.tgz';
const PACKED = `file:../${TARBALL}`;
const root = fileURLToPath(new URL('..', import.meta.url));

const { values: options, positionals } = parseArgs({ options: { next: { type: 'boolean' } }, allowPositionals: true });
const [folderName] = positionals;
if (folderName === undefined)
  fail('Cannot install: expected the folder to install into. Usage: node .ci/downstream.mjs FOLDER [--next]');
const folder = resolve(folderName);

mkdirSync(folder, { recursive: true });
pack();
const users = packageOf('spec', 'downstream');
const overrides = { 'prom-client': '$prom-client' };
install('prom-client', { ...users, overrides });
install('override', { ...withPacked(users, 'prom-client'), overrides });
// A tree that is there shall not keep the library of an earlier run.
if (options.next || existsSync(join(folder, 'next')))
  install('next', withPacked(packageOf('spec', 'downstream', 'next'), '@finpilot/metrics'));

function pack() {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.tgz'))) rmSync(join(folder, name));
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  renameSync(join(folder, packed), join(folder, TARBALL));
}

function packageOf(...path) {
  return JSON.parse(readFileSync(join(root, ...path, 'package.json'), 'utf8'));
}

/** The package with what was packed as its dependency of that name. */
function withPacked(packageJson, name) {
  return { ...packageJson, dependencies: { ...packageJson.dependencies, [name]: PACKED } };
}

function install(name, packageJson) {
  const tree = join(folder, name);
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, 'package.json'), JSON.stringify(packageJson, undefined, 2));
  for (const [dependency, version] of Object.entries(packageJson.dependencies)) {
    // Else npm keeps the one that it has: the name of the tarball is the same.
    if (version === PACKED) rmSync(join(tree, 'node_modules', dependency), { recursive: true, force: true });
  }
  npm(tree, 'install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
}

function npm(cwd, ...args) {
  // npm is a .cmd file on Windows, which only a shell can start.
  const { status, error, stderr } = spawnSync('npm', args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    fail(`Cannot install: expected \`npm ${args[0]}\` to succeed in ${cwd}, got ${error?.message ?? stderr}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
