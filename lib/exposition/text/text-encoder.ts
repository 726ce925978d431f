import type { Family } from '../../model/family.ts';
import type { Output } from '../output/output.ts';
import type { FamilyLines } from './kept-family-lines.ts';
import { LINES_PER_BLOCK, NumberLines } from './number-lines.ts';

/** What a text format makes of a family: the lines of its metadata and those of its series. */
export interface FamilyText {
  readonly head: Uint8Array;
  readonly lines: FamilyLines;
}

/** What one text format does in its own way. */
export interface TextFormat {
  /** Stands between two families. */
  readonly separator: Uint8Array;
  /** Stands behind the last family. */
  readonly end: Uint8Array;
  textOf(family: Family): FamilyText;
}

/**
 * Encodes families in a text format into `out`. Families without series are left out: the formats have no use for a head
 * alone.
 *
 * Yields each chunk of the output as it is complete, and in between, at least every 128 lines, an empty one: occasions
 * to give the event loop back. (The first scrape of a process runs unoptimised: a whole chunk takes it 17 ms.)
 *
 * Reads the live series, one at a time: between two chunks they may change, but no series is ever read half before and
 * half after a change. An exposition of a fixed moment would need a copy of everything.
 */
export function* encodeText(families: readonly Family[], out: Output, format: TextFormat): Generator<Uint8Array, void> {
  let separator: Uint8Array = NOTHING;
  for (const family of families) {
    if (family.series.length === 0) continue;
    const { head, lines } = format.textOf(family);
    // Fixed when the family begins. A series that joins later may be one that is in the array already, removed and created
    // again: both together would be the same series twice.
    const { length } = lines.series;
    const headBytes = separator.length + head.length;
    if (!out.hasRoomFor(headBytes)) yield out.next(headBytes);
    append(out, separator);
    append(out, head);
    separator = format.separator;
    if (lines instanceof NumberLines) {
      for (let i = 0; i * LINES_PER_BLOCK < length; i++) {
        const block = lines.block(i, length);
        // Copied before the yield: another scrape may change the block while this one waits for its reader.
        const full = out.hasRoomFor(block.length) ? NOTHING : out.next(block.length);
        append(out, block);
        yield full;
      }
    } else {
      for (let i = 0; i < length; i++) {
        const most = lines.maxBytes(i);
        if (!out.hasRoomFor(most)) yield out.next(most);
        else if (i % SERIES_PER_STEP === 0) yield NOTHING;
        out.length = lines.write(i, out, out.length);
      }
    }
  }
  const { end } = format;
  if (!out.hasRoomFor(end.length)) yield out.next(end.length);
  append(out, end);
  const rest = out.rest();
  if (rest.length > 0) yield rest;
}

function append(out: Output, bytes: Uint8Array): void {
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

/** How many series of several lines each are written in one step. */
const SERIES_PER_STEP = 8;
const NOTHING = new Uint8Array(0);
