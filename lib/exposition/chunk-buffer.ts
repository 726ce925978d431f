/** Collects bytes into a chunk of about a given size. */
export class ChunkBuffer {
  /** Where to write; its first {@link length} bytes are taken. */
  bytes: Uint8Array;
  length = 0;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.bytes = new Uint8Array(size);
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
    this.bytes = new Uint8Array(Math.max(this.#size, count));
    this.length = 0;
    return chunk;
  }
}
