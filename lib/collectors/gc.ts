import type { PerformanceEntry } from 'node:perf_hooks';
import { Histogram } from '../metrics/histogram.ts';
import type { Group } from './group.ts';

const NAME = 'nodejs_gc_duration_seconds';
const HELP = 'Duration of garbage collections by kind: minor, major, incremental or weakcb, in seconds.';

/** Those of prom-client. */
const DEFAULT_BUCKETS = [0.001, 0.01, 0.1, 1, 2, 5];

/** By Node's `constants.NODE_PERFORMANCE_GC_…`, written out so that `node:perf_hooks` need not be imported for them. */
const KINDS = new Map([
  [1, 'minor'],
  // V8's young-generation mark-sweep (--minor-ms), for which Node has no constant.
  [2, 'minor'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weakcb'],
]);

/**
 * Every garbage collection and how long it stopped JavaScript. All kinds are there from the start, so that `rate()`
 * sees the first of each.
 *
 * ```text
 * nodejs_gc_duration_seconds_bucket{kind="minor",le="0.001"} 27
 * …
 * nodejs_gc_duration_seconds_sum{kind="minor"} 0.0214
 * nodejs_gc_duration_seconds_count{kind="minor"} 30
 * ```
 *
 * Costs a callback per turn of the loop in which there was one, nothing else. Node announces a collection in the turn
 * after it; those that have been announced but not delivered yet are taken at the scrape.
 */
export function gc({ buckets = DEFAULT_BUCKETS }: { readonly buckets?: readonly number[] | undefined } = {}): Group {
  const duration = new Histogram({ name: NAME, help: HELP, labelNames: ['kind'], buckets, registers: [] });
  for (const kind of KINDS.values()) duration.labels(kind);
  const observe = (entries: readonly PerformanceEntry[]): void => {
    for (const entry of entries) duration.labels(kindOf(entry)).observe(entry.duration / 1e3);
  };
  const observer = new PerformanceObserver((list) => observe(list.getEntries()));
  observer.observe({ type: 'gc' });
  return {
    collect() {
      observe(observer.takeRecords());
      const { upperBounds } = duration;
      const series = duration.series.map(({ labelValues: [kind = ''], bucketCounts, sum }) => ({
        labels: { kind },
        bucketCounts,
        sum,
      }));
      return [{ name: NAME, help: HELP, type: 'histogram', upperBounds, series }];
    },
    stop() {
      observer.disconnect();
    },
  };
}

function kindOf(entry: PerformanceEntry): string {
  const { detail } = entry as PerformanceEntry & { readonly detail: { readonly kind: number } };
  return KINDS.get(detail.kind) ?? 'unknown';
}
