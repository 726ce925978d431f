// Makes a checkout buildable and builds it: `node .ci/build.mjs`.
//
// 1. Installs what is missing at the root and in .ci/bundle (install.mjs).
// 2. Removes dist/, so that no output of a removed source stays.
// 3. Compiles with tsconfig.json, which writes dist/, and with lib/page/tsconfig.json, which checks the browser's part of the
//    page. The server's copy of the page is made by `npm run page` (page.mjs).
// 4. Bundles the entries into dist/bundle, which package.json exports (.ci/bundle/bundle.mjs), and rolls up their declarations
//    (declarations.mjs).
//
// Prints nothing but the compiler's messages when there is nothing to install. Exit code 1 with a message when a step
// fails. Needs Node and npm only; runs on every Node that the package supports, from any working directory.

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inBothFormats, rollUpDeclarations } from './declarations.mjs';
import { ENTRIES } from './entries.mjs';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

install(root);
install(join(root, '.ci', 'bundle'));
rmSync(join(root, 'dist'), { recursive: true, force: true });
compile('tsconfig.json');
compile(join('lib', 'page', 'tsconfig.json'));
const { bundle } = await import('./bundle/bundle.mjs'); // only now: it needs what has just been installed
await bundle(root);
await writeDeclarations();

function compile(project) {
  const args = [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', project];
  const { error, status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  const outcome = error?.message ?? (signal === null ? `exit code ${status}` : `signal ${signal}`);
  const command = [process.execPath, ...args].join(' ');
  console.error(
    `Cannot compile ${project}: expected \`${command}\` to succeed, got ${outcome}. See the messages above.`,
  );
  process.exit(1);
}

async function writeDeclarations() {
  const compiled = Object.entries(ENTRIES).map(([name, source]) => [name, `dist/${source.replace(/\.ts$/, '.d.ts')}`]);
  const declarations = await rollUpDeclarations(root, Object.fromEntries(compiled));
  for (const [name, text] of inBothFormats(declarations, Object.keys(ENTRIES)))
    writeFileSync(join(root, 'dist', 'bundle', name), text);
}
