import type { ParsedFamily, ParsedSample } from '../../lib/parse/index.ts';
import type { CompositeValue2, Exemplar2, Family2, Point2, Sample2 } from './read-openmetrics2.ts';
import { withMaps } from './with-maps.ts';

/**
 * What `readOpenMetrics2()` returns for the text that `parse()` has read as these families, but for buckets of count 0. In a
 * family of unknown type, `parse()` does not tell a gauge histogram from a histogram.
 */
export function asFamilies2(families: readonly ParsedFamily[]): Family2[] {
  return withMaps(families).map(({ samples, ...family }) => ({
    ...family,
    samples: samples.map((sample) => asSample2(sample, family.type)),
  }));
}

/** The families of `readOpenMetrics2()` as far as `parse()` tells them. */
export function asFarAsParsed(families: readonly Family2[]): Family2[] {
  const counting = (points: readonly Point2[]): Point2[] => points.filter(([, count]) => count !== 0);
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => {
      const { value } = sample;
      if (typeof value === 'number') return sample;
      const isUntold = family.type === 'unknown' && value.kind === 'gaugehistogram';
      const native = value.native && {
        ...value.native,
        negative: counting(value.native.negative),
        positive: counting(value.native.positive),
      };
      return { ...sample, value: { ...value, kind: isUntold ? 'histogram' : value.kind, native } };
    }),
  }));
}

function asSample2(sample: ParsedSample, type: ParsedFamily['type']): Sample2 {
  const { name, labels, timestampSeconds, startSeconds, exemplars = [] } = sample;
  return {
    name,
    labels,
    value: valueOf(sample, type === 'gaugehistogram'),
    timestampSeconds,
    startSeconds,
    exemplars: exemplars as readonly Exemplar2[],
  };
}

function valueOf({ value, histogram, summary }: ParsedSample, isGauge: boolean): number | CompositeValue2 {
  if (summary !== undefined) {
    const quantiles = summary.quantiles.map((one): Point2 => [one.quantile, one.value]);
    return {
      kind: 'summary',
      count: summary.count,
      sum: summary.sum,
      native: undefined,
      buckets: undefined,
      quantiles,
    };
  }
  if (histogram === undefined) return value;
  const { count, sum, buckets, native } = histogram;
  const side = (sign: 'negative' | 'positive'): Point2[] =>
    Array.from(native![sign].indexes, (index, i): Point2 => [index, native![sign].counts[i]!]);
  return {
    kind: isGauge ? 'gaugehistogram' : 'histogram',
    count,
    sum,
    native: native && {
      schema: native.schema,
      zeroThreshold: native.zeroThreshold,
      zeroCount: native.zeroCount,
      negative: side('negative'),
      positive: side('positive'),
    },
    buckets: buckets?.map((bucket): Point2 => [bucket.upperBound, bucket.count]),
    quantiles: undefined,
  };
}
