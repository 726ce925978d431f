/** The buffer begins with the length of the list in bytes. */
const HEADER = Int32Array.BYTES_PER_ELEMENT;
const FIRST_BYTES = 1024;
const LINE_FEED = 0x0a;
/** How many lines a list may have in addition to twice those of its series. */
const SPARE_LINES = 1000;

/** A series in a list: where its numbers are, and its label values; or the line of a series that is removed. */
export type ListLine =
  | readonly [buffer: number, start: number, labelValues: readonly string[]]
  | readonly [line: number];

/**
 * The series of a family, as lines of JSON in shared memory. It only grows: a reader in another thread looks at the length,
 * which is written last. A buffer that is full is replaced by one that is twice as long.
 */
export class SeriesList {
  readonly #encoder = new TextEncoder();
  #head = new Int32Array(new SharedArrayBuffer(FIRST_BYTES), 0, 1);
  #bytes = new Uint8Array(this.buffer, HEADER);
  #length = 0;
  /** Where each line begins. */
  readonly #starts: number[] = [];
  #removals = 0;

  get buffer(): SharedArrayBuffer {
    return this.#head.buffer as SharedArrayBuffer;
  }

  /** Whether most lines are of removed series: time to begin another list. */
  get isSparse(): boolean {
    // A removal makes two lines useless: its own, and the one that it names.
    return this.#removals * 4 > this.#starts.length + SPARE_LINES;
  }

  /** How many lines there are. */
  get count(): number {
    return this.#starts.length;
  }

  /** Adds a line; returns whether it is in a new buffer. */
  add(line: ListLine): boolean {
    if (line.length === 1) this.#removals++;
    // Written over a copy: `encodeInto()` takes no shared memory.
    return this.#append(this.#encoder.encode(`${JSON.stringify(line)}\n`));
  }

  /** Adds a line of another list. */
  copy(list: SeriesList, line: number): void {
    this.#append(list.#bytes.subarray(list.#starts[line], list.#starts[line + 1] ?? list.#length));
  }

  #append(line: Uint8Array): boolean {
    const end = this.#length + line.length;
    const isFull = end > this.#bytes.length;
    if (isFull) {
      this.#head = new Int32Array(new SharedArrayBuffer(2 * (HEADER + end)), 0, 1);
      const grown = new Uint8Array(this.buffer, HEADER);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(line, this.#length);
    this.#starts.push(this.#length);
    this.#length = end;
    Atomics.store(this.#head, 0, end);
    return isFull;
  }
}

/** Reads a {@link SeriesList} as it grows. */
export class SeriesListReader {
  readonly #decoder = new TextDecoder();
  #read = 0;

  /** Whether there are lines that {@link next} has not returned. */
  isBehind(list: SharedArrayBuffer): boolean {
    return lengthOf(list) > this.#read;
  }

  /** Returns lines that were added since the last call, of `bytes` or little more. `list` is the current buffer. */
  next(list: SharedArrayBuffer, bytes: number): ListLine[] {
    const length = lengthOf(list);
    if (length === this.#read) return [];
    const lines = new Uint8Array(list, HEADER, length);
    const lineFeed = this.#read + bytes < length ? lines.indexOf(LINE_FEED, this.#read + bytes) : length - 1;
    // Copied: a decoder takes no shared memory.
    const text = this.#decoder.decode(lines.slice(this.#read, lineFeed));
    this.#read = lineFeed + 1;
    return JSON.parse(`[${text.replaceAll('\n', ',')}]`) as ListLine[];
  }
}

function lengthOf(list: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(list, 0, 1), 0);
}
