import { quantileOfBuckets } from '../../model/buckets.ts';
import {
  type Family,
  type HistogramSeries,
  type NumberSeries,
  type SummarySeries,
  seriesNow,
} from '../../model/family.ts';
import type { SentLine } from '../send-lines.ts';
import type { SentValue, SentValues } from '../sent-values.ts';
import { type Label, labelsOf, legalName, type Place, placeOf, type Tags } from '../tagged-name.ts';

/** How lines are written. */
export interface StatsdLinesOptions {
  /** Stands before every name. */
  readonly prefix: string;
  readonly tags: Tags;
  /** Sent as gauges for each histogram. */
  readonly quantiles: readonly number[];
}

/**
 * Generates the lines for families of one push: changes of counters, and of the counts and sums of distributions, as `c`; all
 * else as `g`. Numbers that the protocol has not, `NaN` and infinities, are left out.
 */
export function* statsdLines(
  families: readonly Family[],
  options: StatsdLinesOptions,
  sent: SentValues,
): Generator<SentLine> {
  for (const family of families) {
    const name = options.prefix + legalName(family.name);
    // What is added meanwhile is part of the next push.
    for (const series of seriesNow(family)) {
      const labels = labelsOf(family, series);
      // Not the name and labels as they are sent, where two series may have become one.
      const key = family.name + JSON.stringify(series.labelValues);
      const place = (suffix: string, extra: readonly Label[] = []): Place =>
        placeOf(name + suffix, extra.length === 0 ? labels : [...labels, ...extra], options.tags);
      switch (family.type) {
        case 'counter': {
          const at = place('');
          yield* change(at, sent.count(key, (series as NumberSeries).value));
          break;
        }
        case 'histogram': {
          const { bucketCounts, sum } = series as HistogramSeries;
          const count = bucketCounts.reduce((total, inBucket) => total + inBucket, 0);
          const { upperBounds } = family;
          const quantileOf = (quantile: number, _: number, { sent: sentCount, buckets = [] }: SentValue): number => {
            const since = bucketCounts.map((inBucket, i) => inBucket - (sentCount === 0 ? 0 : (buckets[i] ?? 0)));
            return quantileOfBuckets(quantile, upperBounds, since);
          };
          yield* distribution(place, sent, {
            key,
            count,
            sum,
            quantiles: options.quantiles,
            quantileOf,
            bucketCounts,
          });
          break;
        }
        case 'summary': {
          const { count, sum, quantileValues } = series as SummarySeries;
          const { quantiles } = family;
          const quantileOf = (_: number, i: number): number => quantileValues[i]!;
          yield* distribution(place, sent, {
            key,
            count,
            sum,
            quantiles,
            quantileOf,
            bucketCounts: undefined,
          });
          break;
        }
        case 'gaugehistogram': {
          const { bucketCounts, sum } = series as HistogramSeries;
          yield* gauge(
            place('_count'),
            bucketCounts.reduce((total, inBucket) => total + inBucket, 0),
          );
          yield* gauge(place('_sum'), sum);
          break;
        }
        default:
          yield* gauge(place(''), (series as NumberSeries).value);
      }
    }
  }
}

interface Distribution {
  readonly key: string;
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly number[];
  readonly quantileOf: (quantile: number, i: number, counted: SentValue) => number;
  readonly bucketCounts: readonly number[] | undefined;
}

function* distribution(
  place: (suffix: string, extra?: readonly Label[]) => Place,
  sent: SentValues,
  { key, count, sum, quantiles, quantileOf, bucketCounts }: Distribution,
): Generator<SentLine> {
  const countPlace = place('_count');
  const sumPlace = place('_sum');
  const counted = sent.count(key, count);
  counted.pendingBuckets = bucketCounts;
  yield* change(countPlace, counted);
  yield* change(sumPlace, sent.sum(`${key}_sum`, sum, counted));
  for (const [i, quantile] of quantiles.entries())
    yield* gauge(place('', [['quantile', String(quantile)]]), quantileOf(quantile, i, counted));
}

function* change({ head, tail }: Place, value: SentValue): Generator<SentLine> {
  const amount = value.pending - value.sent;
  if (amount !== 0 && Number.isFinite(amount)) yield { text: `${head}:${amount}|c${tail}`, value };
}

/** A negative number alone would be read as a decrease, so the gauge goes to 0 first. */
function* gauge({ head, tail }: Place, value: number): Generator<SentLine> {
  if (!Number.isFinite(value)) return;
  const text = `${head}:${value}|g${tail}`;
  yield { text: value < 0 ? `${head}:0|g${tail}\n${text}` : text };
}
