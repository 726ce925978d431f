/** Where an encoder writes to: a stretch of memory at a time. */
export interface Output {
  /** Where to write; its first {@link length} bytes are taken. */
  bytes: Uint8Array;
  /** The same memory, to be written in larger steps. */
  view: DataView;
  length: number;
  /** Whether `count` further bytes are to be written before the next call of {@link next}. */
  hasRoomFor(count: number): boolean;
  /** Returns a chunk that is complete, and makes room for at least `count` further bytes. */
  next(count: number): Uint8Array;
  /** Returns what no chunk has held yet. */
  rest(): Uint8Array;
}
