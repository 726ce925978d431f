import type { Family, MetricType, Series } from '../../model/family.ts';
import { allocate, MAX_CACHED_SERIES, type Memory } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import type { HeldMetrics } from './held-metrics.ts';
import { LabelPairs } from './labels.ts';
import {
  beginMessage,
  copyBytes,
  endMessage,
  fieldBytes,
  MAX_TIMESTAMP_BYTES,
  SPARE_BYTES,
  writeTimestampField,
} from './wire.ts';

// The numbers of the messages in io/prometheus/client/metrics.proto.

/** `MetricFamily.metric`. */
export const METRIC_FIELD = 4;

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

/** About how many bytes an exemplar takes: if it is so many, a metric need not be moved for its length. */
const EXEMPLAR_BYTES = 75;

/** What is cached of some successive series: their labels, or the whole of their metrics. */
export interface Block {
  readonly memory: Memory;
  /** Where the labels of each series begin and end. */
  readonly labelStarts: Uint32Array;
  readonly labelEnds: Uint32Array;
  /** The values in the metrics; undefined where only labels are cached. */
  readonly values?: Float64Array;
}

/**
 * Writes the `metric` fields of a family, some series at a time.
 *
 * The length of the family comes before its series, so each series is looked at twice: to measure it, then to write it.
 * Fields of fixed width keep it as long as it was measured, whatever it has counted meanwhile. Exemplars do not: series
 * that have some are written when they are measured, and held.
 */
export abstract class MetricWriter<S extends Series = Series, E = unknown> {
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
  protected constructor(
    family: Family,
    series: readonly S[],
    names: NameScheme,
    { seriesPerStep, pointBytes }: MetricSize,
  ) {
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
        const memory = held!.withRoomFor(plainBytes + this.maxExemplarBytes(exemplars) + SPARE_BYTES);
        held!.add(first + i, this.writeMetric(this.series[first + i]!, exemplars, block, i, memory, length));
        bytes += held!.length - length;
      }
    }
    return bytes;
  }

  /** Returns the series from `first` to `end` as they were measured, with their current values. Copy them at once. */
  abstract write(first: number, end: number, held: HeldMetrics | undefined): Uint8Array;

  /** How many bytes must be free for exemplars. */
  protected abstract maxExemplarBytes(exemplars: E): number;

  /** The exemplars of a series that has some: one, or one for each bucket. */
  protected abstract exemplarsOf(series: S): E | undefined;

  /** Writes the fields of the message that holds the value, but for the start time; returns the position behind them. */
  protected abstract writeValue(series: S, exemplars: E | undefined, target: Memory, at: number): number;

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
  protected writeMetric(
    series: S,
    exemplars: E | undefined,
    block: Block,
    index: number,
    target: Memory,
    at: number,
  ): number {
    const labelStart = block.labelStarts[index]!;
    const labelEnd = block.labelEnds[index]!;
    const expectedBytes = labelEnd - labelStart + this.valueFieldBytes + (exemplars === undefined ? 0 : EXEMPLAR_BYTES);
    const start = beginMessage(target.bytes, at, METRIC_FIELD, expectedBytes);
    const valueAt = copyBytes(target.view, start, block.memory.view, labelStart, labelEnd);
    return endMessage(target.bytes, at, start, this.writeValueField(series, exemplars, target, valueAt));
  }

  /** Writes the field that holds the value; returns the position behind it. */
  protected writeValueField(series: S, exemplars: E | undefined, target: Memory, at: number): number {
    const start = beginMessage(target.bytes, at, this.#valueField, this.#valueBytes);
    const pointEnd = this.writeValue(series, exemplars, target, start);
    return endMessage(target.bytes, at, start, this.copyStart(target, pointEnd));
  }

  /** Writes the start time. */
  protected copyStart(target: Memory, at: number): number {
    return copyBytes(target.view, at, this.#start.view, 0, this.startBytes);
  }
}

/** How large the metrics of a family are. */
interface MetricSize {
  readonly seriesPerStep: number;
  readonly pointBytes: number;
}
