import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { ScrapeOptions } from '../../exposition/exposition-writer.ts';
import { errorText } from '../../model/error-text.ts';
import { Compression, type ContentEncoding, contentEncodingOf } from '../http/compression.ts';
import {
  cutOff,
  type Exchange,
  headersOf,
  isAnswered,
  type ListenerGuard,
  PLAIN_TEXT,
  sendToAll,
} from '../http/exchange.ts';
import type { CollectorErrorPolicy } from '../shared-options.ts';
import { Deadline, OVER, scrapeTimeout } from './scrape-deadline.ts';
import type { ScrapeMetrics } from './scrape-metrics.ts';
import type { ScrapeSlot } from './scrape-slots.ts';

/** How scrapes are served. */
export interface ScrapePolicy {
  /** Scrapes that are being collected, rendered or sent at once. */
  readonly maxScrapesInFlight: number;
  /** Metric families that one scrape may name. */
  readonly maxNames: number;
  /** Whether a scrape may be compressed for a client that takes it so. */
  readonly compression: boolean;
  /** How long a scrape may take in all, unless the scraper has less time. */
  readonly scrapeTimeoutSeconds: number;
  readonly onCollectorError: CollectorErrorPolicy;
  /** Catches what a listener throws; one of the handler's own unless given. */
  readonly listeners?: ListenerGuard | undefined;
  /** Where failures are counted. */
  readonly metrics?: ScrapeMetrics | undefined;
}

/** The methods of an exporter that a scrape uses. */
export interface ScrapeExporter {
  /** Gathers and renders; a chunk that was yielded is not written to again until it is released. */
  chunks(accept?: string, options?: ScrapeOptions): AsyncIterable<Uint8Array>;
  /** Takes back a chunk that has left. */
  release(chunk: Uint8Array): void;
  contentType(accept?: string): string;
}

/** One scrape, and all who asked for the same. */
export interface Scrape {
  readonly exporter: ScrapeExporter;
  readonly policy: ScrapePolicy;
  /** One at least. */
  readonly exchanges: readonly Exchange[];
  /** The caller's, which leaves it after. */
  readonly slot: ScrapeSlot;
  /** Called with what fails after nobody waits for it any more. */
  readonly onLateFailure: (error: unknown) => void;
  /** Takes the others if the scrape is streamed to the first, each for a scrape of its own. */
  readonly serveEach: (exchanges: readonly Exchange[]) => void;
}

/**
 * Answers a scrape: in one write to all who asked for it if it fits into a chunk. A longer one is streamed to the first of
 * them, no faster than that client reads.
 *
 * A failure before the first byte is answered with 500, and 503 if the scraper's time is over. After it the connection is
 * cut, so that the scraper discards what it has; a proper end would pass half the metrics off as all of them. Either way
 * it rejects.
 *
 * Resolves or rejects by the scraper's deadline, and when all who asked have gone, whatever the exporter does.
 */
export async function serveScrape(scrape: Scrape): Promise<void> {
  const { exporter, policy, exchanges } = scrape;
  const [{ request }] = exchanges as [Exchange];
  // Node joins several Accept lines with ", ", which RFC 9110 (section 5.3) makes the same as one line.
  const { accept } = request.headers;
  const { totalSeconds, collectSeconds } = scrapeTimeout(request, policy.scrapeTimeoutSeconds);
  const deadline = new Deadline(totalSeconds, exchanges, scrape.onLateFailure);
  const state = { isStreaming: false };
  let chunks: AsyncIterator<Uint8Array> | undefined;
  try {
    const names = requestedNames(request.url ?? '');
    const { onCollectorError } = policy;
    const timeout =
      collectSeconds === undefined ? { limitSeconds: totalSeconds / 2 } : { timeoutSeconds: collectSeconds };
    const options = { ...timeout, keepAlive: false, onCollectorError, ...(names && { names }) };
    if (!scrape.slot.tryResume() && !(await hasSlotSoon(scrape.slot, deadline))) {
      refuseForNow(exchanges);
      return;
    }
    chunks = exporter.chunks(accept, options)[Symbol.asyncIterator]();
    await answer(scrape, chunks, deadline, state);
  } catch (error) {
    policy.metrics?.countError(state.isStreaming ? 'encoding' : 'gathering');
    if (state.isStreaming) cutOff(exchanges[0]!.response);
    else {
      const body = `Cannot render the metrics: ${withoutPaths(errorText(error))}\n`;
      sendToAll(exchanges, { status: error instanceof ScrapeTimeoutError ? 503 : 500, contentType: PLAIN_TEXT, body });
    }
    throw error;
  } finally {
    deadline.clear();
    // Tells a generator that nobody reads on, so that its own `finally` runs. Not awaited: it may hang.
    if (chunks?.return !== undefined) chunks.return().then(ignore, ignore);
  }
}

/** How long a scrape waits for a slot. Most are free again after some milliseconds, and a scraper comes once in many seconds. */
const QUEUE_MILLISECONDS = 1000;

async function hasSlotSoon(slot: ScrapeSlot, deadline: Deadline): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), QUEUE_MILLISECONDS).unref();
  });
  const isReady = await deadline.over(Promise.race([slot.resume().then(() => true), isLate]));
  clearTimeout(timer);
  return isReady === true;
}

/** Answers 503: too many scrapes are at work or waiting. */
export function refuseForNow(exchanges: readonly Exchange[]): void {
  const body = 'Cannot scrape: too many scrapes are in flight. Try again in 1 s.\n';
  sendToAll(exchanges, { status: 503, contentType: PLAIN_TEXT, body, headers: { 'Retry-After': '1' } });
}

/** Gathers, renders, and sends; returns early when all who asked have gone. */
async function answer(
  scrape: Scrape,
  chunks: AsyncIterator<Uint8Array>,
  deadline: Deadline,
  state: { isStreaming: boolean },
): Promise<void> {
  const { exporter, exchanges, slot, serveEach } = scrape;
  const [{ request, response }, ...others] = exchanges as [Exchange, ...Exchange[]];
  const { accept } = request.headers;
  const first = await deadline.over(chunks.next());
  // One chunk of lookahead tells a scrape that fits into one from the start of a stream.
  const next = first === OVER || first.done === true ? first : await deadline.over(chunks.next());
  if (first === OVER || next === OVER) {
    if (deadline.isGone) return;
    throw new ScrapeTimeoutError(deadline.seconds);
  }
  const coding = codingFor(request, scrape);
  const contentType = exporter.contentType(accept);
  if (next.done === true) {
    await sendWhole(scrape, first.value ?? new Uint8Array(), contentType, coding);
    return;
  }
  if (others.length > 0) serveEach(others);
  if (isAnswered(response)) return;
  state.isStreaming = true;
  deadline.only(exchanges[0]!);
  response.writeHead(200, { ...headersOf(contentType), ...headersOfCoding(coding, scrape) });
  const destination = coding === undefined ? response : compressed(response, coding);
  if (request.method === 'HEAD') response.end();
  else await streamChunks({ response, destination, exporter, first: first.value, next, chunks, deadline, slot });
}

/** The scraper's time was over before there was anything to send. */
class ScrapeTimeoutError extends Error {
  constructor(seconds: number) {
    super(`gathering took longer than the ${seconds} s that the scraper waits`);
  }
}

/** Takes what looks like an absolute path of a file out of a text that is sent to a client. */
function withoutPaths(text: string): string {
  return text.replace(QUOTED_PATH, '$1…$1').replace(PATH, '…');
}

/** How an absolute path begins, on Unix, on Windows, on a share, or as an address. */
const ROOT = String.raw`(?:file:|[\\/]|[a-z]:[\\/])`;
const QUOTED_PATH = new RegExp(String.raw`(['"\`])${ROOT}[^'"\`]*\1`, 'gi');
const PATH = new RegExp(String.raw`(?<![\w.…])${ROOT}[^\s'"\`]*`, 'gi');

function ignore(): void {}

/** How a scrape is encoded on its way. */
interface Coding {
  readonly encoding: ContentEncoding;
  readonly compression: Compression;
}

/** Returns the coding that a client takes; undefined to send the scrape as it is. */
function codingFor({ headers }: IncomingMessage, { policy }: Scrape): Coding | undefined {
  const acceptEncoding = headers['accept-encoding'];
  if (acceptEncoding === undefined || !policy.compression) return undefined;
  const compression = new Compression();
  const encoding = contentEncodingOf(acceptEncoding, compression.encodings);
  return encoding && { encoding, compression };
}

function headersOfCoding(coding: Coding | undefined, { policy }: Scrape): Readonly<Record<string, string>> {
  const vary = { Vary: policy.compression ? 'Accept, Accept-Encoding' : 'Accept' };
  return coding === undefined ? vary : { ...vary, 'Content-Encoding': coding.encoding };
}

/** Sends one chunk to all who asked. */
async function sendWhole(
  scrape: Scrape,
  chunk: Uint8Array,
  contentType: string,
  coding: Coding | undefined,
): Promise<void> {
  const used = coding?.compression.isWorth(chunk.length) === true ? coding : undefined;
  // A copy of what is in it, so that the chunk can be given back at once: to know when the last has left costs each answer.
  const body = used === undefined ? Buffer.from(chunk) : await used.compression.compress(used.encoding, chunk);
  scrape.exporter.release(chunk);
  sendToAll(scrape.exchanges, { status: 200, contentType, body, headers: headersOfCoding(used, scrape) });
}

/** Returns a stream whose bytes arrive compressed at the response, and which goes when the response does. */
function compressed(response: ServerResponse, { compression, encoding }: Coding): Writable {
  const compressor = compression.createStream(encoding);
  compressor.on('error', () => cutOff(response));
  response.on('close', () => compressor.destroy());
  compressor.pipe(response);
  return compressor;
}

/** A scrape that has begun. */
interface BegunScrape {
  readonly response: ServerResponse;
  /** The response, or what compresses for it. */
  readonly destination: Writable;
  readonly exporter: ScrapeExporter;
  readonly first: Uint8Array;
  readonly next: IteratorResult<Uint8Array>;
  /** The chunks after those two. */
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly deadline: Deadline;
  /** Given back while the client has to take something first. */
  readonly slot: ScrapeSlot;
}

/**
 * Writes all chunks as fast as the client takes them, and ends the destination. Returns early when the client has gone, and
 * cuts it off at the deadline.
 */
async function streamChunks(scrape: BegunScrape): Promise<void> {
  const { response, destination, exporter, first, next, chunks, deadline, slot } = scrape;
  const write = (chunk: Uint8Array) =>
    destination.write(chunk, (error) => {
      // After an error the chunk may still be on its way.
      if (!error) exporter.release(chunk);
    });
  write(first);
  let chunk: IteratorResult<Uint8Array> | typeof OVER = next;
  while (chunk !== OVER && chunk.done !== true && !destination.destroyed) {
    if (!write(chunk.value)) {
      slot.pause();
      if ((await deadline.over(hasDrained(destination))) !== true || (await deadline.over(slot.resume())) === OVER)
        break;
    }
    chunk = await deadline.over(chunks.next());
  }
  if (chunk !== OVER && chunk.done === true) destination.end();
  else cutOff(response);
}

/** Resolves to true when the client can take more, to false when it has gone: a socket that died full never drains. */
function hasDrained(destination: Writable): Promise<boolean> {
  return new Promise((resolve) => {
    const drained = () => settle(true);
    const closed = () => settle(false);
    const settle = (isDrained: boolean) => {
      destination.off('drain', drained);
      destination.off('close', closed);
      resolve(isDrained);
    };
    destination.on('drain', drained);
    destination.on('close', closed);
  });
}

/**
 * Returns the metric families that the query of a request target asks for, as `?name[]=a&name[]=b`; undefined if it names
 * none, which asks for all.
 */
export function requestedNames(target: string): ReadonlySet<string> | undefined {
  const start = target.indexOf('?');
  if (start === -1) return undefined;
  const names = new URLSearchParams(target.slice(start)).getAll('name[]');
  return names.length === 0 ? undefined : new Set(names);
}
