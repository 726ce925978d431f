import type { Exemplar, HistogramFamily, HistogramSeries, SummaryFamily, SummarySeries } from '../../model/family.ts';
import { allocate, copyOf, type Memory, withRoomFor } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import type { HeldMetrics } from './held-metrics.ts';
import { maxExemplarBytes, writeExemplar } from './labels.ts';
import { type Block, MetricWriter } from './metric-writer.ts';
import {
  beginMessage,
  COUNT_BYTES,
  copyBytes,
  DOUBLE_FIELD_BYTES,
  endMessage,
  fieldBytes,
  SPARE_BYTES,
  writeCountField,
  writeDoubleField,
} from './wire.ts';

/** The exemplars of a histogram, by bucket. */
export type Exemplars = readonly (Exemplar | undefined)[];

/** `Histogram.bucket` and `Summary.quantile`. */
const POINT_FIELD = 3;
/** The bytes of a bucket without its exemplar, and of a quantile. */
const BUCKET_BYTES = 1 + COUNT_BYTES + DOUBLE_FIELD_BYTES;
const QUANTILE_BYTES = 2 * DOUBLE_FIELD_BYTES;

/** Writes histograms or summaries. Only their labels are cached; caching the rest would cost too much memory. */
abstract class DistributionWriter<S extends HistogramSeries | SummarySeries> extends MetricWriter<S, Exemplars> {
  override write(first: number, end: number, held: HeldMetrics | undefined): Uint8Array {
    const block = this.block(first, end);
    const { labelStarts, labelEnds } = block;
    let at = 0;
    for (let i = 0; i < end - first; i++) {
      if (held?.take(first + i) === true) {
        scratch = withRoomFor(scratch, at + held.end - held.start + SPARE_BYTES, at);
        at = copyBytes(scratch.view, at, held.view, held.start, held.end);
        continue;
      }
      const bytes = fieldBytes(labelEnds[i]! - labelStarts[i]! + this.valueFieldBytes);
      scratch = withRoomFor(scratch, at + bytes + SPARE_BYTES, at);
      at = this.writeMetric(this.series[first + i]!, undefined, block, i, scratch, at);
    }
    return scratch.bytes.subarray(0, at);
  }

  protected override newBlock(first: number, count: number): Block {
    const labelStarts = new Uint32Array(count);
    const labelEnds = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const { labelValues } = this.series[first + i]!;
      scratch = withRoomFor(scratch, at + this.labels.maxBytes(labelValues), at);
      labelStarts[i] = at;
      labelEnds[i] = at = this.labels.write(labelValues, scratch, at);
    }
    return { memory: copyOf(scratch, at, SPARE_BYTES), labelStarts, labelEnds };
  }
}

/** Writes histograms: sum, count, and cumulative buckets with their exemplars. */
export class HistogramWriter extends DistributionWriter<HistogramSeries> {
  readonly #upperBounds: readonly number[];

  constructor(family: HistogramFamily, names: NameScheme) {
    const upperBounds = [...family.upperBounds, Infinity];
    const pointBytes = 1 + COUNT_BYTES + DOUBLE_FIELD_BYTES + upperBounds.length * fieldBytes(BUCKET_BYTES);
    super(family, family.series, names, { seriesPerStep: 32, pointBytes });
    this.#upperBounds = upperBounds;
  }

  protected override exemplarsOf({ exemplars }: HistogramSeries): Exemplars | undefined {
    return exemplars;
  }

  protected override maxExemplarBytes(exemplars: Exemplars): number {
    let most = 0;
    for (const exemplar of exemplars) if (exemplar !== undefined) most += maxExemplarBytes(exemplar);
    return most;
  }

  protected override writeValue(
    series: HistogramSeries,
    exemplars: Exemplars | undefined,
    target: Memory,
    at: number,
  ): number {
    const { bucketCounts, sum } = series;
    const { bytes } = target;
    const bounds = this.#upperBounds;
    const countAt = at;
    let end = writeDoubleField(target, at + 1 + COUNT_BYTES, 2, sum);
    let count = 0;
    for (let i = 0; i < bounds.length; i++) {
      count += bucketCounts[i]!;
      const bucketAt = end;
      const start = beginMessage(bytes, bucketAt, POINT_FIELD, BUCKET_BYTES);
      end = writeDoubleField(target, writeCountField(target, start, 1, count), 2, bounds[i]!);
      const exemplar = exemplars?.[i];
      if (exemplar !== undefined) end = writeExemplar(target, end, 3, exemplar);
      end = endMessage(bytes, bucketAt, start, end);
    }
    writeCountField(target, countAt, 1, count);
    return end;
  }
}

/** Writes summaries: sum, count and quantiles. */
export class SummaryWriter extends DistributionWriter<SummarySeries> {
  readonly #quantiles: readonly number[];

  constructor(family: SummaryFamily, names: NameScheme) {
    const pointBytes = 1 + COUNT_BYTES + DOUBLE_FIELD_BYTES + family.quantiles.length * fieldBytes(QUANTILE_BYTES);
    super(family, family.series, names, { seriesPerStep: 32, pointBytes });
    this.#quantiles = family.quantiles;
  }

  protected override exemplarsOf(): undefined {
    return undefined;
  }

  protected override maxExemplarBytes(): number {
    return 0;
  }

  protected override writeValue(
    { quantileValues, sum, count }: SummarySeries,
    _exemplars: undefined,
    target: Memory,
    at: number,
  ): number {
    let end = writeDoubleField(target, writeCountField(target, at, 1, count), 2, sum);
    for (let i = 0; i < this.#quantiles.length; i++) {
      const pointAt = end;
      const start = beginMessage(target.bytes, pointAt, POINT_FIELD, QUANTILE_BYTES);
      end = writeDoubleField(target, writeDoubleField(target, start, 1, this.#quantiles[i]!), 2, quantileValues[i]!);
      end = endMessage(target.bytes, pointAt, start, end);
    }
    return end;
  }
}

/** Where metrics and labels are composed. Written and read in one step. */
let scratch = allocate(2048);
