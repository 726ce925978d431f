import { parseStream } from '../../parse/parse-stream.ts';
import { readingsOf } from '../history/readings-of.ts';
import type { ScrapedFamily } from '../history/scraped-family.ts';

/** Bytes that are parsed in one go: about a millisecond's worth. */
const PIECE_BYTES = 32 * 1024;

/** Time that is worked without giving back the event loop, so that scrolling goes on. */
const SLICE_MILLISECONDS = 8;

/** What reading needs of its surroundings. */
export interface Pace {
  /** Resolves in a later turn of the event loop. */
  nextTurn(): Promise<void>;
  /** Milliseconds. */
  now(): number;
}

/** Reads a scrape as `parse()` does, and rejects with what that throws, but gives the event loop back on the way. */
export async function readScrape(
  bytes: Uint8Array,
  contentType: string | undefined,
  pace: Pace,
): Promise<ScrapedFamily[]> {
  const families: ScrapedFamily[] = [];
  const endOfSlice = slices(pace);
  for await (const family of parseStream(pieces(bytes, endOfSlice), contentType)) {
    const { name, type, help, unit } = family;
    families.push({ name, type, help, unit, readings: readingsOf(family) });
    await endOfSlice();
  }
  return families;
}

async function* pieces(bytes: Uint8Array, endOfSlice: () => Promise<void>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
    await endOfSlice();
  }
}

/** Returns a function that waits for another turn of the event loop if the time of a slice is over. */
function slices({ nextTurn, now }: Pace): () => Promise<void> {
  let start = now();
  return async () => {
    if (now() - start < SLICE_MILLISECONDS) return;
    await nextTurn();
    start = now();
  };
}
