// Mutation testing of a room of lib: `npm run mutation -- registry|metrics|exposition [FILE…]`, `--report` for the report alone.
//
// Changes the source in thousands of small ways, one at a time, and runs the specs that reach the change. A mutant for which no
// spec fails survives: no spec would notice such a fault. spec/mutation/explained.json says why some may.
//
// Specs that take over 50 ms of processor time are left out, but for those named after the mutated file; `--slow` runs all.
// `--survivors` tests only what has survived so far and is not explained. `--specs=label-index,max-series` runs only the specs whose
// path contains one of these, which saves the first run of all. Results are kept for each file, so name the files that have
// changed: `npm run mutation -- registry collector-run`. Stryker needs Node 22, which npx brings along if this is older.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const ROOMS = ['registry', 'metrics', 'exposition'];
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'spec', 'mutation');

const [room, ...rest] = process.argv.slice(2);
if (!ROOMS.includes(room)) {
  console.error(`Cannot test mutants: expected one of ${ROOMS.join(', ')}, got ${JSON.stringify(room ?? '')}.`);
  process.exit(2);
}
const explained = JSON.parse(readFileSync(join(folder, 'explained.json'), 'utf8'));
const found = join(folder, 'reports', `${room}-incremental.json`);
const names = rest.filter((argument) => !argument.startsWith('--'));
const files = filesOf(room).filter((path) => names.length === 0 || names.some((name) => path.includes(name)));

if (!rest.includes('--report')) {
  install(folder);
  run(rest.includes('--survivors') ? survivorsOf(files) : files, rest.includes('--slow') ? Number.MAX_VALUE : 50);
}
report();

function filesOf(name) {
  return readdirSync(join(root, 'lib', name), { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `lib/${name}/${path.replaceAll('\\', '/')}`)
    .sort();
}

/** Tests the mutants of what is listed with the specs that take up to `maximalCost` milliseconds. */
function run(mutate, maximalCost) {
  if (mutate.length === 0) return;
  const stryker = join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  const args = [stryker, 'run', join('spec', 'mutation', 'stryker.config.mjs')];
  const isOld = Number(process.versions.node.split('.')[0]) < 22;
  const [program, programArgs] = isOld ? ['npx', ['-y', 'node@24', ...args]] : [process.execPath, args];
  const { status, error } = spawnSync(program, programArgs, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      FINPILOT_MUTATION_ROOM: room,
      FINPILOT_MUTATION_FILES: mutate.join(','),
      FINPILOT_MUTATION_MAXIMAL_COST: String(maximalCost),
      FINPILOT_MUTATION_SPECS: rest.find((argument) => argument.startsWith('--specs='))?.slice('--specs='.length) ?? '',
    },
    shell: isOld && process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(
    `Cannot test the mutants of ${room}: ${error?.message ?? `exit code ${status}`}. See the messages above.`,
  );
  process.exit(1);
}

/**
 * Where the mutants are that neither a spec has killed nor an explanation covers, as Stryker wants them: `file:1:2-1:9`. Of a
 * file that has changed since they were tested, all.
 */
function survivorsOf(files) {
  const places = new Set();
  for (const [file, { source, mutants }] of Object.entries(JSON.parse(readFileSync(found, 'utf8')).files)) {
    if (!files.includes(file)) continue;
    if (readFileSync(join(root, file), 'utf8') !== source) {
      places.add(file);
      continue;
    }
    const lines = source.split('\n');
    for (const mutant of mutants) {
      if (!['Survived', 'NoCoverage'].includes(mutant.status) || explanationOf(file, mutant, lines)) continue;
      const { start, end } = mutant.location;
      places.add(`${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`);
    }
  }
  return [...places];
}

/** Prints the unexplained survivors, and for each file how many mutants were killed, explained and survived. */
function report() {
  if (!existsSync(found)) return console.log(`Nothing is known of ${room} yet.`);
  const used = new Set();
  const total = { killed: 0, explained: 0, survived: 0 };
  const rows = [];
  for (const [file, { source, mutants }] of Object.entries(JSON.parse(readFileSync(found, 'utf8')).files).sort()) {
    if (!existsSync(join(root, file))) continue;
    const lines = source.split('\n');
    const row = { killed: 0, explained: 0, survived: 0 };
    for (const mutant of mutants) {
      // The others do not compile or were left out on purpose.
      if (!['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(mutant.status)) continue;
      const outcome = mutant.status === 'Killed' || mutant.status === 'Timeout' ? 'killed' : fate(file, mutant, lines);
      row[outcome]++;
      total[outcome]++;
    }
    rows.push([file, row]);
  }
  for (const [file, row] of [...rows, [room, total]]) {
    const all = row.killed + row.explained + row.survived;
    const share = all === 0 ? 100 : (100 * (row.killed + row.explained)) / all;
    console.log(
      `${share.toFixed(1).padStart(5)} %  ${row.killed} killed, ${row.explained} explained, ${row.survived} survived  ${file}`,
    );
  }
  for (const one of explained.filter((one) => one.file.startsWith(`lib/${room}/`) && !used.has(one))) {
    console.log(`Not needed: the explanation of ${one.file}, ${one.code}`);
  }

  function fate(file, mutant, lines) {
    const known = explanationOf(file, mutant, lines);
    if (known !== undefined) {
      used.add(known);
      return 'explained';
    }
    const { location, mutatorName, replacement = '' } = mutant;
    console.log(
      `${file}:${location.start.line}  ${lines[location.start.line - 1].trim()}\n  ${mutatorName}: ${replacement}`,
    );
    return 'survived';
  }
}

function explanationOf(file, { location, mutatorName, replacement = '' }, lines) {
  const code = lines[location.start.line - 1].trim();
  return explained.find(
    (one) => one.file === file && one.code === code && one.mutants.includes(`${mutatorName}: ${replacement}`),
  );
}
