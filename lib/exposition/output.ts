/** Yielded by an encoder where it may pause: no chunk is complete, but other work may have its turn. */
export const PAUSE: unique symbol = Symbol('pause');

/** What an encoder yields: a complete chunk, or an occasion to pause. Each chunk is such an occasion too. */
export type Step = Uint8Array | typeof PAUSE;

/** Writes into memory, and hands it out in chunks. */
export interface Output {
  /** The memory to write to. The first {@link length} bytes are taken. */
  readonly bytes: Uint8Array;
  length: number;
  /** Whether `count` more bytes fit before the next call of {@link next}. */
  hasRoomFor(count: number): boolean;
  /** Returns what was written since the last call as a chunk, and makes room for at least `count` more bytes. */
  next(count: number): Step;
  /** Returns what was written since then, for the end. */
  rest(): Step;
}

/** Copies `bytes` to the output, where they must fit. */
export function append(out: Output, bytes: Uint8Array): void {
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

/** Writes chunks into memory from a pool: a small piece for the beginning, which is all that most expositions take. */
export class ChunkBuffer implements Output {
  bytes: Uint8Array;
  length = 0;
  readonly #pool: ChunkPool;
  #isSmall = true;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.bytes = pool.takeSmall();
  }

  hasRoomFor(count: number): boolean {
    return this.length + count <= this.bytes.length;
  }

  next(count: number): Step {
    if (this.#isSmall && this.length + count <= this.#pool.chunkBytes) return this.#moveOut();
    const chunk = this.rest();
    this.#isSmall = false;
    this.bytes = this.#pool.take(count);
    this.length = 0;
    return chunk;
  }

  /** Goes on in memory for a whole chunk. */
  #moveOut(): Step {
    const small = this.bytes;
    this.#isSmall = false;
    this.bytes = this.#pool.take(0);
    this.bytes.set(small.subarray(0, this.length));
    this.#pool.give(small);
    return PAUSE;
  }

  rest(): Step {
    return this.length === 0 ? PAUSE : this.bytes.subarray(0, this.length);
  }
}

/**
 * Writes a whole exposition into one piece of memory, so that nothing has to be joined at the end. Its chunks lie side by
 * side and are of about `chunkBytes`.
 */
export class WholeBuffer implements Output {
  bytes: Uint8Array;
  length = 0;
  readonly #chunkBytes: number;
  #chunkStart = 0;

  /** `expectedBytes` is the initial size, by default that of a chunk; the memory grows by doubling. */
  constructor(chunkBytes: number, expectedBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.bytes = new Uint8Array(expectedBytes || chunkBytes);
  }

  hasRoomFor(count: number): boolean {
    const end = this.length + count;
    return end <= this.bytes.length && end - this.#chunkStart <= this.#chunkBytes;
  }

  next(count: number): Step {
    const chunk = this.rest();
    this.#chunkStart = this.length;
    if (this.length + count > this.bytes.length) {
      const grown = new Uint8Array(2 * (this.length + count));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    return chunk;
  }

  rest(): Step {
    return this.length === this.#chunkStart ? PAUSE : this.bytes.subarray(this.#chunkStart, this.length);
  }
}

/** Enough for a hundred series. A server with so few holds 56 KiB less than it would with whole chunks. */
const SMALL_BYTES = 8 * 1024;

/** How many free chunks a pool holds: more than a reader with backpressure ever uses. */
const MAX_FREE = 4;

/**
 * Lends memory for chunks. If each chunk of a scrape of a million series were allocated, garbage collection would stop
 * the event loop.
 */
export class ChunkPool {
  /** The usual size of a chunk in bytes. */
  readonly chunkBytes: number;
  readonly #free: Uint8Array[] = [];
  readonly #freeSmall: Uint8Array[] = [];
  /** The memory that readers have now. */
  readonly #lent = new WeakSet<ArrayBufferLike>();

  constructor(chunkBytes: number) {
    this.chunkBytes = chunkBytes;
  }

  /** Returns memory for a chunk, of the usual size or of `count` bytes if that is more. Its content is undefined. */
  take(count: number): Uint8Array {
    if (count > this.chunkBytes) return new Uint8Array(count);
    const chunk = this.#free.pop() ?? new Uint8Array(this.chunkBytes);
    this.#lent.add(chunk.buffer);
    return chunk;
  }

  /** Returns memory for the beginning of an exposition. Its content is undefined. */
  takeSmall(): Uint8Array {
    const piece = this.#freeSmall.pop() ?? new Uint8Array(Math.min(SMALL_BYTES, this.chunkBytes));
    this.#lent.add(piece.buffer);
    return piece;
  }

  /**
   * Takes back a chunk that nobody reads any more. Ignores memory that it has not lent, or has back already: two scrapes
   * would otherwise write into the same memory, or into that of the caller.
   */
  give({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return;
    const free = buffer.byteLength < this.chunkBytes ? this.#freeSmall : this.#free;
    if (free.length < MAX_FREE) free.push(new Uint8Array(buffer));
  }
}
