// Installs the packages that spec/downstream drives: `node .ci/downstream.mjs FOLDER`. Build first (`node .ci/build.mjs`).
//
// Two trees of the same packages, each with a package.json as its user would write it:
//   FOLDER/prom-client  on prom-client itself
//   FOLDER/override     with `"prom-client": "file:../finpilot-metrics.tgz"`, this checkout packed by npm
// Both have `"overrides": { "prom-client": "$prom-client" }`, so that whatever asks for prom-client gets that one.
//
// The first run installs 350 packages twice, in a minute; a later one puts the newly packed library into the second tree.
// Then `FINPILOT_DOWNSTREAM=FOLDER node .ci/test.mjs spec/downstream spec/drop-in spec/docs/frameworks`.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TARBALL = 'finpilot-metrics.tgz';
const root = fileURLToPath(new URL('..', import.meta.url));

const [folderName] = process.argv.slice(2);
if (folderName === undefined) fail('Cannot install: expected the folder to install into. Usage: node .ci/downstream.mjs FOLDER');
const folder = resolve(folderName);
const about = JSON.parse(readFileSync(join(root, 'spec', 'downstream', 'package.json'), 'utf8'));

mkdirSync(folder, { recursive: true });
pack();
install('prom-client', about.dependencies['prom-client']);
install('override', `file:../${TARBALL}`);

function pack() {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.tgz'))) rmSync(join(folder, name));
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  renameSync(join(folder, packed), join(folder, TARBALL));
}

function install(name, promClient) {
  const tree = join(folder, name);
  mkdirSync(tree, { recursive: true });
  const dependencies = { ...about.dependencies, 'prom-client': promClient };
  const packageJson = { ...about, dependencies, overrides: { 'prom-client': '$prom-client' } };
  writeFileSync(join(tree, 'package.json'), JSON.stringify(packageJson, undefined, 2));
  // Else npm keeps the one that it has: the name of the tarball is the same.
  if (name === 'override') rmSync(join(tree, 'node_modules', 'prom-client'), { recursive: true, force: true });
  npm(tree, 'install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
}

function npm(cwd, ...args) {
  // npm is a .cmd file on Windows, which only a shell can start.
  const { status, error, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) fail(`Cannot install: expected \`npm ${args[0]}\` to succeed in ${cwd}, got ${error?.message ?? stderr}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
