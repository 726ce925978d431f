import type { Exemplar } from '../../model/exemplar.ts';
import type { Family, HistogramFamily, HistogramSeries, MetricType, NumberFamily, NumberSeries, Series, SummaryFamily, SummarySeries } from '../../model/family.ts';
import { allocate, MAX_CACHED_SERIES, type Memory, withRoomFor } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import {
  beginMessage, COUNT_BYTES, copyBytes, DOUBLE_FIELD_BYTES, endMessage, fieldBytes, maxTextFieldBytes, MAX_TAG_AND_LENGTH,
  MAX_TIMESTAMP_BYTES, SPARE_BYTES, writeCountField, writeDoubleField, writeTextField, writeTimestampField,
} from './wire.ts';

// The numbers of the messages in io/prometheus/client/metrics.proto.

/** `MetricFamily.metric`. */
const METRIC_FIELD = 4;
/** `Metric.label`, `Exemplar.label`. */
const LABEL_FIELD = 1;
const LABEL_NAME_FIELD = 1;
const LABEL_VALUE_FIELD = 2;

/** The field of `Metric` that holds the value, by the type of the family. */
const VALUE_FIELDS: Readonly<Record<MetricType, number>> = {
  gauge: 2,
  info: 2,
  stateset: 2,
  counter: 3,
  summary: 4,
  unknown: 5,
  histogram: 7,
  gaugehistogram: 7,
};

/** The start timestamp (`created_timestamp` in older versions) of a Counter, a Summary and a Histogram. */
const START_FIELDS: Readonly<Partial<Record<MetricType, number>>> = { counter: 3, summary: 4, histogram: 15 };

/** `Histogram.bucket` and `Summary.quantile`. */
const POINT_FIELD = 3;
/** The bytes of a bucket without its exemplar, and of a quantile. */
const BUCKET_BYTES = 1 + COUNT_BYTES + DOUBLE_FIELD_BYTES;
const QUANTILE_BYTES = 2 * DOUBLE_FIELD_BYTES;

/** The exemplars of a series, by bucket; of a counter there is one. */
type Exemplars = readonly (Exemplar | undefined)[];

/** What is cached of some successive series: their labels, or the whole of their metrics. */
interface Block {
  readonly memory: Memory;
  /** Where the labels of each series begin and end. */
  readonly labelStarts: Uint32Array;
  readonly labelEnds: Uint32Array;
  /** The values in the metrics, where these are cached. */
  readonly values: Float64Array;
}

/**
 * Writes the `metric` fields of a family, some series at a time.
 *
 * The length of the family comes before its series, so each series is looked at twice: to measure it, then to write it.
 * Fields of fixed width keep it as long as it was measured, whatever it has counted meanwhile. Exemplars do not: series
 * that have some are written when they are measured, and held.
 */
export abstract class MetricWriter<S extends Series = Series> {
  readonly series: readonly S[];
  readonly createdSeconds: number | undefined;
  readonly seriesPerStep: number;
  /** The bytes of the field that holds the value, without exemplars. */
  protected readonly valueFieldBytes: number;
  protected readonly labels: LabelPairs;
  readonly #valueField: number;
  readonly #valueBytes: number;
  /** The field of the start time. */
  readonly #start = allocate(MAX_TIMESTAMP_BYTES + SPARE_BYTES);
  protected readonly startBytes: number;
  readonly #blocks: Block[] = [];

  /** `pointBytes` are those of the message that holds the value, without exemplars and start time. */
  protected constructor(family: Family, series: readonly S[], names: NameScheme, { seriesPerStep, pointBytes }: MetricSize) {
    const { createdSeconds, type } = family;
    this.series = series;
    this.createdSeconds = createdSeconds;
    this.seriesPerStep = seriesPerStep;
    this.labels = new LabelPairs(family, names);
    this.#valueField = VALUE_FIELDS[type];
    const startField = START_FIELDS[type];
    const hasStart = startField !== undefined && createdSeconds !== undefined;
    this.startBytes = hasStart ? writeTimestampField(this.#start.bytes, 0, startField, createdSeconds) : 0;
    this.#valueBytes = pointBytes + this.startBytes;
    this.valueFieldBytes = fieldBytes(this.#valueBytes);
  }

  /** Returns how many bytes the series from `first` to `end` take. With `held`, writes those with exemplars there. */
  measure(first: number, end: number, held: HeldMetrics | undefined): number {
    const block = this.block(first, end);
    const { labelStarts, labelEnds } = block;
    let bytes = 0;
    for (let i = 0; i < end - first; i++) {
      const plainBytes = fieldBytes(labelEnds[i]! - labelStarts[i]! + this.valueFieldBytes);
      const exemplars = held === undefined ? undefined : this.exemplarsOf(this.series[first + i]!);
      if (exemplars === undefined) bytes += plainBytes;
      else {
        const { length } = held!;
        const memory = held!.withRoomFor(plainBytes + maxExemplarBytes(exemplars) + SPARE_BYTES);
        held!.add(first + i, this.writeMetric(this.series[first + i]!, exemplars, block, i, memory, length));
        bytes += held!.length - length;
      }
    }
    return bytes;
  }

  /** Returns the series from `first` to `end` as they were measured, with their current values. Copy them at once. */
  abstract write(first: number, end: number, held: HeldMetrics | undefined): Uint8Array;

  /** The exemplars of a series that has some. */
  protected abstract exemplarsOf(series: S): Exemplars | undefined;

  /** Writes the fields of the message that holds the value, but for the start time; returns the position behind them. */
  protected abstract writeValue(series: S, exemplars: Exemplars | undefined, target: Memory, at: number): number;

  /** Composes a block. */
  protected abstract newBlock(first: number, count: number): Block;

  /** Returns what is cached of the series from `first` to `end`, or more of them. */
  protected block(first: number, end: number): Block {
    const cached = this.#blocks[first / this.seriesPerStep];
    if (cached !== undefined && cached.labelEnds.length >= end - first) return cached;
    const block = this.newBlock(first, end - first);
    if (first < MAX_CACHED_SERIES) this.#blocks[first / this.seriesPerStep] = block;
    return block;
  }

  /** Writes the metric of the series at `index` of a block; returns the position behind it. */
  protected writeMetric(series: S, exemplars: Exemplars | undefined, block: Block, index: number, target: Memory, at: number): number {
    const labelStart = block.labelStarts[index]!;
    const labelEnd = block.labelEnds[index]!;
    const start = beginMessage(target.bytes, at, METRIC_FIELD, labelEnd - labelStart + this.valueFieldBytes);
    const valueAt = copyBytes(target.view, start, block.memory.view, labelStart, labelEnd);
    return endMessage(target.bytes, at, start, this.writeValueField(series, exemplars, target, valueAt));
  }

  /** Writes the field that holds the value; returns the position behind it. */
  protected writeValueField(series: S, exemplars: Exemplars | undefined, target: Memory, at: number): number {
    const start = beginMessage(target.bytes, at, this.#valueField, this.#valueBytes);
    const pointEnd = this.writeValue(series, exemplars, target, start);
    return endMessage(target.bytes, at, start, copyBytes(target.view, pointEnd, this.#start.view, 0, this.startBytes));
  }
}

/** How large the metrics of a family are. */
interface MetricSize {
  readonly seriesPerStep: number;
  readonly pointBytes: number;
}

/** Returns the writer of a family. */
export function metricWriterOf(family: Family, names: NameScheme): MetricWriter {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return new HistogramWriter(family, names);
    case 'summary':
      return new SummaryWriter(family, names);
    default:
      return new NumberWriter(family, names);
  }
}

/** Writes single numbers. Whole metrics are cached: a value is eight bytes at the same place for good. */
class NumberWriter extends MetricWriter<NumberSeries> {
  constructor(family: NumberFamily, names: NameScheme) {
    super(family, family.series, names, { seriesPerStep: 128, pointBytes: DOUBLE_FIELD_BYTES });
  }

  override write(first: number, end: number, held: HeldMetrics | undefined): Uint8Array {
    const { memory, labelEnds, values } = this.block(first, end);
    const valueAt = this.valueFieldBytes - this.startBytes - 8;
    const count = end - first;
    for (let i = 0; i < count; i++) {
      const { value } = this.series[first + i]!;
      if (value === values[i]) continue;
      values[i] = value;
      memory.view.setFloat64(labelEnds[i]! + valueAt, value, true);
    }
    const length = labelEnds[count - 1]! + this.valueFieldBytes;
    if (held === undefined) return memory.bytes.subarray(0, length);
    let copied = 0;
    let at = 0;
    const copyUpTo = (to: number): void => {
      scratch = withRoomFor(scratch, at + to - copied, at);
      scratch.bytes.set(memory.bytes.subarray(copied, to), at);
      at += to - copied;
    };
    for (let i = 0; i < count; i++) {
      const metric = held.take(first + i);
      if (metric === undefined) continue;
      copyUpTo(i === 0 ? 0 : labelEnds[i - 1]! + this.valueFieldBytes);
      scratch = withRoomFor(scratch, at + metric.length, at);
      scratch.bytes.set(metric, at);
      at += metric.length;
      copied = labelEnds[i]! + this.valueFieldBytes;
    }
    copyUpTo(length);
    return scratch.bytes.subarray(0, at);
  }

  protected override newBlock(first: number, count: number): Block {
    const labelStarts = new Uint32Array(count);
    const labelEnds = new Uint32Array(count);
    const values = new Float64Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const series = this.series[first + i]!;
      const { labelValues } = series;
      scratch = withRoomFor(scratch, at + this.labels.maxBytes(labelValues) + MAX_TAG_AND_LENGTH + this.valueFieldBytes + SPARE_BYTES, at);
      const start = beginMessage(scratch.bytes, at, METRIC_FIELD, 1);
      const labelEnd = this.labels.write(labelValues, scratch, start);
      values[i] = series.value;
      at = endMessage(scratch.bytes, at, start, this.writeValueField(series, undefined, scratch, labelEnd));
      labelEnds[i] = at - this.valueFieldBytes;
      labelStarts[i] = labelEnds[i]! - (labelEnd - start);
    }
    return { memory: copyOfScratch(at), labelStarts, labelEnds, values };
  }

  protected override exemplarsOf({ exemplar }: NumberSeries): Exemplars | undefined {
    return exemplar === undefined ? undefined : [exemplar];
  }

  protected override writeValue({ value }: NumberSeries, exemplars: Exemplars | undefined, target: Memory, at: number): number {
    const end = writeDoubleField(target, at, 1, value);
    return exemplars === undefined ? end : writeExemplar(target, end, 2, exemplars[0]!);
  }
}

/** Writes histograms or summaries. Their labels are cached; the rest would take 300 bytes for each series. */
abstract class DistributionWriter<S extends HistogramSeries | SummarySeries> extends MetricWriter<S> {
  override write(first: number, end: number, held: HeldMetrics | undefined): Uint8Array {
    const block = this.block(first, end);
    const { labelStarts, labelEnds } = block;
    let at = 0;
    for (let i = 0; i < end - first; i++) {
      const metric = held?.take(first + i);
      const bytes = metric?.length ?? fieldBytes(labelEnds[i]! - labelStarts[i]! + this.valueFieldBytes);
      scratch = withRoomFor(scratch, at + bytes + SPARE_BYTES, at);
      if (metric === undefined) this.writeMetric(this.series[first + i]!, undefined, block, i, scratch, at);
      else scratch.bytes.set(metric, at);
      at += bytes;
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
    return { memory: copyOfScratch(at), labelStarts, labelEnds, values: NO_VALUES };
  }
}

class HistogramWriter extends DistributionWriter<HistogramSeries> {
  readonly #upperBounds: readonly number[];

  constructor(family: HistogramFamily, names: NameScheme) {
    const upperBounds = [...family.upperBounds, Infinity];
    const pointBytes = 1 + COUNT_BYTES + DOUBLE_FIELD_BYTES + upperBounds.length * fieldBytes(BUCKET_BYTES);
    super(family, family.series, names, { seriesPerStep: 32, pointBytes });
    this.#upperBounds = upperBounds;
  }

  protected override exemplarsOf({ exemplars }: HistogramSeries): Exemplars | undefined {
    return exemplars === undefined ? undefined : [...exemplars];
  }

  protected override writeValue(series: HistogramSeries, exemplars: Exemplars | undefined, target: Memory, at: number): number {
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

class SummaryWriter extends DistributionWriter<SummarySeries> {
  readonly #quantiles: readonly number[];

  constructor(family: SummaryFamily, names: NameScheme) {
    const pointBytes = 1 + COUNT_BYTES + DOUBLE_FIELD_BYTES + family.quantiles.length * fieldBytes(QUANTILE_BYTES);
    super(family, family.series, names, { seriesPerStep: 32, pointBytes });
    this.#quantiles = family.quantiles;
  }

  protected override exemplarsOf(): undefined {
    return undefined;
  }

  protected override writeValue({ quantileValues, sum, count }: SummarySeries, _exemplars: undefined, target: Memory, at: number): number {
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

/** The metrics with exemplars of one scrape, from when they are measured until they are written. */
export class HeldMetrics {
  /** How many bytes are in use. */
  length = 0;
  #memory = allocate(1024);
  readonly #indexes: number[] = [];
  readonly #ends: number[] = [];
  /** How many have been taken, and where the next begins. */
  #taken = 0;
  #start = 0;

  /** Returns the memory, of which `count` bytes are free at {@link length}. */
  withRoomFor(count: number): Memory {
    this.#memory = withRoomFor(this.#memory, this.length + count, this.length);
    return this.#memory;
  }

  /** Holds the metric of a series, which was written at {@link length} and ends at `end`. */
  add(index: number, end: number): void {
    this.#indexes.push(index);
    this.#ends.push(end);
    this.length = end;
  }

  /** Returns the metric of a series if it is held. To be called for each series in turn. */
  take(index: number): Uint8Array | undefined {
    if (this.#indexes[this.#taken] !== index) return undefined;
    const end = this.#ends[this.#taken++]!;
    const metric = this.#memory.bytes.subarray(this.#start, end);
    this.#start = end;
    return metric;
  }
}

/** Writes the labels of a family's series as the `label` fields of their metrics, the constant labels last. */
class LabelPairs {
  /** The fields of the label names, and how many bytes they take. */
  readonly #names: readonly Memory[];
  readonly #nameBytes: readonly number[];
  /** The fields of the constant labels. */
  readonly #constants: Memory;
  readonly #constantBytes: number;

  constructor({ labelNames, constantLabels }: Family, names: NameScheme) {
    const escaped = labelNames.map((name) => names.label(name));
    this.#names = escaped.map((name) => allocate(maxTextFieldBytes(name) + SPARE_BYTES));
    this.#nameBytes = escaped.map((name, i) => writeTextField(this.#names[i]!.bytes, 0, LABEL_NAME_FIELD, name));
    const constants = constantLabels.map(([name, value]) => [names.label(name), value] as const);
    this.#constants = allocate(constants.reduce((sum, [name, value]) => sum + maxLabelBytes(name, value), SPARE_BYTES));
    this.#constantBytes = constants.reduce((at, [name, value]) => writeLabel(this.#constants.bytes, at, name, value), 0);
  }

  /** How many bytes must be free for labels with these values. */
  maxBytes(values: readonly string[]): number {
    let most = this.#constantBytes + SPARE_BYTES;
    for (let i = 0; i < this.#names.length; i++) most += MAX_TAG_AND_LENGTH + this.#nameBytes[i]! + maxTextFieldBytes(values[i]!);
    return most;
  }

  /** Writes the labels at `at`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(values: readonly string[], { bytes, view }: Memory, at: number): number {
    let end = at;
    for (let i = 0; i < this.#names.length; i++) {
      const value = values[i]!;
      const nameBytes = this.#nameBytes[i]!;
      const start = beginMessage(bytes, end, LABEL_FIELD, nameBytes + fieldBytes(value.length));
      const valueAt = copyBytes(view, start, this.#names[i]!.view, 0, nameBytes);
      end = endMessage(bytes, end, start, writeTextField(bytes, valueAt, LABEL_VALUE_FIELD, value));
    }
    return copyBytes(view, end, this.#constants.view, 0, this.#constantBytes);
  }
}

/** Writes a label of any name and returns the position behind it. */
function writeLabel(bytes: Uint8Array, at: number, name: string, value: string): number {
  const start = beginMessage(bytes, at, LABEL_FIELD, fieldBytes(name.length) + fieldBytes(value.length));
  const end = writeTextField(bytes, writeTextField(bytes, start, LABEL_NAME_FIELD, name), LABEL_VALUE_FIELD, value);
  return endMessage(bytes, at, start, end);
}

function maxLabelBytes(name: string, value: string): number {
  return maxTextFieldBytes(name) + maxTextFieldBytes(value) + MAX_TAG_AND_LENGTH;
}

/** Writes an exemplar as a field and returns the position behind it. */
function writeExemplar(target: Memory, at: number, field: number, { labels, value, timestampSeconds }: Exemplar): number {
  const { bytes } = target;
  const start = beginMessage(bytes, at, field, 1);
  let end = start;
  for (const name in labels) if (Object.hasOwn(labels, name)) end = writeLabel(bytes, end, name, labels[name]!);
  end = writeDoubleField(target, end, 2, value);
  if (timestampSeconds !== undefined) end = writeTimestampField(bytes, end, 3, timestampSeconds);
  return endMessage(bytes, at, start, end);
}

/** How many bytes must be free for exemplars. */
function maxExemplarBytes(exemplars: Exemplars): number {
  let most = 0;
  for (const exemplar of exemplars) {
    if (exemplar === undefined) continue;
    most += MAX_TAG_AND_LENGTH + DOUBLE_FIELD_BYTES + MAX_TIMESTAMP_BYTES;
    for (const name in exemplar.labels) if (Object.hasOwn(exemplar.labels, name)) most += maxLabelBytes(name, exemplar.labels[name]!);
  }
  return most;
}

function copyOfScratch(length: number): Memory {
  const copy = allocate(length + SPARE_BYTES);
  copy.bytes.set(scratch.bytes.subarray(0, length));
  return copy;
}

const NO_VALUES = new Float64Array(0);

/** Where metrics and labels are composed. Written and read in one step. */
let scratch = allocate(16_384);
