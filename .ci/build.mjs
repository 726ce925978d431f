// Makes a checkout buildable and builds it: `node .ci/build.mjs`.
//
// 1. Runs `npm install` at the root, in .ci/bundle, and in .ci/yaml, which specs use, unless every dependency is installed
//    in the version that is named.
// 2. Removes dist/, so that no output of a removed source stays.
// 3. Runs the installed compiler with tsconfig.json, which writes dist/, and with lib/page/tsconfig.json, which checks the
//    browser's part of the page. What the server serves of it is made by `npm run page` (page.mjs).
// 4. Bundles the entries into dist/bundle, which package.json exports (.ci/bundle/bundle.mjs).
//
// Prints nothing but the compiler's messages when there is nothing to install. Exit code 1 with a message when a step
// fails. Needs Node and npm only; runs on every Node that the package supports, from any working directory.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundler = join(root, '.ci', 'bundle');

installMissing(root);
installMissing(bundler);
installMissing(join(root, '.ci', 'yaml'));
rmSync(join(root, 'dist'), { recursive: true, force: true });
compile('tsconfig.json');
compile(join('lib', 'page', 'tsconfig.json'));
const { bundle } = await import('./bundle/bundle.mjs'); // only now: it needs what has just been installed
await bundle(root);

/** Installs the dependencies that a folder's package.json pins, unless they are there. */
function installMissing(folder) {
  const missing = missingDependencies(folder);
  if (missing.length === 0) return;
  console.log(`installing ${missing.join(', ')}`);
  const install = ['install', '--include=dev', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  // npm is a .cmd file on Windows, which only a shell can start.
  run('npm', install, 'install the development dependencies', { cwd: folder, shell: process.platform === 'win32' });
  const stillMissing = missingDependencies(folder);
  if (stillMissing.length > 0) {
    fail(`Cannot build: expected npm to install ${stillMissing.join(', ')}. Remove node_modules and try again.`);
  }
}

function compile(project) {
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', project], `compile ${project}`);
}

/** The pinned dependencies of a folder's package that are not there in exactly their version, as `name@version`. */
function missingDependencies(folder) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name, version]) => installedVersion(folder, name) !== version)
    .map(([name, version]) => `${name}@${version}`);
}

function installedVersion(folder, name) {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch (error) {
    // Not there, or cut off by an interrupted install: both are mended by installing.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function run(program, args, purpose, options = {}) {
  const { error, status, signal } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (status === 0) return;
  const outcome = error?.message ?? (signal === null ? `exit code ${status}` : `signal ${signal}`);
  const command = [program, ...args].join(' ');
  fail(`Cannot ${purpose}: expected \`${command}\` to succeed, got ${outcome}. See the messages above.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
