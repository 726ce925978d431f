import type { ParsedBucket, ParsedSummary } from '../parsed-family.ts';
import type { Scanner } from '../scanner.ts';
import { type NativeParts, readNativeFields } from './native-fields.ts';
import { expect, NUMBER, readNumber, readRealNumber } from './tokens.ts';

/** A value of several numbers (the production `composite-value`). */
export interface CompositeValue {
  readonly kind: 'histogram' | 'gaugehistogram' | 'summary';
  readonly count: number;
  readonly sum: number;
  /** Cumulative. */
  readonly buckets: readonly ParsedBucket[] | undefined;
  readonly native: NativeParts | undefined;
  readonly quantiles: ParsedSummary['quantiles'] | undefined;
}

/** Reads a composite value, from its opening brace to behind its closing one. Its fields have one order. */
export function readComposite(scanner: Scanner): CompositeValue {
  scanner.at++;
  const isGauge = scanner.take('gcount:');
  if (!isGauge && !scanner.take('count:')) scanner.fail(scanner.at, '"count:" or "gcount:"');
  const count = readNumber(scanner, `a count: ${NUMBER}`);
  expect(scanner, isGauge ? ',gsum:' : ',sum:');
  const sum = readNumber(scanner, `a sum: ${NUMBER}`);
  const quantiles = !isGauge && scanner.take(',quantile:[') ? readQuantiles(scanner) : undefined;
  const native = quantiles === undefined && scanner.take(',schema:') ? readNativeFields(scanner) : undefined;
  const mayHaveBuckets = quantiles === undefined;
  const buckets = mayHaveBuckets && scanner.take(',bucket:[') ? readBuckets(scanner) : undefined;
  if (mayHaveBuckets && native === undefined && buckets === undefined) {
    scanner.fail(scanner.at, `",schema:"${isGauge ? '' : ', ",quantile:["'} or ",bucket:[" behind the sum`);
  }
  expect(scanner, '}');
  const kind = quantiles !== undefined ? 'summary' : isGauge ? 'gaugehistogram' : 'histogram';
  return { kind, count, sum, buckets, native, quantiles };
}

/** Reads classic buckets up to behind the closing bracket: only the last is that of `+Inf`, and only the first that of `-Inf`. */
function readBuckets(scanner: Scanner): readonly ParsedBucket[] {
  const buckets: ParsedBucket[] = [];
  let last = -Infinity;
  for (;;) {
    const start = scanner.at;
    const isLast = scanner.take('+Inf:');
    const isInfinite = isLast || (buckets.length === 0 && scanner.take('-Inf:'));
    const upperBound = isLast ? Infinity : isInfinite ? -Infinity : readRealNumber(scanner, 'a threshold, or "+Inf:"');
    if (!isInfinite) expect(scanner, ':');
    if (buckets.length > 0 && upperBound <= last)
      scanner.tolerate(() => scanner.fail(start, `a threshold above ${last}`));
    last = upperBound;
    buckets.push({ upperBound, count: readNumber(scanner, `a count: ${NUMBER}`) });
    expect(scanner, isLast ? ']' : ',');
    if (isLast) return buckets;
  }
}

/** Reads quantiles up to behind the closing bracket. */
function readQuantiles(scanner: Scanner): ParsedSummary['quantiles'] {
  const quantiles: { quantile: number; value: number }[] = [];
  if (scanner.take(']')) return quantiles;
  for (;;) {
    const start = scanner.at;
    const quantile = readRealNumber(scanner, 'a quantile');
    const last = quantiles.at(-1)?.quantile;
    if (last !== undefined && quantile <= last) scanner.tolerate(() => scanner.fail(start, `a quantile above ${last}`));
    expect(scanner, ':');
    quantiles.push({ quantile, value: readNumber(scanner, `a value of the quantile: ${NUMBER}`) });
    if (scanner.take(']')) return quantiles;
    if (!scanner.take(',')) scanner.fail(scanner.at, '"," or "]" behind a quantile');
  }
}
