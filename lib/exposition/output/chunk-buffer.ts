import type { ChunkPool } from './chunk-pool.ts';
import type { Output } from './output.ts';

/** Collects bytes into chunks of a pool's memory. */
export class ChunkBuffer implements Output {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  readonly #pool: ChunkPool;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.bytes = pool.take(0);
    this.view = new DataView(this.bytes.buffer);
  }

  hasRoomFor(count: number): boolean {
    return this.length + count <= this.bytes.length;
  }

  next(count: number): Uint8Array {
    const chunk = this.rest();
    this.bytes = this.#pool.take(count);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
    return chunk;
  }

  rest(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
