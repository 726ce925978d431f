// Copies the library into a user's tree, or checks such a copy. docs/vendoring.md is the page for people.
//
//   npm run vendor -- DIR            builds, then writes the copy into DIR
//   npm run vendor -- --force DIR    the same, also over a copy with local changes, which are lost
//   npm run vendor -- --entry core DIR    only that entry, or several: --entry core --entry push
//   npm run vendor -- --check DIR    lists the files of a copy that were changed, removed or added
//
// DIR is relative to the folder in which the command is typed. What a copy holds: vendored-copy.mjs. Without --entry, a
// copy in DIR keeps its entries, and a new one gets all.
// `--from FOLDER` takes the declarations from that output of the compiler instead of building; specs use it, so as not to
// rebuild the dist/ that they run from.
//
// Exit codes: 0 copied, or intact; 1 the copy in DIR has local changes; 2 DIR is something else than a vendored copy,
// or the arguments are wrong, or a step failed. A folder that is no copy is never overwritten, not even with --force.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENTRIES } from './entries.mjs';
import { differences, fingerprint, MANIFEST, newCopy, readManifest } from './vendored-copy.mjs';

const USAGE = 'npm run vendor -- [--force] [--entry NAME]… DIR, or npm run vendor -- --check DIR';
const root = fileURLToPath(new URL('..', import.meta.url));
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const { folder, shown, isCheck, isForced, compiled, entries } = readArguments();
if (isCheck) check();
else await copy();

function check() {
  const manifest = readManifest(folder, name);
  if (manifest === undefined) {
    fail(`Cannot check ${shown}: expected a vendored copy of ${name} (with its ${MANIFEST}), got ${kindOf(folder)}.`);
  }
  const changes = describeChanges(manifest);
  if (changes.length > 0) {
    console.log(`${shown}: ${name} ${manifest.version} was changed`);
    for (const change of changes) console.log(`  ${change}`);
    process.exit(1);
  }
  const seal = fingerprint(join(folder, MANIFEST));
  console.log(
    `${shown}: ${name} ${manifest.version} is intact, ${manifest.files.length} files, manifest sha256 ${seal}`,
  );
}

async function copy() {
  const replaced = refuseToDestroy();
  if (compiled === undefined) build();
  const from = compiled ?? join(root, 'dist', 'lib');
  if (!existsSync(join(from, 'index.js'))) {
    fail(`Cannot vendor ${name}: expected the compiled library in ${from}, got no index.js. Build it: npm run build`);
  }
  const files = await newCopy(root, from, entries ?? replaced?.entries);
  replaceFolder(files);
  const { version } = JSON.parse(files.get('package.json').toString());
  console.log(`${shown}: ${name} ${version}, ${files.size} files`);
}

/** Returns the manifest of a copy in DIR. Ends the process unless DIR is absent, empty, an intact copy, or a changed copy that --force gives up. */
function refuseToDestroy() {
  if (!existsSync(folder)) return undefined;
  const manifest = readManifest(folder, name);
  if (manifest === undefined) {
    if (kindOf(folder) === 'an empty folder') return undefined;
    fail(
      `Cannot vendor into ${shown}: expected a new or empty folder, or a vendored copy of ${name}, ` +
        `got ${kindOf(folder)}. Name another folder, or empty this one yourself.`,
    );
  }
  const changes = describeChanges(manifest);
  if (changes.length === 0 || isForced) return manifest;
  console.error(`Cannot replace ${shown}: expected an intact copy of ${name} ${manifest.version}, got local changes:`);
  for (const change of changes) console.error(`  ${change}`);
  console.error('Keep them elsewhere, or give them up with --force.');
  process.exit(1);
}

/** Writes a copy beside DIR first and then puts it in DIR's place, so that a failure leaves the old copy whole. */
function replaceFolder(files) {
  // A link is kept, and the folder that it leads to replaced.
  const target = existsSync(folder) ? realpathSync(folder) : folder;
  mkdirSync(dirname(target), { recursive: true });
  const fresh = `${target}.new-${process.pid}`;
  try {
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), bytes);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    fail(`Cannot write ${shown}: ${error.message}`);
  }
}

function build() {
  const { status } = spawnSync(process.execPath, [join(root, '.ci', 'build.mjs')], { stdio: 'inherit' });
  if (status !== 0) fail(`Cannot vendor ${name}: expected the build to succeed. See the messages above.`);
}

function describeChanges(manifest) {
  const { changed, missing, extra } = differences(folder, manifest);
  return [
    ...changed.map((path) => `changed ${path}`),
    ...missing.map((path) => `missing ${path}`),
    ...extra.map((path) => `extra   ${path}`),
  ];
}

function kindOf(path) {
  try {
    const names = readdirSync(path);
    if (names.includes(MANIFEST)) return `a folder whose ${MANIFEST} does not describe one`;
    return names.length === 0 ? 'an empty folder' : 'a folder with something else in it';
  } catch (error) {
    if (error.code === 'ENOENT') return 'nothing';
    if (error.code === 'ENOTDIR') return 'a file';
    throw error;
  }
}

function readArguments() {
  const { values, positionals } = parsed();
  const { check: isCheck = false, force: isForced = false, from, entry: entries } = values;
  if (positionals.length !== 1 || positionals[0] === '') {
    const got = positionals.map((argument) => JSON.stringify(argument)).join(' ') || 'none';
    fail(`Cannot vendor ${name}: expected one folder, got ${got}. Usage: ${USAGE}`);
  }
  if (isCheck && (isForced || from !== undefined || entries !== undefined)) {
    fail(`Cannot vendor ${name}: expected --check alone, got it with another option. Usage: ${USAGE}`);
  }
  for (const entry of entries ?? []) {
    if (Object.hasOwn(ENTRIES, entry)) continue;
    const known = Object.keys(ENTRIES).join(', ');
    fail(`Cannot vendor ${name}: expected an entry (${known}), got ${JSON.stringify(entry)}. Usage: ${USAGE}`);
  }
  const shown = positionals[0];
  return { shown, folder: resolve(callerFolder(), shown), isCheck, isForced, compiled: from && resolve(from), entries };
}

function parsed() {
  const options = {
    check: { type: 'boolean' },
    force: { type: 'boolean' },
    from: { type: 'string' },
    entry: { type: 'string', multiple: true },
  };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return fail(`Cannot vendor ${name}: ${error.message}. Usage: ${USAGE}`);
  }
}

/** `npm run` moves to the package root, and says in INIT_CWD where it was called. */
function callerFolder() {
  const isNpmRun = process.env.npm_lifecycle_event === 'vendor';
  return (isNpmRun && process.env.INIT_CWD) || process.cwd();
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
