import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';

/** What is known of the series of a name. */
export interface KnownSeries {
  /** `histogram` is said of `_bucket`, `_sum` and `_count`, which count. */
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: ReadonlySet<string>;
}

/** What Prometheus puts on every series that it scrapes. */
const TARGET_LABELS = ['job', 'instance'];

/** What Prometheus makes of each scrape and of its own alerts. */
const OF_PROMETHEUS: readonly (readonly [string, KnownSeries])[] = [
  ...['up', 'scrape_duration_seconds', 'scrape_samples_scraped'].map((name) => gauge(name, TARGET_LABELS)),
  gauge('ALERTS', ['alertname', 'alertstate', 'severity']),
];

/**
 * The series that a Prometheus has which scrapes the library: by the tables of docs/metrics.md, which a spec holds to
 * what is really exposed, on every system.
 */
export function scrapedSeries(): Map<string, KnownSeries> {
  const page = readFileSync(join(packageRoot(), 'docs', 'metrics.md'), 'utf8');
  const known = new Map(OF_PROMETHEUS);
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
