import type { History, SeriesHistory } from '../history/history.ts';
import { formatValue, unitOf } from '../text/format.ts';

/** A number that is shown above the list. */
export interface Fact {
  readonly term: string;
  readonly text: string;
  /** A value for each scrape in the history, for a chart; NaN where there is none. */
  readonly trend?: readonly number[];
}

/** Returns the series of a family in the last scrape; none if the family is missing. */
export function seriesNamed(history: History, name: string): readonly SeriesHistory[] {
  const family = history.family(name);
  return family === undefined ? [] : history.seriesOf(family);
}

/** Returns the value of a label; undefined if the series has no such label. */
export function labelOf(series: SeriesHistory | undefined, label: string): string | undefined {
  return series?.labels.find(([name]) => name === label)?.[1];
}

/** Returns the last value of a metric without labels; NaN if it is missing. */
export function lastOf(history: History, name: string): number {
  const series = seriesNamed(history, name)[0];
  return series === undefined || series.kind === 'histogram' ? NaN : series.last;
}

/** Returns the fact that a gauge without labels states, as a list of one; no fact if it is missing. */
export function gaugeFact(history: History, term: string, name: string): Fact[] {
  const series = seriesNamed(history, name)[0];
  if (series === undefined || series.kind === 'histogram' || Number.isNaN(series.last)) return [];
  return [{ term, text: formatValue(series.last, unitOf(name)), trend: series.values() }];
}
