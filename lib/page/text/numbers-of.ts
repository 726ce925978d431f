import type { SeriesHistory } from '../history/history.ts';
import { WINDOW_SECONDS } from '../rows/window-seconds.ts';
import { formatValue } from './format-value.ts';
import type { Unit } from './unit-of.ts';

/** A number in a series' row. */
export interface LabelledNumber {
  readonly label: string;
  readonly text: string;
  /** Whether it stands back behind the others. */
  readonly isQuiet: boolean;
}

const NOTHING = '–';

/** Returns the numbers that a series' row shows: a counter's rate, a gauge's value, a histogram's quantiles. */
export function numbersOf(series: SeriesHistory, unit: Unit): LabelledNumber[] {
  switch (series.kind) {
    case 'gauge':
      return [{ label: '', text: formatValue(series.value, unit), isQuiet: false }];
    case 'counter':
      return [
        { label: 'total', text: formatValue(series.value, unit), isQuiet: true },
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
