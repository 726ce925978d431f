import type { KeptLabels } from '../kept-labels.ts';
import { writeBytes, writeRange } from '../write-bytes.ts';
import { lineFrame } from './line-frame.ts';
import { MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';

const NEWLINE = 10;

/** The lines of one sample name, one for each series: those of a sum or a count. */
export class SampleLines {
  /** The most bytes that a line takes without its labels. */
  readonly lineBytes: number;
  readonly #open: Uint8Array;
  readonly #close: Uint8Array;
  readonly #labels: KeptLabels;

  constructor(sampleName: string, labels: KeptLabels) {
    const { open, close } = lineFrame(sampleName, !labels.areEmpty);
    this.#open = encoder.encode(open);
    this.#close = encoder.encode(close);
    this.#labels = labels;
    this.lineBytes = this.#open.length + this.#close.length + MAX_NUMBER_LENGTH + 1;
  }

  /** Writes the line of a series at `start` and returns the position behind it. */
  write(index: number, value: number, bytes: Uint8Array, start: number): number {
    const labels = this.#labels;
    const labelsEnd = labels.end(index);
    let at = writeBytes(bytes, start, this.#open);
    at = writeRange(bytes, at, labels.bytes, labels.start(index), labelsEnd);
    at = writeBytes(bytes, at, this.#close);
    at = writeNumber(bytes, at, value);
    bytes[at++] = NEWLINE;
    return at;
  }
}

const encoder = new TextEncoder();
