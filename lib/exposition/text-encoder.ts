import type { Family } from '../model/family.ts';
import { escapeHelp } from './escape.ts';
import { HistogramLines } from './histogram-lines.ts';
import { NumberLines } from './number-lines.ts';
import type { Output } from './output.ts';

/** The content type of text format 0.0.4. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the encoder keeps of a family between scrapes. */
class FamilyText {
  readonly head: Uint8Array;
  #lines: NumberLines | HistogramLines | undefined;

  constructor(family: Family) {
    const type = family.type === 'unknown' ? 'untyped' : family.type;
    this.head = encoder.encode(`# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${type}\n`);
  }

  /**
   * Returns the lines of the family's series. After a removal the series are another array and get lines of their own:
   * a scrape that is under way goes on with those that it began with.
   */
  linesOf(family: Family): NumberLines | HistogramLines {
    if (this.#lines?.series === family.series) return this.#lines;
    this.#lines = family.type === 'histogram' ? new HistogramLines(family.name, family) : new NumberLines(family.name, family);
    return this.#lines;
  }
}

/**
 * Encodes families in the Prometheus text format 0.0.4 into `out`, with a blank line between two families. Families
 * without series are left out: the format has no use for a head alone.
 *
 * Yields each chunk of the output as it is complete, and in between, at least every 128 lines, an empty one: occasions
 * to give the event loop back. (The first scrape of a process runs unoptimised: a whole chunk takes it 17 ms.)
 *
 * Reads the live series, one at a time: between two chunks they may change, but no series is ever read half before and
 * half after a change. An exposition of a fixed moment would need a copy of everything.
 */
export function* encodeText(families: readonly Family[], out: Output): Generator<Uint8Array, void> {
  let isFirst = true;
  for (const family of families) {
    if (family.series.length === 0) continue;
    const text = textOf(family);
    const { head } = text;
    const lines = text.linesOf(family);
    if (!out.hasRoomFor(head.length + 1)) yield out.next(head.length + 1);
    if (!isFirst) out.bytes[out.length++] = NEWLINE;
    isFirst = false;
    append(out, head);
    if (lines instanceof NumberLines) {
      const { blockCount } = lines;
      for (let i = 0; i < blockCount; i++) {
        const block = lines.block(i);
        // Copied before the yield: another scrape may change the block while this one waits for its reader.
        const full = out.hasRoomFor(block.length) ? NOTHING : out.next(block.length);
        append(out, block);
        yield full;
      }
    } else {
      const { length } = lines.series;
      for (let i = 0; i < length; i++) {
        const most = lines.maxBytes(i);
        if (!out.hasRoomFor(most)) yield out.next(most);
        else if (i % HISTOGRAMS_PER_STEP === 0) yield NOTHING;
        out.length = lines.write(i, out.bytes, out.length);
      }
    }
  }
  const rest = out.rest();
  if (rest.length > 0) yield rest;
}

function append(out: Output, bytes: Uint8Array): void {
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

function textOf(family: Family): FamilyText {
  const known = family.memo.get(MEMO_KEY) as FamilyText | undefined;
  if (known !== undefined) return known;
  const text = new FamilyText(family);
  family.memo.set(MEMO_KEY, text);
  return text;
}

/** How many series of a histogram are written in one step. */
const HISTOGRAMS_PER_STEP = 8;
const NOTHING = new Uint8Array(0);
const MEMO_KEY = 'text';
const NEWLINE = 10;
const encoder = new TextEncoder();
