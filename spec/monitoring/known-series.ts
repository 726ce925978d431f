import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';

/** What is known of the series of a name. */
export interface KnownSeries {
  /** `histogram` is said of `_bucket`, `_sum` and `_count`, which count; `native histogram` of the series without a suffix. */
  readonly type: 'counter' | 'gauge' | 'histogram' | 'native histogram';
  readonly labels: ReadonlySet<string>;
}

/** What Prometheus puts on every series that it scrapes. */
const TARGET_LABELS = ['job', 'instance'];

/** What Prometheus makes of each scrape and of its own alerts. */
const OF_PROMETHEUS: readonly (readonly [string, KnownSeries])[] = [
  ...['up', 'scrape_duration_seconds', 'scrape_samples_scraped'].map((name) => gauge(name, TARGET_LABELS)),
  gauge('ALERTS', ['alertname', 'alertstate', 'severity']),
];

/** What the scanner of docs/examples has besides: see the spec of its dashboard's panels in both forms. */
const OF_SCANNER: readonly (readonly [string, KnownSeries])[] = [
  ['scanner_scan_seconds', { type: 'native histogram', labels: new Set(['strategy', ...TARGET_LABELS]) }],
  ['scanner_scan_seconds_bucket', { type: 'histogram', labels: new Set(['strategy', 'le', ...TARGET_LABELS]) }],
];

/**
 * The series that a Prometheus has which scrapes the library: by the tables of docs/metrics.md, which a spec holds to
 * what is really exposed, on every system.
 */
export function scrapedSeries(): Map<string, KnownSeries> {
  const page = readFileSync(join(packageRoot(), 'docs', 'metrics.md'), 'utf8');
  const known = new Map([...OF_PROMETHEUS, ...OF_SCANNER]);
  for (const [, name = '', type = '', cell = ''] of page.matchAll(
    /\| `([a-z_0-9]+)` \| (counter|gauge|histogram) \| ([^|]*)\|/g,
  )) {
    const labels = [...(cell.match(/\w+/g) ?? []), ...TARGET_LABELS];
    if (type !== 'histogram') known.set(name, { type: type as KnownSeries['type'], labels: new Set(labels) });
    else {
      known.set(`${name}_bucket`, { type, labels: new Set([...labels, 'le']) });
      for (const suffix of ['_sum', '_count']) known.set(name + suffix, { type, labels: new Set(labels) });
    }
  }
  return known;
}

function gauge(name: string, labels: readonly string[]): readonly [string, KnownSeries] {
  return [name, { type: 'gauge', labels: new Set(labels) }];
}
