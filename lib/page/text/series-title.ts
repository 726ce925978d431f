import type { SeriesHistory } from '../history/history.ts';

/** Returns a series as the exposition writes it, for what is read out or shown on hovering. */
export function seriesTitle({ name, labels }: Pick<SeriesHistory, 'name' | 'labels'>): string {
  if (labels.length === 0) return name;
  return `${name}{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`;
}
