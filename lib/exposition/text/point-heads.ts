import type { ComposedLabels } from './composed-labels.ts';
import { lineFrame } from './line-frame.ts';
import type { LineTarget } from './line-target.ts';
import { TextPiece } from './text-piece.ts';

const COMMA = 44;

/** The beginnings of lines that have a label of their own, such as `le`, behind the series' labels. */
export class PointHeads {
  /** The most bytes that a head takes without the labels of its series. */
  readonly headBytes: number;
  readonly #open: TextPiece;
  readonly #labels: ComposedLabels;

  constructor(sampleName: string, labels: ComposedLabels) {
    this.#open = new TextPiece(lineFrame(sampleName, true).open);
    this.#labels = labels;
    this.headBytes = this.#open.length + 1;
  }

  /** Writes the head of the composed series at `start` and returns the position behind it, where the label of its own begins. */
  write({ bytes, view }: LineTarget, start: number): number {
    const open = this.#open.write(view, start);
    if (this.#labels.length === 0) return open;
    const at = this.#labels.write(view, open);
    bytes[at] = COMMA;
    return at + 1;
  }
}
