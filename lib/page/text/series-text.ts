import type { SeriesHistory } from '../history/history.ts';
import { WINDOW_SECONDS } from '../history/series.ts';
import { formatValue, type Unit } from './format.ts';

/** A number in the row of a series. */
export interface LabelledNumber {
  readonly label: string;
  readonly text: string;
  /** Whether it is less prominent than the others. */
  readonly isQuiet: boolean;
}

const NOTHING = '–';

/** Returns the numbers in the row of a series: a counter's rate, a gauge's value, a histogram's quantiles. */
export function numbersOf(series: SeriesHistory, unit: Unit): LabelledNumber[] {
  switch (series.kind) {
    case 'gauge':
      return [{ label: '', text: formatValue(series.last, unit), isQuiet: false }];
    case 'counter':
      return [
        { label: 'total', text: formatValue(series.last, unit), isQuiet: true },
        { label: 'rate', text: perSecond(series.rate(WINDOW_SECONDS), unit), isQuiet: false },
      ];
    case 'histogram': {
      const observations = series.over(WINDOW_SECONDS);
      const { count, seconds } = observations;
      return [
        { label: 'rate', text: perSecond(seconds > 0 ? count / seconds : NaN, 'none'), isQuiet: true },
        ...[0.5, 0.95, 0.99].map((q) => {
          const value = series.quantile(q, observations);
          const text = Number.isNaN(value) ? NOTHING : formatValue(value, unit);
          return { label: `p${q * 100}`, text, isQuiet: false };
        }),
      ];
    }
  }
}

function perSecond(rate: number, unit: Unit): string {
  return Number.isNaN(rate) ? NOTHING : `${formatValue(rate, unit)}/s`;
}

/** Returns a series as an exposition or a PromQL selector writes it. */
export function seriesTitle({ name, labels }: Pick<SeriesHistory, 'name' | 'labels'>): string {
  if (labels.length === 0) return name;
  return `${name}{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`;
}

/** Returns the PromQL query for what the page shows of a series; for a histogram, the 95th percentile. */
export function promqlOf({ kind, name, labels }: Pick<SeriesHistory, 'kind' | 'name' | 'labels'>): string {
  switch (kind) {
    case 'gauge':
      return seriesTitle({ name, labels });
    case 'counter':
      return `rate(${seriesTitle({ name, labels })}[5m])`;
    case 'histogram':
      return `histogram_quantile(0.95, rate(${seriesTitle({ name: `${name}_bucket`, labels })}[5m]))`;
  }
}
