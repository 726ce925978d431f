import type { HistogramFamily, HistogramSeries, SummaryFamily, SummarySeries } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { writeRange } from '../write-bytes.ts';
import { HISTOGRAM_START_FIELD, METRIC_FIELD, SUMMARY_START_FIELD, VALUE_FIELDS } from './fields.ts';
import { KeptLabels } from './kept-labels.ts';
import { LabelPairs } from './label-pairs.ts';
import { type ProtobufMetrics, SERIES_PER_STEP } from './metrics.ts';
import { COUNT_BYTES, countField, doubleField, messageField, messageTag, timestampField, varintBytes, writeCount, writeDouble, writeVarint } from './wire.ts';

/** Where the first count or sum of a distribution stands in its message, behind their tags. */
const COUNT_START = 1;
const SUM_START = COUNT_START + COUNT_BYTES + 1;
const POINTS_START = SUM_START + 8;

/** Of a bucket: tag and length, then its count behind a tag, then its upper bound behind another. */
const BUCKET_BYTES = 2 + 1 + COUNT_BYTES + 9;
const BUCKET_COUNT_START = 3;
/** Of a quantile: tag and length, then two doubles, each behind a tag. */
const QUANTILE_BYTES = 2 + 9 + 9;
const QUANTILE_VALUE_START = 12;

/**
 * Writes a family of histograms or summaries. Each series is as long as any other with the same labels, whatever it has
 * counted: a template, filled in.
 */
abstract class DistributionMetrics<S extends HistogramSeries | SummarySeries> implements ProtobufMetrics {
  readonly series: readonly S[];
  readonly #labels: KeptLabels;
  /** The field behind the labels, with counts and values of 0. */
  readonly #template: Uint8Array;
  /** Where the message begins in the template, behind tag and length. */
  readonly #messageStart: number;

  constructor(family: (HistogramFamily | SummaryFamily) & { readonly series: readonly S[] }, names: NameScheme, message: readonly Uint8Array[]) {
    this.series = family.series;
    this.#labels = new KeptLabels(family.series, new LabelPairs(family, names));
    this.#template = messageField(VALUE_FIELDS[family.type], ...message);
    this.#messageStart = this.#template.length - message.reduce((sum, part) => sum + part.length, 0);
  }

  stepBytes(step: number, count: number): number {
    const first = step * SERIES_PER_STEP;
    let bytes = 0;
    for (let i = first; i < first + count; i++) {
      const length = this.#metricBytes(i);
      bytes += 1 + varintBytes(length) + length;
    }
    return bytes;
  }

  writeStep(step: number, count: number, bytes: Uint8Array, at: number): void {
    const first = step * SERIES_PER_STEP;
    const labels = this.#labels;
    let end = at;
    for (let i = first; i < first + count; i++) {
      bytes[end] = messageTag(METRIC_FIELD);
      end = writeVarint(bytes, end + 1, this.#metricBytes(i));
      end = writeRange(bytes, end, labels.bytes, labels.start(i), labels.end(i));
      bytes.set(this.#template, end);
      this.fill(this.series[i]!, bytes, end + this.#messageStart);
      end += this.#template.length;
    }
  }

  /** Puts the numbers of a series into its message, which begins at `at`. */
  protected abstract fill(series: S, bytes: Uint8Array, at: number): void;

  #metricBytes(index: number): number {
    return this.#labels.end(index) - this.#labels.start(index) + this.#template.length;
  }
}

/** Writes a family of histograms. */
export class HistogramMetrics extends DistributionMetrics<HistogramSeries> {
  constructor(family: HistogramFamily, names: NameScheme) {
    const buckets = [...family.upperBounds, Infinity].map((bound) => messageField(3, countField(1, 0), doubleField(2, bound)));
    super(family, names, [countField(1, 0), doubleField(2, 0), ...buckets, ...startField(HISTOGRAM_START_FIELD, family)]);
  }

  protected override fill({ bucketCounts, sum }: HistogramSeries, bytes: Uint8Array, at: number): void {
    let count = 0;
    let bucketAt = at + POINTS_START + BUCKET_COUNT_START;
    for (let i = 0; i < bucketCounts.length; i++) {
      count += bucketCounts[i]!;
      writeCount(bytes, bucketAt, count);
      bucketAt += BUCKET_BYTES;
    }
    writeCount(bytes, at + COUNT_START, count);
    writeDouble(bytes, at + SUM_START, sum);
  }
}

/** Writes a family of summaries. */
export class SummaryMetrics extends DistributionMetrics<SummarySeries> {
  constructor(family: SummaryFamily, names: NameScheme) {
    const quantiles = family.quantiles.map((quantile) => messageField(3, doubleField(1, quantile), doubleField(2, 0)));
    super(family, names, [countField(1, 0), doubleField(2, 0), ...quantiles, ...startField(SUMMARY_START_FIELD, family)]);
  }

  protected override fill({ quantileValues, sum, count }: SummarySeries, bytes: Uint8Array, at: number): void {
    writeCount(bytes, at + COUNT_START, count);
    writeDouble(bytes, at + SUM_START, sum);
    quantileValues.forEach((value, i) => writeDouble(bytes, at + POINTS_START + i * QUANTILE_BYTES + QUANTILE_VALUE_START, value));
  }
}

/** The start timestamp of a family; of a gauge histogram, which may fall, there is none. */
function startField(field: number, { type, createdSeconds }: HistogramFamily | SummaryFamily): Uint8Array[] {
  return createdSeconds === undefined || type === 'gaugehistogram' ? [] : [timestampField(field, createdSeconds)];
}
