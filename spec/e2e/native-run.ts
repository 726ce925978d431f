import assert from 'node:assert/strict';
import { Histogram, MetricsRegistry } from '../../lib/core.ts';
import { type NativeHistogramChild, nativeBuckets } from '../../lib/native/index.ts';
import { until } from '../support/until.ts';
import type { PrometheusApi } from './prometheus-api.ts';

/** Observations far from the bounds of their buckets, which VictoriaMetrics rounds to three digits; equal ones share a bucket. */
export const OBSERVED = [-2.6, 0, 0.0041, 0.11, 0.11, 0.11, 0.88, 1.04, 1.04, 30.5, 4e9];

/** A registry with a native histogram of {@link OBSERVED}. */
export function nativeRun(): {
  readonly registry: MetricsRegistry;
  readonly child: NativeHistogramChild;
  /** Of the classic buckets. */
  readonly upperBounds: readonly number[];
} {
  const registry = new MetricsRegistry();
  const about = { name: 'run_seconds', help: 'Run.', labelNames: ['kind'], registers: [registry] } as const;
  const histogram = new Histogram({ ...about, buckets: nativeBuckets() });
  const child = histogram.labels({ kind: 'a' });
  for (const value of OBSERVED) child.observe(value, { trace_id: String(value) });
  return { registry, child, upperBounds: histogram.upperBounds };
}

/**
 * Asserts that VictoriaMetrics has a histogram of {@link OBSERVED}. It stores a series for each populated bucket, with its bounds
 * in a label `vmrange`.
 */
export async function assertStoredRanges(api: PrometheusApi, url: string, selector: string): Promise<void> {
  const read = (suffix: string) =>
    until(suffix, async () => {
      await fetch(`${url}/internal/force_flush`);
      const found = await api.query(`run_seconds_${suffix}${selector}`);
      return found.length === 0 ? undefined : found;
    });
  const [[count], [sum], buckets] = await Promise.all([read('count'), read('sum'), read('bucket')]);
  assert.equal(count!.value, OBSERVED.length);
  assert.equal(
    sum!.value,
    OBSERVED.reduce((all, one) => all + one, 0),
  );
  assert.equal(buckets.length, new Set(OBSERVED).size);
  for (const { labels, value } of buckets) {
    const range = labels.get('vmrange')!;
    const [lower, upper] = range.split('...').map(Number);
    assert.equal(value, OBSERVED.filter((one) => one > lower! && one <= upper!).length, range);
  }
}
