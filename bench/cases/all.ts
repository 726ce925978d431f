import type { Case } from '../case.ts';
import { churnCases } from './churn.ts';
import { footprintCases } from './footprint.ts';
import { growthCases } from './growth.ts';
import { memoryCases } from './memory.ts';
import { nativeCases } from './native.ts';
import { parsingCases } from './parsing.ts';
import { pushStallCases } from './push-stall.ts';
import { coldScrapeCases, scrapeCases } from './scrapes.ts';
import { stallCases } from './stall.ts';
import { statsdCases } from './statsd.ts';
import { threadCases } from './thread.ts';
import { allocationCases, updateCases } from './updates.ts';

/** Every case, in the order of the tables. */
export const allCases: readonly Case[] = [
  ...updateCases,
  ...allocationCases,
  ...nativeCases,
  ...scrapeCases,
  ...coldScrapeCases,
  ...parsingCases,
  ...statsdCases,
  ...memoryCases,
  ...churnCases,
  ...growthCases,
  ...stallCases,
  ...pushStallCases,
  ...threadCases,
  ...footprintCases,
];

/**
 * Returns the cases that have a figure whose name holds the text; all without a text. Throws a RangeError if there are none,
 * and if the figures are to be written: those of some cases would take the place of all.
 */
export function casesNamed(text: string | undefined, isForWriting = false): readonly Case[] {
  if (text !== undefined && isForWriting)
    throw new RangeError(`Cannot write: expected all cases, got --only "${text}". Leave out one of both.`);
  const found = allCases.filter(({ figures }) => text === undefined || figures.some(({ name }) => name.includes(text)));
  if (found.length > 0) return found;
  const names = allCases.flatMap(({ figures }) => figures.map(({ name }) => `\n  ${name}`));
  throw new RangeError(`Cannot find a case: expected a part of one of these names, got "${text}".${names.join('')}`);
}
