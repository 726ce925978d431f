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
 * How many series of a family have their bytes cached: 12 MB of lines with labels of 50 bytes. Those beyond are composed at
 * each scrape. A scrape of a million series then takes 140 ms instead of 25, in slices, but the first one takes 65 MB less,
 * and its worst stall is 7 ms instead of 10 (AMD EPYC, Node 20).
 */
export const MAX_CACHED_SERIES = 131_072;
