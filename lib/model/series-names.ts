import type { MetricType } from './family.ts';
import { underscoredMetricName } from './names.ts';

const SUFFIXES: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_sum', '_count', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
};

/**
 * The names of the series that a family of this name and type exposes, in whatever format: no other family of the
 * registry may have one of them. Those that escaping makes the same count as the same: a scraper that gets underscores
 * would find one series twice. Another way of escaping may be given. OpenMetrics 1.0, "Suffixes".
 */
export function seriesNames(
  name: string,
  type: MetricType,
  escape: (name: string) => string = underscoredMetricName,
): string[] {
  const escaped = escape(name);
  return [escaped, ...(SUFFIXES[type] ?? []).map((suffix) => escaped + suffix)];
}
