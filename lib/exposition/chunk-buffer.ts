import type { ChunkPool } from './chunk-pool.ts';

/** Collects bytes into chunks. */
export class ChunkBuffer {
  /** Where to write; its first {@link length} bytes are taken. */
  bytes: Uint8Array;
  length = 0;
  readonly #pool: ChunkPool;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.bytes = pool.take(0);
  }

  /** Whether `count` further bytes fit in. */
  hasRoomFor(count: number): boolean {
    return this.length + count <= this.bytes.length;
  }

  /** Appends bytes for which there is room. */
  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Returns what has been collected. */
  collected(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Returns what has been collected, and begins a new chunk with room for at least `count` bytes. */
  next(count: number): Uint8Array {
    const chunk = this.collected();
    this.bytes = this.#pool.take(count);
    this.length = 0;
    return chunk;
  }
}
