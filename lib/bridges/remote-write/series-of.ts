import { canonicalNumberText } from '../../exposition/text/number-text.ts';
import type {
  Exemplar,
  Family,
  HistogramSeries,
  NativeHistogram,
  NumberSeries,
  Series,
  SummarySeries,
} from '../../model/family.ts';
import type { SentExemplar, SentSeries } from './write-request.ts';

/** A sample of a series: the end of its name, the label of a bucket or quantile, and its value. */
interface Part {
  readonly suffix: '' | '_bucket' | '_sum' | '_count' | '_gsum' | '_gcount';
  readonly label?: readonly [name: string, value: string];
  readonly value: number | NativeHistogram;
  readonly exemplars?: readonly (Exemplar | undefined)[];
}

/** Labels that all series have besides their own; those of a series come first. */
export type ExternalLabels = readonly (readonly [name: string, value: string])[];

/** How series are sent. */
export interface SeriesOptions {
  readonly external: ExternalLabels;
  /** Whether a histogram that has native buckets is one series with these. */
  readonly isNative: boolean;
}

/** When the exemplars of a push happened, in milliseconds since 1970: receivers refuse those that are older than the last. */
export interface ExemplarTimes {
  readonly after: number;
  readonly until: number;
}

/**
 * Generates what a series of this library is in Prometheus: one series, or one for each bucket or quantile, sum and count.
 * With `isStale`, the same with stale markers.
 */
export function* seriesOf(
  family: Family,
  series: Series,
  { external, isNative }: SeriesOptions,
  times: ExemplarTimes,
  isStale: boolean,
): Generator<SentSeries> {
  const { labelValues } = series;
  const own = new Map(external);
  for (const [name, value] of family.constantLabels) own.set(name, value);
  family.labelNames.forEach((name, i) => own.set(name, labelValues[i]!));
  const labels = [...own].filter(([, value]) => value !== '');
  const hasExemplars = family.hasExemplars === true && !isStale;
  for (const { suffix, label, value, exemplars } of partsOf(family, series, isNative)) {
    const all: (readonly [string, string])[] = [...labels, ['__name__', family.name + suffix]];
    if (label !== undefined) all.push(label);
    all.sort(byName);
    const sent = hasExemplars && exemplars !== undefined ? exemplarsOf(exemplars, times) : NO_EXEMPLARS;
    yield { labels: all, value, isStale, exemplars: sent };
  }
}

const NO_EXEMPLARS: readonly SentExemplar[] = [];

/** Returns the exemplars of these times, in the order in which receivers take those of a series: by time, then by value. */
function exemplarsOf(
  exemplars: readonly (Exemplar | undefined)[],
  { after, until }: ExemplarTimes,
): readonly SentExemplar[] {
  const sent: SentExemplar[] = [];
  for (const exemplar of exemplars) {
    if (exemplar === undefined) continue;
    const { labels, value, timestampSeconds = until / 1000 } = exemplar;
    const milliseconds = Math.round(timestampSeconds * 1000);
    if (milliseconds > after && milliseconds <= until) sent.push({ labels, value, milliseconds });
  }
  return sent.sort((a, b) => a.milliseconds - b.milliseconds || a.value - b.value);
}

/** The order of Go's strings, which is that of their bytes. It differs from JavaScript's beyond U+FFFF only. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

function* partsOf(
  { type, upperBounds = [], quantiles = [] }: AnyFamily,
  series: Series,
  isNative: boolean,
): Generator<Part> {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram': {
      const { bucketCounts, sum, exemplars, native } = series as HistogramSeries;
      if (native !== undefined && isNative) {
        yield { suffix: '', value: native, exemplars: native.exemplars };
        return;
      }
      let count = 0;
      for (let i = 0; i < bucketCounts.length; i++) {
        count += bucketCounts[i]!;
        const le = canonicalNumberText(upperBounds[i] ?? Infinity);
        yield { suffix: '_bucket', label: ['le', le], value: count, exemplars: [exemplars?.[i]] };
      }
      yield { suffix: type === 'histogram' ? '_sum' : '_gsum', value: sum };
      yield { suffix: type === 'histogram' ? '_count' : '_gcount', value: count };
      return;
    }
    case 'summary': {
      const { quantileValues, sum, count } = series as SummarySeries;
      for (let i = 0; i < quantiles.length; i++)
        yield { suffix: '', label: ['quantile', canonicalNumberText(quantiles[i]!)], value: quantileValues[i]! };
      yield { suffix: '_sum', value: sum };
      yield { suffix: '_count', value: count };
      return;
    }
    default: {
      const { value, exemplar } = series as NumberSeries;
      yield { suffix: '', value, exemplars: [exemplar] };
    }
  }
}

/** The parts of all families. */
interface AnyFamily {
  readonly type: Family['type'];
  readonly upperBounds?: readonly number[];
  readonly quantiles?: readonly number[];
}
