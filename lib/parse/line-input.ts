import { codesOf, LINE_FEED, type Scanner } from './scanner.ts';

/**
 * The maximum length of a line, in bytes without its line feed. It bounds the memory that a stream can occupy before
 * there is anything to parse.
 */
const MAX_LINE_BYTES = 2 ** 20;

/** Chunks are read in pieces of this size, so a large chunk is never copied whole. */
const PIECE_BYTES = 2 ** 16;

/** A string method of ES2024, which every supported Node has. */
type WellFormedText = string & { isWellFormed(): boolean };

/**
 * Cuts chunks into runs of whole lines and passes them to a scanner one by one. The result, errors included, does not
 * depend on where the chunks were cut.
 *
 * `push()` yields whenever the scanner holds a new run. The caller reads the run to its end before it continues.
 */
export class LineInput {
  readonly #scanner: Scanner;
  /** Unread bytes. Between two chunks it holds the start of a line whose end has not come yet. */
  #buffer = new Uint8Array(2 * PIECE_BYTES);
  #length = 0;
  /** The last character of the last chunk if it is the first half of a surrogate pair. */
  #highSurrogate = '';

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** The start of a line whose end has not come yet. */
  get rest(): string {
    return this.#restOfBytes() + this.#highSurrogate;
  }

  /** Adds the next chunk. */
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
      // Searches only the new bytes: a long line in many small chunks would otherwise take quadratic time.
      const lineEnd = this.#buffer.subarray(from, this.#length).lastIndexOf(LINE_FEED);
      if (lineEnd !== -1) yield* this.#run(from + lineEnd + 1);
      if (this.#length > MAX_LINE_BYTES) this.#refuseLength();
    }
  }

  /** Copies the bytes, because the owner of a chunk may reuse its memory before all of its lines are read. */
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

  /** Passes the lines up to `end` to the scanner and removes them from the buffer. */
  *#run(end: number): Generator<void, void> {
    const run = this.#buffer.subarray(0, end);
    // Only the first line can be longer than a piece.
    if (end > MAX_LINE_BYTES && run.indexOf(LINE_FEED) > MAX_LINE_BYTES) this.#refuseLength();
    const text = decoded(run);
    if (text === undefined) {
      yield* this.#validLines(run);
    } else {
      // In ASCII, bytes and character codes are the same.
      this.#scanner.openRun(text, text.length === end ? run : codesOf(text));
      yield;
    }
    this.#buffer.copyWithin(0, end, this.#length);
    this.#length -= end;
  }

  /** Passes the lines before the first invalid byte to the scanner, then reports the byte. */
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

  /** Called when all text before the surrogate has been pushed. */
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
    // A fatal decoder throws only for invalid UTF-8; the caller finds the position.
    return undefined;
  }
}

function isHighSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xd800;
}

/** The number of bytes before the first invalid one in UTF-8 (Unicode 15, table 3-7). */
export function validLength(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const length = sequenceLength(first);
    if (length === 0) return at;
    if (length > 1 && !isSecondByte(first, bytes[at + 1])) return at;
    for (let i = 2; i < length; i++) if (!isContinuation(bytes[at + i])) return at;
    at += length;
  }
  return at;
}

/** The length of the sequence that starts with this byte; 0 if no sequence can. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Whether a byte can be the second of a sequence: rules out overlong forms, surrogates and code points above U+10FFFF. */
function isSecondByte(first: number, second: number | undefined): boolean {
  if (second === undefined || !isContinuation(second)) return false;
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second < 0xa0;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second < 0x90;
    default:
      return true;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

const encoder = new TextEncoder();
// Without `stream`, which makes decoding in Node many times slower. A byte order mark is an ordinary character here.
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
// With the `u` flag, surrogates in pairs do not match.
const LONE_SURROGATE = /\p{Surrogate}/u;
