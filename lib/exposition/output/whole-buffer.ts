import type { Output } from './output.ts';

/**
 * Collects a whole exposition in one piece of memory, so that nothing has to be put together at the end. Its chunks, the
 * occasions to give the event loop back, are of about `chunkBytes`, and lie side by side.
 */
export class WholeBuffer implements Output {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  readonly #chunkBytes: number;
  #chunkStart = 0;

  /** `expectedBytes` is the room to begin with, that of a chunk if it is 0; it grows by doubling. */
  constructor(chunkBytes: number, expectedBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.bytes = new Uint8Array(expectedBytes || chunkBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  hasRoomFor(count: number): boolean {
    const end = this.length + count;
    return end <= this.bytes.length && end - this.#chunkStart <= this.#chunkBytes;
  }

  next(count: number): Uint8Array {
    const chunk = this.rest();
    this.#chunkStart = this.length;
    if (this.length + count > this.bytes.length) {
      const grown = new Uint8Array(2 * (this.length + count));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return chunk;
  }

  rest(): Uint8Array {
    return this.bytes.subarray(this.#chunkStart, this.length);
  }
}
