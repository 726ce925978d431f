// Random operations and scrapes against a model of a registry: `npm run fuzz -- --minutes 30 [--seed N] [--operations N]`.
//
// Runs one seed after the other until the time is over, and prints what it has done. At the first fault it prints the seed
// and the shortest list of operations that shows it, and ends with exit code 1; `--seed` with that number runs it again first.

import { parseArgs } from 'node:util';
import { explain, fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    operations: { type: 'string', default: '1000' },
  },
});
const minutes = positive('minutes', values.minutes);
const count = positive('operations', values.operations);
let seed = values.seed === undefined ? Date.now() >>> 8 : Number(values.seed);
const first = seed;
const total = { operations: 0, scrapes: 0, series: 0, 'series that changed while they were read': 0 };

for (const end = performance.now() + minutes * 60_000; performance.now() < end; seed++) {
  const { fault, scrapes, series, changing } = await fuzz(seed, count);
  if (fault !== undefined) {
    console.error(await explain(seed, count));
    process.exitCode = 1;
    break;
  }
  total.operations += count;
  total.scrapes += scrapes;
  total.series += series;
  total['series that changed while they were read'] += changing;
}
const figures = Object.entries(total).map(([what, number]) => `${number.toLocaleString('en')} ${what}`);
console.log(
  `Seeds ${first} to ${seed}: ${figures.join(', ')}${process.exitCode === 1 ? ', then a fault' : ', no fault'}.`,
);

function positive(option: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  console.error(`Cannot fuzz: expected --${option} as a number above 0, got ${JSON.stringify(text)}.`);
  process.exit(2);
}
