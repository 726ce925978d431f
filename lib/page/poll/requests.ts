import { ExpositionParser, familiesOf } from '../../parse/exposition-parser.ts';
import { formatOf } from '../../parse/format.ts';
import { readingsOf, type ScrapedFamily } from '../history/readings.ts';
import type { Outcome } from './connection.ts';

/** The result of a scrape. */
export interface Attempt {
  readonly outcome: Outcome;
  /** Empty unless the outcome is `scraped`. */
  readonly families: readonly ScrapedFamily[];
  /** When the response started, on the clock of {@link Pace}, in seconds. */
  readonly answeredAt: number;
  /** From the request to the last byte. */
  readonly seconds: number;
  /** Uncompressed. */
  readonly sizeBytes: number;
}

/** The clock and the event loop. */
export interface Pace {
  /** Resolves in a later turn of the event loop. */
  nextTurn(): Promise<void>;
  /** Milliseconds on a monotonic clock. */
  now(): number;
}

/** One check of `/health` or `/ready`. */
export interface Check {
  readonly name: string;
  readonly isOk: boolean;
  /** NaN if the report has none. */
  readonly durationSeconds: number;
  /** Why the check fails; empty if it does not. */
  readonly error: string;
}

/** The report of `/health` or `/ready`; undefined if the response was not one. */
export type Health = { readonly isOk: boolean; readonly checks: readonly Check[] } | undefined;

/** The only format that the page reads. */
const ACCEPT = 'text/plain;version=0.0.4';

/** Bytes that are parsed without a look at the clock: about a millisecond's worth. */
const PIECE_BYTES = 32 * 1024;

/** How long the page may read before it yields to the event loop, so that scrolling stays smooth. */
const SLICE_MILLISECONDS = 8;

/** Scrapes `url`. Never rejects: each failure is an outcome, and an aborted `signal` is `unreachable`. */
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
    const families = await readScrape(bytes, response.headers.get('content-type') ?? ACCEPT, pace);
    const seriesCount = families.reduce((count, { readings }) => count + readings.length, 0);
    return end({ kind: 'scraped', seriesCount }, families);
  } catch (error) {
    const isUnreadable = error instanceof SyntaxError || error instanceof RangeError;
    return end(isUnreadable ? { kind: 'unreadable', reason: error.message } : { kind: 'unreachable' });
  }
}

async function readScrape(bytes: Uint8Array, contentType: string, pace: Pace): Promise<ScrapedFamily[]> {
  let sliceStart = pace.now();
  const yieldIfDue = async (): Promise<void> => {
    if (pace.now() - sliceStart < SLICE_MILLISECONDS) return;
    await pace.nextTurn();
    sliceStart = pace.now();
  };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      yield bytes.subarray(at, at + PIECE_BYTES);
      await yieldIfDue();
    }
  }
  const families: ScrapedFamily[] = [];
  for await (const family of familiesOf(pieces(), new ExpositionParser(formatOf(contentType), []))) {
    const { name, type, help, unit } = family;
    families.push({ name, type, help, unit, readings: readingsOf(family) });
    await yieldIfDue();
  }
  return families;
}

/** Requests `/health` or `/ready`, whose status may be 503. Never rejects. */
export async function askHealth(url: string, signal: AbortSignal): Promise<Health> {
  try {
    const response = await fetch(url, { signal });
    return readHealth(await response.text());
  } catch {
    // The scrape that runs beside this request reports what is wrong with the server.
    return undefined;
  }
}

/** Reads the body of `/health` or `/ready`. */
export function readHealth(body: string): Health {
  const report = objectOf(parsed(body));
  const checks = objectOf(report?.['checks']);
  if (report === undefined || checks === undefined) return undefined;
  return {
    isOk: report['status'] === 'ok',
    checks: Object.entries(checks).map(([name, value]) => {
      const { status, durationSeconds, error } = objectOf(value) ?? {};
      return {
        name,
        isOk: status === 'ok',
        durationSeconds: typeof durationSeconds === 'number' ? durationSeconds : NaN,
        error: typeof error === 'string' ? error : '',
      };
    }),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // For example the error page of a proxy. The caller shows that there is no report.
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
