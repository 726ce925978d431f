import { checkExpression } from './check-expression.ts';
import type { KnownSeries } from './known-series.ts';
import type { Rule } from './read-rules.ts';

/** Adds the series that rules record, with the labels that expressions give them, and what `ALERTS` has of alerts. */
export function withRecorded(
  scraped: ReadonlyMap<string, KnownSeries>,
  rules: readonly Rule[],
): Map<string, KnownSeries> {
  const known = new Map(scraped);
  for (const { record = 'ALERTS', expr, labels = {} } of rules) {
    const earlier = known.get(record)?.labels ?? [];
    const all = new Set([...earlier, ...checkExpression(expr, known).labels, ...Object.keys(labels)]);
    known.set(record, { type: 'gauge', labels: all });
  }
  return known;
}
