/**
 * `npm run bench:peers`: measures every case with ours and the peers in turn, each in fresh processes, and prints the
 * table of medians and ratios.
 *
 * `-- --write` also renews docs/performance.md and docs/performance.svg; `--node 24` measures under another Node.js;
 * `--only TEXT` picks cases; `--rounds N` processes of each library for each case.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { tableOf } from '../lib/cli/table.ts';
import type { Case, Measurement } from './case.ts';
import { casesNamed } from './cases/all.ts';
import { measureInFreshProcess } from './fresh-process.ts';
import { OURS, PEERS } from './library.ts';
import { installPeers } from './peers-package.ts';
import { type Reading, readingOf } from './reading.ts';
import { type Comparison, comparisonRows, isReached } from './report/comparison.ts';
import { writeReport } from './report/document.ts';
import { machine } from './report/machine.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean' },
    node: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
installPeers();
const node = values.node === undefined ? process.execPath : pathOfNode(values.node);
const nodeVersion = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
const comparisons = casesNamed(values.only, values.write).flatMap(compare);
const table = tableOf(comparisonRows(comparisons));
const missed = comparisons.filter((comparison) => !isReached(comparison)).length;
const where = machine(nodeVersion);
console.log(`${where}\n\n${table}\n\n${comparisons.length - missed} of ${comparisons.length} reached what is wanted.`);
if (values.write === true) writeReport({ nodeVersion, where, command: commandLine(), table, comparisons });

/** Measures one case with every library, round by round, the order turned by one each round. */
function compare(measured: Case): Comparison[] {
  const libraries = [OURS, ...(measured.isForPeers ? PEERS : [])];
  const measurements = new Map<string, Record<string, Measurement>[]>(libraries.map((library) => [library, []]));
  const rounds = Math.min(measured.processRounds ?? Infinity, Number(values.rounds));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`${measured.figures[0]!.name}, round ${round + 1} of ${rounds}\n`);
    for (let turn = 0; turn < libraries.length; turn++) {
      const library = libraries[(round + turn) % libraries.length]!;
      try {
        measurements.get(library)!.push(measureInFreshProcess(measured, library, { node }));
      } catch (error) {
        // A library that cannot do a case is shown as failed; its own complaint stands on stderr.
        process.stderr.write(`${library} failed: ${(error as Error).message}\n`);
      }
    }
  }
  return measured.figures.map((figure) => ({
    figure,
    ours: readingIn(measurements, OURS, figure.name),
    peers: libraries.slice(1).map((library) => ({ library, reading: readingIn(measurements, library, figure.name) })),
  }));
}

function readingIn(
  measurements: ReadonlyMap<string, readonly Record<string, Measurement>[]>,
  library: string,
  figureName: string,
): Reading | undefined {
  const processes = measurements.get(library)!.map((measurement) => measurement[figureName]!);
  return processes.length === 0 ? undefined : readingOf(processes);
}

/** Asks npx for the binary once, so that its own start is not part of any measurement. */
function pathOfNode(version: string): string {
  const options = { encoding: 'utf8' } as const;
  return execFileSync('npx', ['-y', `node@${version}`, '--print', 'process.execPath'], options).trim();
}

function commandLine(): string {
  const options = process.argv.slice(2).map((argument) => (argument.includes(' ') ? `'${argument}'` : argument));
  return ['npm run bench:peers', ...(options.length === 0 ? [] : ['--', ...options])].join(' ');
}
