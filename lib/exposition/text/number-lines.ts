import type { Exemplar, NumberFamily, NumberSeries } from '../../model/family.ts';
import { allocate, copyOf, MAX_CACHED_SERIES, type Memory, withRoomFor } from '../memory.ts';
import {
  copyText,
  type FamilyLines,
  type LineOptions,
  type LineStyle,
  SPARE_BYTES,
  startText,
  TextPiece,
} from './family-lines.ts';
import { LabelList, lineFrame, maxExemplarBytes, writeExemplar } from './labels.ts';
import { MAX_NUMBER_LENGTH, numberText, overwriteInteger, writeNumber } from './number-text.ts';

/** Series of a block. Each block costs 900 bytes beside its text: 7 for each of its series. */
const SERIES_PER_BLOCK = 128;

const NEWLINE = 10;

/** The lines of some successive series as they were last written. */
interface Block {
  text: Memory;
  /** How many bytes of the text are in use. */
  length: number;
  readonly seriesCount: number;
  /** The values in the text. */
  readonly values: Float64Array;
  /** The exemplars in the text; undefined where none are written. */
  readonly exemplars: (Exemplar | undefined)[] | undefined;
  /** Where the value of each series begins, and where it ends. */
  readonly bounds: Uint16Array | Uint32Array;
  /** Where the exemplar of each series ends, and the line; undefined where none are written. */
  readonly exemplarEnds: Uint32Array | undefined;
}

/**
 * Writes the lines of a family of single numbers: `name{label="value"} 42`, with an exemplar and a start time where the
 * format has them: behind the value, or in a `_created` line.
 *
 * Lines are cached: a scrape compares each value with that in the text, and copies what has not changed. A new value of
 * the same length is written over the old one; from the first of another length on, the block is rewritten.
 */
export class NumberLines implements FamilyLines {
  readonly series: readonly NumberSeries[];
  readonly seriesPerStep = SERIES_PER_BLOCK;
  readonly #open: TextPiece;
  readonly #close: TextPiece;
  readonly #labels: LabelList;
  readonly #hasExemplars: boolean;
  readonly #areExemplarsTimed: boolean;
  /** The start time behind a value, if it is there. */
  readonly #start: TextPiece;
  /** The text around the labels of a `_created` line. */
  readonly #created: { readonly open: TextPiece; readonly close: TextPiece } | undefined;
  /** The most bytes that a series takes without its labels and its exemplar. */
  readonly #frameBytes: number;
  readonly #blocks: Block[] = [];

  constructor(
    family: NumberFamily,
    { sampleName, names, createdName, isOpenMetrics2 = false }: LineStyle,
    options: LineOptions,
  ) {
    const { hasExemplars, createdSeconds } = options;
    this.series = family.series;
    this.#labels = new LabelList(family, names);
    this.#hasExemplars = hasExemplars;
    this.#areExemplarsTimed = isOpenMetrics2;
    this.#start = new TextPiece(isOpenMetrics2 ? startText(createdSeconds) : '');
    const hasLabels = !this.#labels.isEmpty;
    const { open, close } = lineFrame(sampleName, hasLabels);
    this.#open = new TextPiece(open);
    this.#close = new TextPiece(close);
    this.#frameBytes =
      this.#open.length + this.#close.length + MAX_NUMBER_LENGTH + this.#start.length + 1 + SPARE_BYTES;
    if (createdName === undefined || createdSeconds === undefined) return;
    const frame = lineFrame(createdName, hasLabels);
    const createdClose = new TextPiece(`${frame.close}${numberText(createdSeconds)}\n`);
    this.#created = { open: new TextPiece(frame.open), close: createdClose };
    this.#frameBytes += this.#created.open.length + createdClose.length;
  }

  linesOf(first: number, end: number): Uint8Array {
    const index = first / SERIES_PER_BLOCK;
    const count = end - first;
    let block = this.#blocks[index];
    // A scrape that began later may have cached more series than belong to this one.
    if (first >= MAX_CACHED_SERIES || (block !== undefined && block.seriesCount > count)) {
      return scratch.bytes.subarray(0, this.#compose(first, count));
    }
    if (block === undefined || block.seriesCount < count) block = this.#blocks[index] = this.#newBlock(first, count);
    else this.#update(block, first);
    return block.text.bytes.subarray(0, block.length);
  }

  #newBlock(first: number, seriesCount: number): Block {
    const length = this.#compose(first, seriesCount);
    // Two bytes for a position, unless the lines are long: whatever their values, these stay below the limit.
    const isShort = !this.#hasExemplars && length + seriesCount * MAX_NUMBER_LENGTH <= 0xffff;
    const Bounds = isShort ? Uint16Array : Uint32Array;
    return {
      text: copyOf(scratch, length, spareBytes(length)),
      length,
      seriesCount,
      values: scratchValues.slice(0, seriesCount),
      exemplars: this.#hasExemplars ? scratchExemplars.slice(0, seriesCount) : undefined,
      exemplarEnds: this.#hasExemplars ? scratchExemplarEnds.slice(0, seriesCount) : undefined,
      bounds: new Bounds(scratchBounds.subarray(0, 2 * seriesCount)),
    };
  }

  /** Writes lines into the scratch memory, and what a block caches of them beside it; returns how many bytes they take. */
  #compose(first: number, seriesCount: number): number {
    const labels = this.#labels;
    const created = this.#created;
    let at = 0;
    for (let i = 0; i < seriesCount; i++) {
      const series = this.series[first + i]!;
      const { labelValues, value } = series;
      const exemplar = this.#hasExemplars ? this.#exemplarOf(series) : undefined;
      const most = at + this.#frameBytes + labels.maxBytes(labelValues) * (created === undefined ? 1 : 2);
      scratch = withRoomFor(scratch, most + maxExemplarBytes(exemplar), at);
      const { bytes, view } = scratch;
      const labelStart = this.#open.write(view, at);
      const labelEnd = labels.write(labelValues, scratch, labelStart);
      at = this.#close.write(view, labelEnd);
      scratchBounds[2 * i] = at;
      scratchBounds[2 * i + 1] = at = writeNumber(bytes, at, value);
      at = this.#start.write(view, at);
      scratchExemplarEnds[i] = at = writeExemplar(bytes, at, exemplar);
      scratchValues[i] = value;
      scratchExemplars[i] = exemplar;
      bytes[at++] = NEWLINE;
      if (created === undefined) continue;
      at = created.open.write(view, at);
      at = copyText(view, at, view, labelStart, labelEnd - labelStart);
      at = created.close.write(view, at);
    }
    return at;
  }

  /** The exemplar that is written with a series. */
  #exemplarOf({ exemplar }: NumberSeries): Exemplar | undefined {
    return this.#areExemplarsTimed && exemplar?.timestampSeconds === undefined ? undefined : exemplar;
  }

  /** Brings a block up to date. */
  #update(block: Block, first: number): void {
    const { series } = this;
    const { values, exemplars, exemplarEnds, bounds, seriesCount, text } = block;
    // From the first change of a length on, the text is written once more into the scratch memory: from `rewritten` to
    // `at`, which is the old text up to `copied`.
    let rewritten = -1;
    let copied = 0;
    let at = 0;
    for (let i = 0; i < seriesCount; i++) {
      const one = series[first + i]!;
      const { value } = one;
      const exemplar = exemplars === undefined ? undefined : this.#exemplarOf(one);
      const hasSameExemplar = exemplars === undefined || exemplar === exemplars[i];
      const start = bounds[2 * i]!;
      const end = bounds[2 * i + 1]!;
      if (value === values[i] && hasSameExemplar) {
        if (rewritten === -1) continue;
        bounds[2 * i] = start - copied + at;
        bounds[2 * i + 1] = end - copied + at;
        if (exemplarEnds !== undefined) exemplarEnds[i] = exemplarEnds[i]! - copied + at;
        continue;
      }
      const old = values[i]!;
      values[i] = value;
      if (rewritten === -1) {
        if (hasSameExemplar && overwriteNumber(text.bytes, start, end, old, value)) continue;
        rewritten = copied = at = start;
      }
      scratch = withRoomFor(
        scratch,
        at + start - copied + MAX_NUMBER_LENGTH + this.#start.length + maxExemplarBytes(exemplar) + SPARE_BYTES,
        at,
      );
      at = copyRun(scratch, at, text, copied, start);
      bounds[2 * i] = at;
      bounds[2 * i + 1] = at = writeNumber(scratch.bytes, at, value);
      copied = end;
      if (exemplarEnds === undefined) continue;
      const exemplarEnd = exemplarEnds[i]!;
      if (!hasSameExemplar) {
        exemplars![i] = exemplar;
        at = writeExemplar(scratch.bytes, this.#start.write(scratch.view, at), exemplar);
        copied = exemplarEnd;
      }
      exemplarEnds[i] = exemplarEnd - copied + at;
    }
    if (rewritten === -1) return;
    scratch = withRoomFor(scratch, at + block.length - copied + SPARE_BYTES, at);
    at = copyRun(scratch, at, text, copied, block.length);
    block.text = withRoomFor(text, at + SPARE_BYTES, rewritten);
    block.text.bytes.set(scratch.bytes.subarray(rewritten, at), rewritten);
    block.length = at;
  }
}

/** Writes `value` over `old`, from `start` to `end`, if it takes as many bytes; returns whether it does. */
function overwriteNumber(bytes: Uint8Array, start: number, end: number, old: number, value: number): boolean {
  if (overwriteInteger(bytes, start, end, old, value)) return true;
  const length = writeNumber(number, 0, value);
  if (length !== end - start) return false;
  for (let i = 0; i < length; i++) bytes[start + i] = number[i]!;
  return true;
}

/** Copies the text from `start` to `end`; returns the position behind the copy. */
function copyRun(target: Memory, at: number, source: Memory, start: number, end: number): number {
  const length = end - start;
  if (length < SHORT_RUN) return copyText(target.view, at, source.view, start, length);
  target.bytes.set(source.bytes.subarray(start, end), at);
  return at + length;
}

/** Up to about so many bytes, {@link copyText} is faster than the call of `set()`. */
const SHORT_RUN = 256;

/** Room for values to grow before the block must be copied to a larger place, and for copies in steps of eight bytes. */
function spareBytes(length: number): number {
  return (length >> 6) + SPARE_BYTES;
}

/** Where lines are composed. Written and read in one step. */
let scratch = allocate(2048);
const number = new Uint8Array(MAX_NUMBER_LENGTH);
const scratchBounds = new Uint32Array(2 * SERIES_PER_BLOCK);
const scratchExemplarEnds = new Uint32Array(SERIES_PER_BLOCK);
const scratchValues = new Float64Array(SERIES_PER_BLOCK);
const scratchExemplars = new Array<Exemplar | undefined>(SERIES_PER_BLOCK);
