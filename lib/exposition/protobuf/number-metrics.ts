import type { NumberFamily, NumberSeries } from '../../model/family.ts';
import { MAX_KEPT_SERIES } from '../max-kept-series.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { writeBytes, writeRange } from '../write-bytes.ts';
import { COUNTER_START_FIELD, METRIC_FIELD, VALUE_FIELDS } from './fields.ts';
import { LabelPairs } from './label-pairs.ts';
import { type ProtobufMetrics, SERIES_PER_STEP } from './metrics.ts';
import { DOUBLE_FIELD_BYTES, doubleField, messageField, messageTag, timestampField, varintBytes, writeDouble, writeVarint } from './wire.ts';

/** Some successive series as they were last written. */
interface Block {
  readonly bytes: Uint8Array;
  /** The values that stand there. */
  readonly values: Float64Array;
  /** Where each series ends. */
  readonly ends: Uint32Array;
}

/**
 * Writes a family of single numbers. What was written is kept, as the lines of the text formats are: a value is eight
 * bytes at the same place for ever, so a scrape compares, writes what has changed, and copies. Series beyond those that are
 * kept are composed twice, since their length is asked for first.
 */
export class NumberMetrics implements ProtobufMetrics {
  readonly series: readonly NumberSeries[];
  readonly #labels: LabelPairs;
  /** The field behind the labels, with a value of 0. */
  readonly #point: Uint8Array;
  /** How far before the end of a series its value begins. */
  readonly #valueOffset: number;
  readonly #blocks: Block[] = [];

  constructor(family: NumberFamily, names: NameScheme) {
    this.series = family.series;
    this.#labels = new LabelPairs(family, names);
    const { createdSeconds } = family;
    const created = family.type === 'counter' && createdSeconds !== undefined ? timestampField(COUNTER_START_FIELD, createdSeconds) : new Uint8Array(0);
    this.#point = messageField(VALUE_FIELDS[family.type], doubleField(1, 0), created);
    this.#valueOffset = created.length + DOUBLE_FIELD_BYTES - 1;
  }

  stepBytes(step: number, count: number): number {
    let block = this.#blocks[step];
    if (block === undefined || block.ends.length < count) {
      block = this.#composed(step, count);
      const end = block.ends[count - 1]!;
      if (step * SERIES_PER_STEP >= MAX_KEPT_SERIES) return end;
      this.#blocks[step] = { bytes: block.bytes.slice(0, end), values: block.values.slice(), ends: block.ends.slice() };
    }
    return block.ends[count - 1]!;
  }

  writeStep(step: number, count: number, bytes: Uint8Array, at: number): void {
    const block = this.#blocks[step] ?? this.#composed(step, count);
    this.#update(block, step * SERIES_PER_STEP);
    bytes.set(block.bytes.subarray(0, block.ends[count - 1]), at);
  }

  /** Composes series in the scratch, with values of 0, as they stand in the template. */
  #composed(step: number, count: number): Block {
    const first = step * SERIES_PER_STEP;
    const point = this.#point;
    let end = 0;
    for (let i = 0; i < count; i++) {
      const { labelValues } = this.series[first + i]!;
      const most = this.#labels.maxBytes(labelValues);
      if (labelScratch.length < most) labelScratch = new Uint8Array(2 * most);
      const labelBytes = this.#labels.write(labelValues, labelScratch, 0);
      const length = labelBytes + point.length;
      const needed = end + 1 + varintBytes(length) + length;
      if (needed > scratch.length) {
        const grown = new Uint8Array(2 * needed);
        grown.set(scratch);
        scratch = grown;
      }
      scratch[end] = messageTag(METRIC_FIELD);
      end = writeVarint(scratch, end + 1, length);
      end = writeRange(scratch, end, labelScratch, 0, labelBytes);
      end = writeBytes(scratch, end, point);
      scratchEnds[i] = end;
    }
    return { bytes: scratch, values: scratchValues.subarray(0, count).fill(0), ends: scratchEnds.subarray(0, count) };
  }

  #update({ bytes, values, ends }: Block, first: number): void {
    const { series } = this;
    for (let i = 0; i < ends.length; i++) {
      const { value } = series[first + i]!;
      if (value === values[i]) continue;
      values[i] = value;
      writeDouble(bytes, ends[i]! - this.#valueOffset, value);
    }
  }
}

/** Where a block is composed, and the labels of a series. Written and read in one step. */
let scratch = new Uint8Array(16_384);
let labelScratch = new Uint8Array(1024);
const scratchEnds = new Uint32Array(SERIES_PER_STEP);
const scratchValues = new Float64Array(SERIES_PER_STEP);
