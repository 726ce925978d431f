import type { ComposedLabels } from './composed-labels.ts';
import { lineFrame } from './line-frame.ts';
import type { LineTarget } from './line-target.ts';
import { MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';
import { TextPiece } from './text-piece.ts';

const NEWLINE = 10;

/** The lines of one sample name, one for each series: those of a sum or a count. */
export class SampleLines {
  /** The most bytes that a line takes without its labels. */
  readonly lineBytes: number;
  readonly #open: TextPiece;
  readonly #close: TextPiece;
  readonly #labels: ComposedLabels;

  constructor(sampleName: string, labels: ComposedLabels) {
    const { open, close } = lineFrame(sampleName, !labels.areEmpty);
    this.#open = new TextPiece(open);
    this.#close = new TextPiece(close);
    this.#labels = labels;
    this.lineBytes = this.#open.length + this.#close.length + MAX_NUMBER_LENGTH + 1;
  }

  /** Writes the line of the composed series at `start` and returns the position behind it. */
  write(value: number, { bytes, view }: LineTarget, start: number): number {
    let at = this.#open.write(view, start);
    at = this.#labels.write(view, at);
    at = this.#close.write(view, at);
    at = writeNumber(bytes, at, value);
    bytes[at++] = NEWLINE;
    return at;
  }
}
