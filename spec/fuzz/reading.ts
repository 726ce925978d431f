import { isDeepStrictEqual } from 'node:util';
import { parse } from '../../lib/parse/index.ts';
import {
  type DecodedExemplar,
  type DecodedMetric,
  type DecodedNative,
  decodeProtobuf,
} from '../support/decode-protobuf.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { asFamilies2, asFarAsParsed } from '../support/parsed-openmetrics2.ts';
import { type Exemplar2, readOpenMetrics2, type Sample2 } from '../support/read-openmetrics2.ts';
import { readTextExposition, type TextExemplar, type TextFamily } from '../support/read-text-exposition.ts';
import { labelsKey, point, seconds } from './expected.ts';
import type { FuzzFormat } from './formats.ts';
import type { ModelExemplar } from './model.ts';

/** A family as it was read back. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  /** The points of each series by its labels, as `labelsKey()` writes them. */
  readonly series: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the bytes of a scrape back by readers that share no code with the encoders: all text by two of them. Throws on
 * bytes that break a format, and on a family or series that is there twice.
 */
export function readScrape(bytes: Uint8Array, format: FuzzFormat, contentType: string): ReadFamily[] {
  const families = familiesOf(bytes, format, contentType);
  const names = new Set(families.map(({ name }) => name));
  if (names.size < families.length)
    throw new Error(`a family is there twice: ${families.map(({ name }) => name).join(' ')}`);
  return families;
}

function familiesOf(bytes: Uint8Array, format: FuzzFormat, contentType: string): ReadFamily[] {
  switch (format.protocol) {
    case 'protobuf':
      return readProtobuf(bytes);
    case 'openmetrics2':
      return readOpenMetrics2Families(bytes, contentType);
    default:
      return readText(bytes, format, contentType);
  }
}

function readText(bytes: Uint8Array, format: FuzzFormat, contentType: string): ReadFamily[] {
  const text = textOf(bytes);
  const isOpenMetrics = format.protocol === 'openmetrics';
  const families = readTextExposition(text, isOpenMetrics);
  const second = format.accept.endsWith('0.0.4') ? parseExposition(text) : parse(text, contentType);
  const count = (all: readonly { readonly samples: readonly unknown[] }[]): number =>
    all.reduce((sum, { samples }) => sum + samples.length, 0);
  if (count(second) !== count(families))
    throw new Error(`two readers find ${count(families)} and ${count(second)} samples`);
  return families.map(readTextFamily);
}

function readTextFamily({ name, type, help, unit, samples }: TextFamily): ReadFamily {
  const series = new Map<string, string[]>();
  let last = '';
  for (const sample of samples) {
    if (!sample.name.startsWith(name)) throw new Error(`${sample.name} is a sample of ${name}`);
    const pointLabel = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : '';
    const bound = sample.labels.get(pointLabel);
    const key = labelsKey([...sample.labels].filter(([label]) => label !== pointLabel));
    if (key !== last && series.has(key)) throw new Error(`a series of ${name} is there twice: ${key.slice(0, 200)}`);
    last = key;
    const points = series.get(key) ?? [];
    series.set(key, points);
    const suffix = sample.name.slice(name.length);
    const value = suffix === '_created' ? seconds(sample.value) : sample.value;
    const boundText = bound === undefined ? '' : String(bound === '+Inf' ? Infinity : Number(bound));
    const text = point(suffix, boundText, value, exemplarOf(sample.exemplar));
    if (points.some((other) => other.startsWith(`${suffix}|${boundText}|`))) {
      throw new Error(`a sample of ${name} is there twice: ${text} ${key.slice(0, 200)}`);
    }
    points.push(text);
  }
  return { name, type, help, unit, series };
}

function exemplarOf(exemplar: TextExemplar | undefined): ModelExemplar | undefined {
  if (exemplar === undefined) return undefined;
  return {
    ...exemplar,
    labels: Object.fromEntries(exemplar.labels),
    timestampSeconds: exemplar.timestampSeconds ?? NaN,
  };
}

function readOpenMetrics2Families(bytes: Uint8Array, contentType: string): ReadFamily[] {
  const families = readOpenMetrics2(textOf(bytes));
  const second = asFamilies2(parse(bytes, contentType));
  if (!isDeepStrictEqual(asFarAsParsed(families), second)) throw new Error('two readers read different things');
  return families.map(({ name, help, type, unit, samples }) => ({
    name,
    help,
    type,
    unit,
    // The reader has seen to it that each series is there once.
    series: new Map(samples.map((sample) => [labelsKey(sample.labels), pointsOf2(sample)])),
  }));
}

function pointsOf2({ value, exemplars, startSeconds }: Sample2): string[] {
  const created = startSeconds === undefined ? [] : [point('_created', '', seconds(startSeconds))];
  if (typeof value === 'number') {
    if (exemplars.length > 1) throw new Error('more than one exemplar of a counter');
    return [point('', '', value, exemplarOf(exemplars[0])), ...created];
  }
  const { native, buckets = [], quantiles = [] } = value;
  const placed =
    native === undefined
      ? placedExemplars(
          exemplars,
          buckets.map(([bound]) => bound),
        )
      : [];
  return [
    ...buckets.map(([bound, count], i) => point('_bucket', String(bound), count, exemplarOf(placed[i]))),
    ...(native === undefined ? [] : nativePointsOf({ ...native, exemplars: [] })),
    ...(native === undefined ? [] : exemplars.map((one) => point('exemplar', '', one.value, exemplarOf(one)))),
    ...quantiles.map(([quantile, one]) => point('', String(quantile), one)),
    point('_sum', '', value.sum),
    point('_count', '', value.count),
    ...created,
  ];
}

/** The exemplars by bucket: a line has them behind all buckets. */
function placedExemplars(exemplars: readonly Exemplar2[], bounds: readonly number[]): (Exemplar2 | undefined)[] {
  const placed = bounds.map((): Exemplar2 | undefined => undefined);
  for (const exemplar of exemplars) {
    const bucket = bounds.findIndex((bound) => exemplar.value <= bound);
    if (placed[bucket] !== undefined) throw new Error('two exemplars of a bucket');
    placed[bucket] = exemplar;
  }
  return placed;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function readProtobuf(bytes: Uint8Array): ReadFamily[] {
  return decodeProtobuf(bytes).map(({ name, help, type, unit, metrics }) => {
    const series = new Map<string, readonly string[]>();
    for (const metric of metrics) {
      const key = labelsKey(Object.entries(metric.labels));
      if (series.has(key)) throw new Error(`a series of ${name} is there twice: ${key.slice(0, 200)}`);
      series.set(key, pointsOf(metric));
    }
    return { name, help, type: type.toLowerCase(), unit, series };
  });
}

function pointsOf({ value, exemplar, count, sum, buckets, native, quantiles, startSeconds }: DecodedMetric): string[] {
  const created = startSeconds === undefined ? [] : [point('_created', '', seconds(startSeconds))];
  if (value !== undefined) return [point('', '', value, protobufExemplar(exemplar)), ...created];
  const bucketPoints = (buckets ?? []).map((bucket) =>
    point('_bucket', String(bucket.bound), bucket.count, protobufExemplar(bucket.exemplar)),
  );
  const quantilePoints = (quantiles ?? []).map((one) => point('', String(one.quantile), one.value));
  const nativePoints = native === undefined ? [] : nativePointsOf(native);
  return [
    ...bucketPoints,
    ...nativePoints,
    ...quantilePoints,
    point('_sum', '', sum!),
    point('_count', '', count!),
    ...created,
  ];
}

function nativePointsOf({ schema, zeroThreshold, zeroCount, exemplars, ...buckets }: DecodedNative): string[] {
  return [
    point('schema', '', schema),
    point('zero', String(zeroThreshold), zeroCount),
    ...(['negative', 'positive'] as const).flatMap((sign) =>
      buckets[sign].filter(([, count]) => count !== 0).map(([index, count]) => point(sign, String(index), count)),
    ),
    ...exemplars.map((exemplar) => point('exemplar', '', exemplar.value, protobufExemplar(exemplar))),
  ];
}

function protobufExemplar(exemplar: DecodedExemplar | undefined): ModelExemplar | undefined {
  return exemplar && { ...exemplar, timestampSeconds: exemplar.timestampSeconds ?? NaN };
}
