/** Copies are made in steps of eight bytes, and so may read and write up to 7 bytes behind their end. */
export const SPARE_BYTES = 8;

/**
 * Copies UTF-8 text and returns the position behind it. Source and target must have {@link SPARE_BYTES} more: in the
 * source, more text or zeros; in the target they are overwritten.
 *
 * Copies eight bytes at a time, as the double that they are: 10 ns for 45 bytes, where `copyWithin()` takes 30 and a loop
 * over the bytes 56 (AMD EPYC, Node 20). Of all doubles only a NaN may change its bytes, and UTF-8 is never one: the last
 * two bytes would be 0xf0 or more and then 0x7f or 0xff, but after 0xf0 or more comes 0x80 to 0xbf.
 */
export function copyText(target: DataView, at: number, source: DataView, start: number, length: number): number {
  for (let i = 0; i < length; i += 8) target.setFloat64(at + i, source.getFloat64(start + i, true), true);
  return at + length;
}

/** A text that many lines contain. */
export class TextPiece {
  /** Its length in bytes. */
  readonly length: number;
  readonly #view: DataView;

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    this.length = bytes.length;
    const padded = new Uint8Array(bytes.length + SPARE_BYTES);
    padded.set(bytes);
    this.#view = new DataView(padded.buffer);
  }

  /** Writes it at `at`, where {@link SPARE_BYTES} more than its length must be free, and returns the position behind it. */
  write(target: DataView, at: number): number {
    return copyText(target, at, this.#view, 0, this.length);
  }
}
