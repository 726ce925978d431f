/**
 * Copies `source` to `at` and returns the position behind it. Byte by byte: for the 5 to 40 bytes of a name or a label
 * list a call of `set()` costs more than it saves.
 */
export function writeBytes(bytes: Uint8Array, at: number, source: Uint8Array): number {
  const { length } = source;
  for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
  return at + length;
}

/** Copies a part of `source`, as {@link writeBytes} does. */
export function writeRange(bytes: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  const offset = at - start;
  for (let i = start; i < end; i++) bytes[offset + i] = source[i]!;
  return offset + end;
}
