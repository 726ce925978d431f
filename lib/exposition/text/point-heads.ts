import type { KeptLabels } from '../kept-labels.ts';
import { writeBytes, writeRange } from '../write-bytes.ts';
import { lineFrame } from './line-frame.ts';

const COMMA = 44;

/** The beginnings of lines that have a label of their own, such as `le`, behind the series' labels. */
export class PointHeads {
  /** The most bytes that a head takes without the labels of its series. */
  readonly headBytes: number;
  readonly #open: Uint8Array;
  readonly #labels: KeptLabels;

  constructor(sampleName: string, labels: KeptLabels) {
    this.#open = new TextEncoder().encode(lineFrame(sampleName, true).open);
    this.#labels = labels;
    this.headBytes = this.#open.length + 1;
  }

  /** Writes the head of a series at `start` and returns the position behind it, where the label of its own begins. */
  write(index: number, bytes: Uint8Array, start: number): number {
    const labels = this.#labels;
    const labelsEnd = labels.end(index);
    const labelsStart = labels.start(index);
    let at = writeBytes(bytes, start, this.#open);
    if (labelsEnd > labelsStart) {
      at = writeRange(bytes, at, labels.bytes, labelsStart, labelsEnd);
      bytes[at++] = COMMA;
    }
    return at;
  }
}
