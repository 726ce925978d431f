/**
 * `npm run bench:compare -- REV`: builds another revision outside the tree and measures it and this tree in turn, with
 * this tree's bench. A change counts beyond 5 % and outside the spread of the rounds.
 */
import { parseArgs } from 'node:util';
import { tableOf } from '../lib/cli/table.ts';
import { casesNamed } from './cases/all.ts';
import { changeBetween } from './change.ts';
import { formatFigure, formatSpread } from './report/format.ts';
import { Revision } from './revision.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, rounds: { type: 'string', default: '7' } },
});
const name = positionals[0];
if (name === undefined) {
  throw new TypeError('Cannot compare: expected a revision, got none. Use npm run bench:compare -- REV.');
}
const revision = new Revision(name);
try {
  console.log(tableOf([['case', name, 'spread', 'this tree', 'spread', 'change', 'verdict'], ...compareAll()]));
} finally {
  revision.close();
}

function compareAll(): string[][] {
  return casesNamed(values.only)
    .filter(({ figures }) => values.only !== undefined || figures.some(({ isGuarded }) => isGuarded))
    .flatMap((measured) => {
      const readings = revision.measureInTurns(measured, Number(values.rounds));
      return measured.figures.map(({ name, unit }) => {
        const { before, after } = readings[name]!;
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
