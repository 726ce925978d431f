/** Memory to compose text or messages in, as bytes and in larger steps. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Returns new memory. */
export function allocate(byteCount: number): Memory {
  const bytes = new Uint8Array(byteCount);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Returns memory of at least `byteCount` bytes that begins with the first `used` bytes of `memory`. */
export function withRoomFor(memory: Memory, byteCount: number, used: number): Memory {
  if (byteCount <= memory.bytes.length) return memory;
  const grown = allocate(2 * byteCount);
  grown.bytes.set(memory.bytes.subarray(0, used));
  return grown;
}

/** Returns a copy of the first `used` bytes, with `spare` more behind them. */
export function copyOf({ bytes }: Memory, used: number, spare: number): Memory {
  const copy = allocate(used + spare);
  copy.bytes.set(bytes.subarray(0, used));
  return copy;
}

/**
 * How many series per family have their bytes cached. The lines of further series are composed at each scrape. That takes
 * longer, in slices, but bounds the memory and the worst stall of a first scrape of a million series.
 */
export const MAX_CACHED_SERIES = 131_072;
