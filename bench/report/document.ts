import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { PROJECT_FOLDER } from '../folders.ts';
import { chartOf, growthChartOf } from './chart.ts';
import type { Comparison } from './comparison.ts';

/** The output of one run of `bench:peers` in the documentation. */
export interface Report {
  readonly nodeVersion: string;
  /** Machine, Node version and date. */
  readonly where: string;
  readonly command: string;
  readonly table: string;
  readonly comparisons: readonly Comparison[];
}

const DOCUMENT = `${PROJECT_FOLDER}/docs/performance.md`;
const CHART = `${PROJECT_FOLDER}/docs/performance.svg`;
const GROWTH_CHART = `${PROJECT_FOLDER}/docs/growth.svg`;

/**
 * Renews the table of this major Node version between its markers in docs/performance.md, and the charts when it was
 * measured under the Node that runs the bench.
 */
export function writeReport({ nodeVersion, where, command, table, comparisons }: Report): void {
  const document = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '# Performance\n';
  const major = nodeVersion.slice(1).split('.')[0]!;
  const origin = `Measured on ${where}; \`${command}\`. Medians of fresh processes in turn; less is better.`;
  const content = `${origin}\n\n${table}`;
  writeFileSync(DOCUMENT, withSection(document, `bench:peers node ${major}`, content));
  if (nodeVersion !== process.version) return;
  writeFileSync(CHART, chartOf(comparisons, `${where}; ${command}`));
  writeFileSync(GROWTH_CHART, growthChartOf(comparisons, `${where}; ${command}`));
}

/** Returns the document with the content between the two markers; a document without them gets both at its end. */
export function withSection(document: string, marker: string, content: string): string {
  const [start, end] = [`<!-- ${marker} -->`, `<!-- end of ${marker} -->`];
  const section = `${start}\n${content}\n${end}`;
  const from = document.indexOf(start);
  if (from < 0) return `${document.trimEnd()}\n\n${section}\n`;
  const to = document.indexOf(end, from);
  if (to < 0)
    throw new SyntaxError(`Cannot renew the section "${marker}": expected "${end}" after its start, got none.`);
  return document.slice(0, from) + section + document.slice(to + end.length);
}
