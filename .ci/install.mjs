// Installs the packages of a folder as its lock file has them: `install(folder)`, unless they are all there already.
//
// The root depends on the compiler, its types for Node and the coverage tool. Every other tool lives in a private package of
// its own below .ci, spec or bench, so that users and the root never install it. Exits with code 1 and a message on failure.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs `npm ci` in `folder` if a dependency that its package.json pins is missing or has another version. */
export function install(folder) {
  const missing = missingDependencies(folder);
  if (missing.length === 0) return;
  console.log(`installing ${missing.join(', ')}`);
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  // npm is a .cmd file on Windows, which only a shell can start.
  const { error, status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const stillMissing = missingDependencies(folder);
  if (status === 0 && stillMissing.length === 0) return;
  const outcome = error?.message ?? (status === 0 ? `no ${stillMissing.join(', ')}` : `exit code ${status}`);
  console.error(
    `Cannot install in ${folder}: expected \`npm ${args.join(' ')}\` to succeed, got ${outcome}. Remove node_modules and try again.`,
  );
  process.exit(1);
}

/** The pinned dependencies that are not installed in exactly their version, as `name@version`. */
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
    // Absent, or cut short by an interrupted install: installing repairs both.
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
