import { LINE_FEED } from './characters.ts';
import { codesOf } from './codes-of.ts';
import type { Scanner } from './scanner.ts';
import { validLength } from './utf8.ts';

/**
 * The longest line that is read, in bytes without its line feed. It bounds what a stream can make the parser hold
 * before there is anything to parse; the longest lines of real expositions have a few thousand.
 */
export const MAX_LINE_BYTES = 2 ** 20;

/** Chunks are read in pieces of this size: a large one costs no second copy, and texts fit the young generation. */
const PIECE_BYTES = 2 ** 16;

/** A string method of ES2024, which every Node has that the package supports. */
type WellFormedText = string & { isWellFormed(): boolean };

/**
 * Cuts chunks into runs of whole lines and gives them to a scanner, one after the other: where the chunks were cut
 * makes no difference to what comes out, errors included.
 *
 * `push()` is a generator that yields whenever the scanner holds a run; it must have been read to its end when the
 * generator is asked to go on.
 */
export class LineInput {
  readonly #scanner: Scanner;
  /** Bytes that have not been read; those of a line without its end are at the start between two chunks. */
  #buffer = new Uint8Array(2 * PIECE_BYTES);
  #length = 0;
  /** The end of the last chunk if it is the first half of a surrogate pair. */
  #highSurrogate = '';

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** A line that has no end yet. */
  get rest(): string {
    return this.#restOfBytes() + this.#highSurrogate;
  }

  /** Takes the next chunk. */
  *push(chunk: string | Uint8Array): Generator<void, void> {
    if (typeof chunk === 'string') {
      yield* this.#pushText(chunk);
    } else {
      if (this.#highSurrogate !== '') this.#refuseSurrogate(this.#highSurrogate);
      yield* this.#pushBytes(chunk);
    }
  }

  *#pushText(chunk: string): Generator<void, void> {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const piece = this.#highSurrogate + chunk.slice(start, start + PIECE_BYTES);
      this.#highSurrogate = isHighSurrogate(piece.charCodeAt(piece.length - 1)) ? piece.slice(-1) : '';
      const text = piece.slice(0, piece.length - this.#highSurrogate.length);
      if ((text as WellFormedText).isWellFormed()) {
        yield* this.#pushBytes(encoder.encode(text));
      } else {
        const fault = text.search(LONE_SURROGATE);
        yield* this.#pushBytes(encoder.encode(text.slice(0, fault)));
        this.#refuseSurrogate(text.charAt(fault));
      }
    }
  }

  *#pushBytes(chunk: Uint8Array): Generator<void, void> {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const from = this.#length;
      this.#append(chunk.subarray(start, start + PIECE_BYTES));
      // Looked for in what is new only, so that many small chunks do not make a long line be searched again and again.
      const lineEnd = this.#buffer.subarray(from, this.#length).lastIndexOf(LINE_FEED);
      if (lineEnd !== -1) yield* this.#run(from + lineEnd + 1);
      if (this.#length > MAX_LINE_BYTES) this.#refuseLength();
    }
  }

  /** The bytes are copied, since the owner of a chunk may use its memory again before its lines have all been read. */
  #append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  /** Gives the scanner the lines up to `end`, and takes them out of the buffer. */
  *#run(end: number): Generator<void, void> {
    const run = this.#buffer.subarray(0, end);
    // Only the first line can be longer than a piece.
    if (end > MAX_LINE_BYTES && run.indexOf(LINE_FEED) > MAX_LINE_BYTES) this.#refuseLength();
    const text = decoded(run);
    if (text === undefined) {
      yield* this.#validLines(run);
    } else {
      // The bytes of ASCII are its characters. Of any other text, the parser's loops are better off with an array too.
      this.#scanner.openRun(text, text.length === end ? run : codesOf(text));
      yield;
    }
    this.#buffer.copyWithin(0, end, this.#length);
    this.#length -= end;
  }

  /** Gives the scanner the lines before the first byte that is not valid, which is a fault. */
  *#validLines(run: Uint8Array): Generator<void, void> {
    const fault = validLength(run);
    const lineStart = run.subarray(0, fault).lastIndexOf(LINE_FEED) + 1;
    if (lineStart > 0) {
      const text = lossyDecoder.decode(run.subarray(0, lineStart));
      this.#scanner.openRun(text, codesOf(text));
      yield;
    }
    const column = lossyDecoder.decode(run.subarray(lineStart, fault)).length + 1;
    const byte = `the byte 0x${run[fault]!.toString(16).padStart(2, '0')}`;
    this.#scanner.failInLine(this.#scanner.line + 1, column, 'UTF-8', byte);
  }

  #refuseLength(): never {
    this.#scanner.failInLine(this.#scanner.line + 1, 1, `a line of at most ${MAX_LINE_BYTES} bytes`, 'a longer one');
  }

  /** All text before it has been pushed. */
  #refuseSurrogate(surrogate: string): never {
    const got = `the lone surrogate \\u${surrogate.charCodeAt(0).toString(16)}`;
    const column = this.#restOfBytes().length + 1;
    this.#scanner.failInLine(this.#scanner.line + 1, column, 'text that UTF-8 can carry', got);
  }

  #restOfBytes(): string {
    return lossyDecoder.decode(this.#buffer.subarray(0, this.#length));
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    // The one thing that a decoder of this kind throws for; the caller looks for the place.
    return undefined;
  }
}

function isHighSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xd800;
}

const encoder = new TextEncoder();
// Without `stream`, with which Node decodes many times slower; a byte order mark is a character like any other.
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
// With the `u` flag a surrogate that is half of a pair does not match.
const LONE_SURROGATE = /\p{Surrogate}/u;
