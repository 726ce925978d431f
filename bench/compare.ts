/**
 * `npm run bench:compare -- REV`: builds another revision outside the tree and measures it and this tree in turn, with
 * this tree's bench. A change counts beyond 5 % and outside the spread of the rounds.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tableOf } from '../lib/cli/table.ts';
import type { Measurement } from './case.ts';
import { casesNamed } from './cases/all.ts';
import { changeBetween } from './change.ts';
import { PROJECT_FOLDER } from './folders.ts';
import { measureInFreshProcess } from './fresh-process.ts';
import { OURS } from './library.ts';
import { readingOf } from './reading.ts';
import { formatFigure, formatSpread } from './report/format.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, rounds: { type: 'string', default: '7' } },
});
const revision = positionals[0];
if (revision === undefined) {
  throw new TypeError('Cannot compare: expected a revision, got none. Use npm run bench:compare -- REV.');
}
const folder = mkdtempSync(join(tmpdir(), 'metrics-compare-'));
try {
  build(revision, folder);
  console.log(tableOf([['case', revision, 'spread', 'this tree', 'spread', 'change', 'verdict'], ...compareAll()]));
} finally {
  rmSync(folder, { recursive: true });
}

/** Unpacks the revision and builds it as a fresh clone is built, with what it depends on itself. */
function build(rev: string, target: string): void {
  const archive = execFileSync('git', ['archive', rev], { cwd: PROJECT_FOLDER, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', target], { input: archive });
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: target, stdio: 'inherit' });
}

function compareAll(): string[][] {
  return casesNamed(values.only)
    .filter(({ figures }) => values.only !== undefined || figures.some(({ isGuarded }) => isGuarded))
    .flatMap((measured) => {
      const [theirs, ours]: [Record<string, Measurement>[], Record<string, Measurement>[]] = [[], []];
      for (let round = 0; round < Number(values.rounds); round++) {
        process.stderr.write(`${measured.figures[0]!.name}, round ${round + 1}\n`);
        theirs.push(measureInFreshProcess(measured, `${OURS}@${folder}`));
        ours.push(measureInFreshProcess(measured, OURS));
      }
      return measured.figures.map(({ name, unit }) => {
        const before = readingOf(theirs.map((measurement) => measurement[name]!));
        const after = readingOf(ours.map((measurement) => measurement[name]!));
        const { percent, verdict } = changeBetween(before, after);
        return [
          name,
          formatFigure(before.median, unit),
          formatSpread(before.spread),
          formatFigure(after.median, unit),
          formatSpread(after.spread),
          `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`,
          verdict,
        ];
      });
    });
}
