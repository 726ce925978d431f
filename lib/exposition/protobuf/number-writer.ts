import type { Exemplar, NumberFamily, NumberSeries } from '../../model/family.ts';
import { allocate, copyOf, type Memory, withRoomFor } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import type { HeldMetrics } from './held-metrics.ts';
import { maxExemplarBytes, writeExemplar } from './labels.ts';
import { type Block, METRIC_FIELD, MetricWriter } from './metric-writer.ts';
import {
  beginMessage,
  copyBytes,
  DOUBLE_FIELD_BYTES,
  endMessage,
  MAX_TAG_AND_LENGTH,
  SPARE_BYTES,
  writeDoubleField,
} from './wire.ts';

/** Writes single numbers. Whole metrics are cached: a value is eight bytes at the same place for good. */
export class NumberWriter extends MetricWriter<NumberSeries, Exemplar> {
  constructor(family: NumberFamily, names: NameScheme) {
    super(family, family.series, names, { seriesPerStep: 128, pointBytes: DOUBLE_FIELD_BYTES });
  }

  override write(first: number, end: number, held: HeldMetrics | undefined): Uint8Array {
    const { memory, labelEnds, values } = this.block(first, end) as Required<Block>;
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
    let at = 0;
    for (let i = 0; i < count; i++) {
      const isHeld = held.take(first + i);
      const start = isHeld ? held.start : i === 0 ? 0 : labelEnds[i - 1]! + this.valueFieldBytes;
      const metricEnd = isHeld ? held.end : labelEnds[i]! + this.valueFieldBytes;
      scratch = withRoomFor(scratch, at + metricEnd - start + SPARE_BYTES, at);
      at = copyBytes(scratch.view, at, isHeld ? held.view : memory.view, start, metricEnd);
    }
    return scratch.bytes.subarray(0, at);
  }

  protected override newBlock(first: number, count: number): Required<Block> {
    const labelStarts = new Uint32Array(count);
    const labelEnds = new Uint32Array(count);
    const values = new Float64Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const series = this.series[first + i]!;
      const { labelValues } = series;
      scratch = withRoomFor(
        scratch,
        at + this.labels.maxBytes(labelValues) + MAX_TAG_AND_LENGTH + this.valueFieldBytes + SPARE_BYTES,
        at,
      );
      const start = beginMessage(scratch.bytes, at, METRIC_FIELD, 1);
      const labelEnd = this.labels.write(labelValues, scratch, start);
      values[i] = series.value;
      at = endMessage(scratch.bytes, at, start, this.writeValueField(series, undefined, scratch, labelEnd));
      labelEnds[i] = at - this.valueFieldBytes;
      labelStarts[i] = labelEnds[i]! - (labelEnd - start);
    }
    return { memory: copyOf(scratch, at, SPARE_BYTES), labelStarts, labelEnds, values };
  }

  protected override exemplarsOf({ exemplar }: NumberSeries): Exemplar | undefined {
    return exemplar;
  }

  protected override maxExemplarBytes(exemplar: Exemplar): number {
    return maxExemplarBytes(exemplar);
  }

  protected override writeValue(
    { value }: NumberSeries,
    exemplar: Exemplar | undefined,
    target: Memory,
    at: number,
  ): number {
    const end = writeDoubleField(target, at, 1, value);
    return exemplar === undefined ? end : writeExemplar(target, end, 2, exemplar);
  }
}

/** Where metrics are composed. Written and read in one step. */
let scratch = allocate(2048);
