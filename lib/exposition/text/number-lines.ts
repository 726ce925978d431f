import type { NumberFamily, NumberSeries } from '../../model/family.ts';
import { MAX_KEPT_SERIES } from '../max-kept-series.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { LabelList } from './label-list.ts';
import { lineFrame } from './line-frame.ts';
import { newLineTarget } from './line-target.ts';
import { MAX_NUMBER_LENGTH, overwriteNumber, writeNumber } from './number-text.ts';
import { SPARE_BYTES, TextPiece } from './text-piece.ts';

/**
 * Lines of a block. A value that changes its length moves the rest of its block (60 ns with 64 lines, 300 with 256);
 * against that stand 800 bytes for each block, 6 for a series.
 */
export const LINES_PER_BLOCK = 128;
const NEWLINE = 10;

/** The lines of some successive series as they were last written. */
interface Block {
  bytes: Uint8Array;
  length: number;
  /** The values that stand there. */
  readonly values: Float64Array;
  /** Where each value begins; it ends at the line feed. */
  readonly valueStarts: Uint16Array | Uint32Array;
  /** How many lines there are. */
  lines: number;
}

/**
 * Writes the lines of a family of single numbers: `name{label="value"} 42`.
 *
 * The plain way composes each line at each scrape, from name, labels and value. This one keeps the lines it wrote, and
 * at the next scrape writes a value only where it has changed, over the old one; unchanged lines cost a comparison and
 * their share of one memory copy. For 100,000 series on an EPYC with Node 20: 15 to 19 ms composed, 2.1 ms with every value
 * changed, 1.5 ms with one in a hundred. It costs its bytes and 20 more a series from the first scrape on.
 */
export class NumberLines {
  /** The array of series that the lines are of, which only grows. */
  readonly series: readonly NumberSeries[];
  readonly #open: TextPiece;
  readonly #close: TextPiece;
  readonly #labels: LabelList;
  readonly #blocks: Block[] = [];

  /** `sampleName` is the name of the lines, escaped; the format decides it. */
  constructor(sampleName: string, family: NumberFamily, names: NameScheme) {
    this.series = family.series;
    this.#labels = new LabelList(family, names);
    const { open, close } = lineFrame(sampleName, !this.#labels.isEmpty);
    this.#open = new TextPiece(open);
    this.#close = new TextPiece(close);
  }

  /**
   * Returns a block of the lines of the first `seriesCount` series, with their current values. Copy it at once: the next
   * scrape changes it.
   */
  block(index: number, seriesCount: number): Uint8Array {
    const first = index * LINES_PER_BLOCK;
    const wanted = Math.min(seriesCount - first, LINES_PER_BLOCK);
    let block = this.#blocks[index];
    // A scrape that began later may have cached more lines than belong to this one.
    if (first >= MAX_KEPT_SERIES || (block !== undefined && block.lines > wanted)) {
      const length = this.#compose(first, wanted);
      return scratch.bytes.subarray(0, length);
    }
    if (block === undefined || block.lines < wanted) block = this.#blocks[index] = this.#newBlock(first, wanted);
    else this.#update(block, first);
    return block.bytes.subarray(0, block.length);
  }

  #newBlock(first: number, lines: number): Block {
    const length = this.#compose(first, lines);
    // Two bytes each, unless the lines are very long: however the values change, they stay below this.
    const Starts = length + lines * MAX_NUMBER_LENGTH <= 0xffff ? Uint16Array : Uint32Array;
    const valueStarts = new Starts(scratchStarts.subarray(0, lines));
    const values = scratchValues.slice(0, lines);
    return { bytes: scratch.bytes.slice(0, length + spareBytes(length)), length, values, valueStarts, lines };
  }

  /** Writes lines into the scratch, and what a block keeps of them beside it; returns how many bytes they take. */
  #compose(first: number, lines: number): number {
    let length = 0;
    for (let i = 0; i < lines; i++) {
      const series = this.series[first + i]!;
      const { value } = series;
      length = this.#composeHead(series, length);
      scratchValues[i] = value;
      scratchStarts[i] = length;
      const { bytes } = scratch;
      length = writeNumber(bytes, length, value);
      bytes[length++] = NEWLINE;
    }
    return length;
  }

  /** Writes what stands before the value of a line into the scratch, and makes sure that the value has room there. */
  #composeHead({ labelValues }: NumberSeries, start: number): number {
    const labels = this.#labels;
    const most = start + this.#open.length + labels.maxBytes(labelValues) + this.#close.length + MAX_NUMBER_LENGTH + SPARE_BYTES;
    if (most > scratch.bytes.length) {
      const grown = newLineTarget(2 * most);
      grown.bytes.set(scratch.bytes);
      scratch = grown;
    }
    const { view } = scratch;
    return this.#close.write(view, labels.write(labelValues, scratch, this.#open.write(view, start)));
  }

  #update(block: Block, first: number): void {
    const { series } = this;
    const { values, valueStarts, lines } = block;
    for (let i = 0; i < lines; i++) {
      const { value } = series[first + i]!;
      const old = values[i]!;
      if (value === old) continue;
      values[i] = value;
      if (!overwriteNumber(block.bytes, valueStarts[i]!, old, value)) overwrite(block, i, value);
    }
  }
}

/** Puts a value in the place of the one that stands in a line. */
function overwrite(block: Block, line: number, value: number): void {
  const { valueStarts } = block;
  const start = valueStarts[line]!;
  const length = writeNumber(written, 0, value);
  let bytes = block.bytes;
  let end = start;
  while (bytes[end] !== NEWLINE) end++;
  const growth = length - (end - start);
  if (growth !== 0) {
    if (block.length + growth > bytes.length) {
      bytes = new Uint8Array(block.length + growth + spareBytes(block.length));
      bytes.set(block.bytes);
      block.bytes = bytes;
    }
    bytes.copyWithin(end + growth, end, block.length);
    block.length += growth;
    for (let i = line + 1; i < block.lines; i++) valueStarts[i]! += growth;
  }
  for (let i = 0; i < length; i++) bytes[start + i] = written[i]!;
}

/** Room for values to grow before the block must be copied to a larger place. */
function spareBytes(length: number): number {
  return length >> 6;
}

/** Where a block is composed, and a value before it is known to fit. Written and read in one step. */
let scratch = newLineTarget(8192);
const scratchStarts = new Uint32Array(LINES_PER_BLOCK);
const scratchValues = new Float64Array(LINES_PER_BLOCK);
const written = new Uint8Array(MAX_NUMBER_LENGTH);
