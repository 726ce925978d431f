/** The buffer begins with the length of the list in bytes. */
const HEADER = Int32Array.BYTES_PER_ELEMENT;
const FIRST_BYTES = 1024;

/** A series in a list: where its numbers are, and its label values. */
export interface ListedSeries {
  readonly buffer: number;
  readonly start: number;
  readonly labelValues: readonly string[];
}

/**
 * The series of a family, as lines of JSON in shared memory. It only grows: a reader in another thread looks at the length,
 * which is written last. A buffer that is full is replaced by one that is twice as long.
 */
export class SeriesList {
  buffer = new SharedArrayBuffer(FIRST_BYTES);
  readonly #encoder = new TextEncoder();
  #length = 0;

  /** Adds a series; returns whether it is in a new buffer. */
  add({ buffer, start, labelValues }: ListedSeries): boolean {
    // Written over a copy: `encodeInto()` takes no shared memory.
    const line = this.#encoder.encode(`${JSON.stringify([buffer, start, ...labelValues])}\n`);
    const end = this.#length + line.length;
    const isFull = HEADER + end > this.buffer.byteLength;
    if (isFull) {
      const grown = new SharedArrayBuffer(2 * (HEADER + end));
      new Uint8Array(grown).set(new Uint8Array(this.buffer));
      this.buffer = grown;
    }
    new Uint8Array(this.buffer, HEADER).set(line, this.#length);
    this.#length = end;
    Atomics.store(new Int32Array(this.buffer, 0, 1), 0, end);
    return isFull;
  }
}

/** Reads a {@link SeriesList} as it grows. */
export class SeriesListReader {
  readonly #decoder = new TextDecoder();
  #read = 0;

  /** Returns the series that were added since the last call. `list` is the current buffer. */
  next(list: SharedArrayBuffer): ListedSeries[] {
    const length = Atomics.load(new Int32Array(list, 0, 1), 0);
    if (length === this.#read) return [];
    // Copied: a decoder takes no shared memory.
    const text = this.#decoder.decode(new Uint8Array(list, HEADER).slice(this.#read, length));
    this.#read = length;
    return text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [buffer, start, ...labelValues] = JSON.parse(line) as [number, number, ...string[]];
        return { buffer, start, labelValues };
      });
  }
}
