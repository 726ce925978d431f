/**
 * Copies `source` to `at` and returns the position behind it. Byte by byte: for the 5 to 40 bytes of a name or a label
 * list a call of `set()` costs more than it saves.
 */
export function writeBytes(bytes: Uint8Array, at: number, source: Uint8Array): number {
  const { length } = source;
  for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
  return at + length;
}
