/** As Snappy's own compressor has it: copies stay within a block, so that offsets have two bytes. */
export const BLOCK_BYTES = 64 * 1024;

const HASH_BITS = 13;
const MIN_MATCH = 4;

/**
 * Returns the positions of the bytes that have the same hash; all blocks of a message may share one table, which is cleared
 * for each.
 */
export function snappyTable(): Uint16Array {
  return new Uint16Array(1 << HASH_BITS);
}

/** Returns an upper bound for the compressed length of a block, when nothing in it repeats. */
function maxCompressedBytes(length: number): number {
  return length + Math.floor(length / 60) + 8;
}

/** Returns the head of a compressed message: the length of its content. */
export function snappyHead(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

/**
 * Compresses up to 64 KiB as Snappy's block format has it; blocks behind each other, and {@link snappyHead} before them, are
 * a message. Finds a repetition by a hash of its first four bytes, and skips faster the longer none is found.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyBlock(block: Uint8Array, table: Uint16Array): Uint8Array {
  const { length } = block;
  const out = new Uint8Array(maxCompressedBytes(length));
  let written = 0;
  let literalStart = 0;
  const literal = (end: number): void => {
    const count = end - literalStart;
    if (count === 0) return;
    if (count <= 60) out[written++] = (count - 1) << 2;
    else if (count <= 256) {
      out[written++] = 60 << 2;
      out[written++] = count - 1;
    } else {
      out[written++] = 61 << 2;
      out[written++] = (count - 1) & 255;
      out[written++] = (count - 1) >> 8;
    }
    out.set(block.subarray(literalStart, end), written);
    written += count;
  };
  table.fill(0);
  let at = 1; // position 0 is what an empty place of the table says, too: it is compared like any other
  let misses = 32;
  while (at + MIN_MATCH <= length) {
    const word = wordAt(block, at);
    const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const candidate = table[hash]!;
    table[hash] = at;
    if (wordAt(block, candidate) !== word) {
      at += misses++ >> 5;
      continue;
    }
    misses = 32;
    literal(at);
    let end = at + MIN_MATCH;
    const offset = at - candidate;
    while (end < length && block[end] === block[end - offset]) end++;
    for (let left = end - at; left > 0; ) {
      const count = Math.min(left, 64);
      out[written++] = ((count - 1) << 2) | 2;
      out[written++] = offset & 255;
      out[written++] = offset >> 8;
      left -= count;
    }
    at = end;
    literalStart = end;
  }
  literal(length);
  return out.subarray(0, written);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
