import { canonicalNumberText } from '../../exposition/text/number-text.ts';
import type { Exemplar, Family, HistogramSeries, NumberSeries, Series, SummarySeries } from '../../model/family.ts';
import type { SentSeries } from './write-request.ts';

/** A sample of a series: the end of its name, the label of a bucket or quantile, and its value. */
interface Part {
  readonly suffix: '' | '_bucket' | '_sum' | '_count' | '_gsum' | '_gcount';
  readonly label?: readonly [name: string, value: string];
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** Labels that all series have besides their own; those of a series come first. */
export type ExternalLabels = readonly (readonly [name: string, value: string])[];

/**
 * Generates what a series of this library is in Prometheus: one series, or one for each bucket or quantile, sum and count.
 * With `isStale`, the same with stale markers.
 */
export function* seriesOf(
  family: Family,
  series: Series,
  external: ExternalLabels,
  isStale: boolean,
): Generator<SentSeries> {
  const { labelValues } = series;
  const own = new Map(external);
  for (const [name, value] of family.constantLabels) own.set(name, value);
  family.labelNames.forEach((name, i) => own.set(name, labelValues[i]!));
  const labels = [...own].filter(([, value]) => value !== '');
  for (const { suffix, label, value, exemplar } of partsOf(family, series)) {
    const all: (readonly [string, string])[] = [...labels, ['__name__', family.name + suffix]];
    if (label !== undefined) all.push(label);
    all.sort(byName);
    yield { labels: all, value: isStale ? undefined : value, exemplar: isStale ? undefined : exemplar };
  }
}

/** The order of Go's strings, which is that of their bytes. It differs from JavaScript's beyond U+FFFF only. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

function* partsOf(
  { type, upperBounds = [], quantiles = [], hasExemplars }: AnyFamily,
  series: Series,
): Generator<Part> {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram': {
      const { bucketCounts, sum, exemplars } = series as HistogramSeries;
      let count = 0;
      for (let i = 0; i < bucketCounts.length; i++) {
        count += bucketCounts[i]!;
        const exemplar = hasExemplars === true ? exemplars?.[i] : undefined;
        yield {
          suffix: '_bucket',
          label: ['le', canonicalNumberText(upperBounds[i] ?? Infinity)],
          value: count,
          exemplar,
        };
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
      yield { suffix: '', value, exemplar: hasExemplars === true ? exemplar : undefined };
    }
  }
}

/** The parts of all families. */
interface AnyFamily {
  readonly type: Family['type'];
  readonly upperBounds?: readonly number[];
  readonly quantiles?: readonly number[];
  readonly hasExemplars?: boolean | undefined;
}
