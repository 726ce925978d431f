import { parseArgs } from 'node:util';
import { aborts } from './aborts.ts';
import { fuzz } from './fuzz.ts';
import { loris } from './loris.ts';
import { million } from './million.ts';
import { scrapers } from './scrapers.ts';
import type { SoakPart } from './soak-part.ts';
import { wrk } from './wrk.ts';

// What a server has to bear, at full length: `npm run soak`; in its short form: `npm run soak -- --short`. Names of parts
// run these only: `npm run soak -- fuzz`. Everything is on the loopback interface, bounded, and ends by itself. Exit code
// 1 if anything is not as promised.

const PARTS: Readonly<Record<string, SoakPart>> = { wrk, scrapers, aborts, fuzz, loris, million };

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(
    `Cannot run ${unknown.join(', ')}: expected some of ${Object.keys(PARTS).join(', ')}, or none for all.`,
  );
  process.exit(2);
}

const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
for (const name of names) {
  const { name: title, run } = PARTS[name]!;
  const startedAt = performance.now();
  const { figures, faults } = await run(values.short === true ? 'short' : 'full');
  console.log(`${title} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
  for (const [what, value] of figures) console.log(`  ${what}: ${value}`);
  for (const fault of faults) console.log(`  FAULT: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
