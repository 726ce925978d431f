import type { ScrapedFamily } from '../history/scraped-family.ts';
import type { Outcome } from '../state/connection.ts';
import { type Pace, readScrape } from './read-scrape.ts';

/** What an attempt to scrape brought. */
export interface Attempt {
  readonly outcome: Outcome;
  /** Empty unless the outcome is `scraped`. */
  readonly families: readonly ScrapedFamily[];
  /** When the answer began, on the clock of {@link Pace}, in seconds. */
  readonly answeredAt: number;
  /** From the request to the last byte. */
  readonly seconds: number;
  /** Of the text, not compressed. */
  readonly sizeBytes: number;
}

/** What the page can read; a server that has something better than text 0.0.4 keeps it for those who ask. */
const ACCEPT = 'text/plain;version=0.0.4';

/**
 * Scrapes `url`. Never rejects: whatever goes wrong is an outcome, and an aborted `signal` is no answer. It reads with
 * pauses, so that a long exposition does not hold the page.
 */
export async function attemptScrape(url: string, pace: Pace, signal: AbortSignal): Promise<Attempt> {
  const start = pace.now();
  let answeredAt = start;
  let receivedAt = start;
  let sizeBytes = 0;
  const end = (outcome: Outcome, families: readonly ScrapedFamily[] = []): Attempt => ({
    outcome,
    families,
    answeredAt: answeredAt / 1000,
    seconds: (receivedAt - start) / 1000,
    sizeBytes,
  });
  try {
    const response = await fetch(url, { headers: { accept: ACCEPT }, signal });
    answeredAt = pace.now();
    const bytes = new Uint8Array(await response.arrayBuffer());
    receivedAt = pace.now();
    sizeBytes = bytes.length;
    if (response.status === 401) return end({ kind: 'unauthorised' });
    if (response.status !== 200) return end({ kind: 'refused', status: response.status });
    const families = await readScrape(bytes, response.headers.get('content-type') ?? undefined, pace);
    const seriesCount = families.reduce((count, { readings }) => count + readings.length, 0);
    return end({ kind: 'scraped', seriesCount }, families);
  } catch (error) {
    const isFault = error instanceof SyntaxError || error instanceof RangeError;
    return end(isFault ? { kind: 'unreadable', reason: error.message } : { kind: 'unreachable' });
  }
}
