import type { PerformanceObserver as Observer, PerformanceEntry } from 'node:perf_hooks';
import { Histogram } from '../metrics/histogram.ts';
import { commonOptions, type Group, type Naming } from './group.ts';

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
export function gc(naming: Naming, buckets: readonly number[] = DEFAULT_BUCKETS): Group {
  const { labels } = naming;
  const duration = new Histogram<string>({
    ...commonOptions(naming, 'nodejs_gc_duration_seconds', ['kind']),
    help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    buckets,
    collect() {
      observe(duration, labels, observer.takeRecords());
      createSeries(duration, labels); // a reset has removed them
    },
  });
  createSeries(duration, labels);
  const observer = observeWhileHeld(new WeakRef(duration), labels);
  return { metrics: [duration], stop: () => observer.disconnect() };
}

/** Node holds the observer, which therefore must not hold the metric: it ends with its metric if nobody calls `stop()`. */
function observeWhileHeld(held: WeakRef<Histogram>, labels: Naming['labels']): Observer {
  const observer = new PerformanceObserver((list) => {
    const duration = held.deref();
    if (duration === undefined) observer.disconnect();
    else observe(duration, labels, list.getEntries());
  });
  observer.observe({ type: 'gc' });
  return observer;
}

function observe(duration: Histogram, labels: Naming['labels'], entries: readonly PerformanceEntry[]): void {
  for (const entry of entries) duration.observe({ ...labels, kind: kindOf(entry) }, entry.duration / 1e3);
}

function createSeries(duration: Histogram, labels: Naming['labels']): void {
  for (const kind of KINDS.values()) duration.labels({ ...labels, kind });
}

function kindOf(entry: PerformanceEntry): string {
  const { detail } = entry as PerformanceEntry & { readonly detail: { readonly kind: number } };
  return KINDS.get(detail.kind) ?? 'unknown';
}
