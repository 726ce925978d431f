import type { SeriesHistory } from '../history/history.ts';

/** Returns the query by which Prometheus shows what the page shows of a series; of a histogram the 95th percentile. */
export function promqlOf({ kind, name, labels }: Pick<SeriesHistory, 'kind' | 'name' | 'labels'>): string {
  const matchers = labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ');
  const selector = matchers === '' ? '' : `{${matchers}}`;
  switch (kind) {
    case 'gauge':
      return name + selector;
    case 'counter':
      return `rate(${name}${selector}[5m])`;
    case 'histogram':
      return `histogram_quantile(0.95, rate(${name}_bucket${selector}[5m]))`;
  }
}
