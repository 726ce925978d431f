/** Where lines are written to: the same memory, byte by byte and in larger steps. */
export interface LineTarget {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Returns new memory to write lines to. */
export function newLineTarget(byteCount: number): LineTarget {
  const bytes = new Uint8Array(byteCount);
  return { bytes, view: new DataView(bytes.buffer) };
}
