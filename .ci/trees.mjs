// Trees of packages, as users install them, for the specs that drive other people's packages (.ci/downstream.mjs,
// .ci/runtimes.mjs). A tree is a folder with a package.json and node_modules. Beside the trees is this checkout, packed by npm:
// a tree depends on it as on `file:../finpilot-metrics.tgz`.

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TARBALL = 'finpilot-metrics.tgz';
const PACKED = `file:../${TARBALL}`;
const root = fileURLToPath(new URL('..', import.meta.url));

/** The folder that the command line names for the trees. Makes it if it is missing. */
export function openFolder(name, usage) {
  if (name === undefined) fail(`Cannot install: expected the folder to install into. Usage: ${usage}`);
  const folder = resolve(name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Packs this checkout, as it is built, into the folder of the trees. */
export async function pack(folder) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.tgz'))) rmSync(join(folder, name));
  await npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  renameSync(join(folder, packed), join(folder, TARBALL));
}

/** The package.json of a folder of this repository. */
export function packageOf(...path) {
  return JSON.parse(readFileSync(join(root, ...path, 'package.json'), 'utf8'));
}

/** A package.json with what was packed as its dependency of that name. */
export function withPacked(packageJson, name) {
  return { ...packageJson, dependencies: { ...packageJson.dependencies, [name]: PACKED } };
}

/** Installs the dependencies of a package.json as the tree of that name. One that is there keeps what is right already. */
export async function installTree(folder, name, packageJson) {
  const tree = join(folder, name);
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, 'package.json'), JSON.stringify(packageJson, undefined, 2));
  for (const [dependency, version] of Object.entries(packageJson.dependencies)) {
    // Else npm keeps the one that it has: the name of the tarball is the same.
    if (version === PACKED) rmSync(join(tree, 'node_modules', dependency), { recursive: true, force: true });
  }
  await npm(tree, 'install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
}

function npm(cwd, ...args) {
  return new Promise((resolve) => {
    // npm is a .cmd file on Windows, which only a shell can start.
    execFile('npm', args, { cwd, shell: process.platform === 'win32' }, (error, _, stderr) => {
      if (error === null) return resolve();
      fail(`Cannot install: expected \`npm ${args[0]}\` to succeed in ${cwd}, got ${stderr || error.message}`);
    });
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
