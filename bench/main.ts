/** `npm run bench [-- --only TEXT]`: measures every case of this library in a fresh process, and prints a table. */
import { parseArgs } from 'node:util';
import { tableOf } from '../lib/cli/table.ts';
import { casesNamed } from './cases/all.ts';
import { measureInFreshProcess } from './fresh-process.ts';
import { OURS } from './library.ts';
import { readingOf } from './reading.ts';
import { formatFigure, formatNumber, formatSpread } from './report/format.ts';
import { machine } from './report/machine.ts';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const rows = [['case', 'median', 'spread', 'times floor']];
for (const measured of casesNamed(values.only)) {
  process.stderr.write(`${measured.figures[0]!.name}\n`);
  const measurements = measureInFreshProcess(measured, OURS);
  for (const { name, unit } of measured.figures) {
    const { median, spread, timesFloor } = readingOf([measurements[name]!]);
    rows.push([
      name,
      formatFigure(median, unit),
      formatSpread(spread),
      timesFloor === undefined ? '' : formatNumber(timesFloor),
    ]);
  }
}
console.log(`${machine(process.version)}\n\n${tableOf(rows)}`);
