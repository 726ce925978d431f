import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { ScrapeOptions } from '../../exposition/exposition-writer.ts';
import { errorText } from '../../model/error-text.ts';
import type { CollectorErrorPolicy } from '../common-options.ts';
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
import { Deadline, OVER, scrapeTimeout } from './scrape-deadline.ts';
import type { ScrapeMetrics } from './scrape-metrics.ts';
import type { ScrapeSlot } from './scrape-slots.ts';

/** How scrapes are served. */
export interface ScrapePolicy {
  /** Scrapes that gather or render at once. */
  readonly maxScrapesInFlight: number;
  /** Different `name[]` parameters that one scrape may have. */
  readonly maxNames: number;
  /** Whether to compress scrapes for clients that accept it. */
  readonly compression: boolean;
  /** The timeout of a whole scrape, unless the scraper sends a shorter one. */
  readonly scrapeTimeoutSeconds: number;
  readonly onCollectorError: CollectorErrorPolicy;
  /** Catches exceptions in listeners. Default: a new one. */
  readonly listeners?: ListenerGuard | undefined;
  /** Counts failures. */
  readonly metrics?: ScrapeMetrics | undefined;
}

/** The methods of an exporter that a scrape uses. */
export interface ScrapeExporter {
  /** Gathers and renders. A yielded chunk is not reused until it is released. */
  chunks(accept?: string, options?: ScrapeOptions): AsyncIterable<Uint8Array>;
  /** Takes back a chunk that has been sent. */
  release(chunk: Uint8Array): void;
  contentType(accept?: string): string;
}

/** One scrape, and the requests that share it. */
export interface Scrape {
  readonly exporter: ScrapeExporter;
  readonly policy: ScrapePolicy;
  /** At least one. */
  readonly exchanges: readonly Exchange[];
  /** When the requests came, by `performance.now()`. */
  readonly startedAt: number;
  /** Released by the caller, after the scrape. */
  readonly slot: ScrapeSlot;
  /** Called with errors that occur after the deadline. */
  readonly onLateFailure: (error: unknown) => void;
  /** Starts a separate scrape for each of the given requests; called when this scrape is streamed to the first one. */
  readonly serveEach: (exchanges: readonly Exchange[]) => void;
}

/**
 * Answers a scrape. If it fits into one chunk, it is sent to all requests in one write. A larger one is streamed to the
 * first client, with backpressure.
 *
 * A failure before the first byte is answered with 500, or with 503 if the deadline has passed. After that, the
 * connection is cut off so that the scraper discards the partial answer; a proper end would pass off half the metrics
 * as all of them. Either way the promise rejects.
 *
 * Settles at the deadline or when all clients have disconnected, whatever the exporter does.
 */
export async function serveScrape(scrape: Scrape): Promise<void> {
  const { exporter, policy, exchanges } = scrape;
  const [{ request }] = exchanges as [Exchange];
  // Node joins several Accept headers with ", ", which is equivalent (RFC 9110, section 5.3).
  const { accept } = request.headers;
  const { totalSeconds } = scrapeTimeout(request, policy.scrapeTimeoutSeconds);
  const deadline = new Deadline(totalSeconds, scrape.startedAt, exchanges, scrape.onLateFailure);
  const state = { isStreaming: false, isLate: false };
  let chunks: AsyncIterator<Uint8Array> | undefined;
  try {
    if (!scrape.slot.tryResume() && !(await hasSlotSoon(scrape.slot, deadline))) {
      refuseForNow(exchanges);
      return;
    }
    const names = requestedNames(request.url ?? '');
    const { onCollectorError } = policy;
    // Rounded up to tenths, since messages about collectors show it; the deadline itself is exact.
    const secondsLeft = Math.min(totalSeconds, Math.ceil(deadline.secondsLeft * 10) / 10);
    const { collectSeconds } = scrapeTimeout(request, secondsLeft);
    const timeout =
      collectSeconds === undefined ? { limitSeconds: secondsLeft / 2 } : { timeoutSeconds: collectSeconds };
    const options = { ...timeout, keepAlive: false, onCollectorError, ...(names && { names }) };
    chunks = exporter.chunks(accept, options)[Symbol.asyncIterator]();
    await answer(scrape, chunks, deadline, state);
  } catch (error) {
    policy.metrics?.countError(state.isStreaming ? 'encoding' : 'gathering');
    if (state.isStreaming) cutOff(exchanges[0]!.response);
    else {
      const body = `Cannot render the metrics: ${withoutPaths(errorText(error))}\n`;
      sendToAll(exchanges, { status: state.isLate ? 503 : 500, contentType: PLAIN_TEXT, body });
    }
    throw error;
  } finally {
    deadline.clear();
    // Ends the generator early, so that its `finally` runs. Not awaited: it may hang.
    if (chunks?.return !== undefined) chunks.return().then(ignore, ignore);
  }
}

/** How long a scrape waits for a slot. Most slots are free again within milliseconds. */
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

/** Answers 503: too many scrapes are working or waiting. */
export function refuseForNow(exchanges: readonly Exchange[]): void {
  const body = 'Cannot scrape: too many scrapes are in flight. Try again in 1 s.\n';
  sendToAll(exchanges, { status: 503, contentType: PLAIN_TEXT, body, headers: { 'Retry-After': '1' } });
}

/** Gathers, renders and sends. Returns early when all clients have disconnected. */
async function answer(
  scrape: Scrape,
  chunks: AsyncIterator<Uint8Array>,
  deadline: Deadline,
  state: { isStreaming: boolean; isLate: boolean },
): Promise<void> {
  const { exporter, exchanges, slot, serveEach } = scrape;
  const [{ request, response }, ...others] = exchanges as [Exchange, ...Exchange[]];
  const { accept } = request.headers;
  const first = await deadline.over(chunks.next());
  // One chunk of lookahead shows whether the scrape fits into one chunk.
  const next = first === OVER || first.done === true ? first : await deadline.over(chunks.next());
  if (first === OVER || next === OVER) {
    if (deadline.isGone) return;
    state.isLate = true;
    throw new Error(`gathering took longer than the ${deadline.seconds} s that the scraper waits`);
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

/** Removes what looks like an absolute file path from a text for a client. */
function withoutPaths(text: string): string {
  return text.replace(QUOTED_PATH, '$1…$1').replace(PATH, '…');
}

/** The start of an absolute path: on Unix, on Windows, on a network share, or as a file URL. */
const ROOT = String.raw`(?:file:|[\\/]|[a-z]:[\\/])`;
const QUOTED_PATH = new RegExp(String.raw`(['"\`])${ROOT}[^'"\`]*\1`, 'gi');
const PATH = new RegExp(String.raw`(?<![\w.\u2026])${ROOT}[^\s'"\`]*`, 'gi');

function ignore(): void {}

/** The content coding of a scrape. */
interface Coding {
  readonly encoding: ContentEncoding;
  readonly compression: Compression;
}

/** Negotiates the coding; undefined to send the scrape uncompressed. */
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

/** Sends a scrape of one chunk to all clients. */
async function sendWhole(
  scrape: Scrape,
  chunk: Uint8Array,
  contentType: string,
  coding: Coding | undefined,
): Promise<void> {
  const used = coding?.compression.isWorth(chunk.length) === true ? coding : undefined;
  // A copy, so that the chunk can be released at once: tracking when the last client has got it would slow every
  // answer.
  const body = used === undefined ? Buffer.from(chunk) : await used.compression.compress(used.encoding, chunk);
  scrape.exporter.release(chunk);
  sendToAll(scrape.exchanges, { status: 200, contentType, body, headers: headersOfCoding(used, scrape) });
}

/** Returns a stream that writes its bytes, compressed, to the response, and is destroyed with it. */
function compressed(response: ServerResponse, { compression, encoding }: Coding): Writable {
  const compressor = compression.createStream(encoding);
  compressor.on('error', () => cutOff(response));
  response.on('close', () => compressor.destroy());
  compressor.pipe(response);
  return compressor;
}

/** A scrape whose first chunks are known. */
interface BegunScrape {
  readonly response: ServerResponse;
  /** The response, or the compressor that writes to it. */
  readonly destination: Writable;
  readonly exporter: ScrapeExporter;
  readonly first: Uint8Array;
  readonly next: IteratorResult<Uint8Array>;
  /** The chunks after those two. */
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly deadline: Deadline;
  /** Given back while waiting for the client to read. */
  readonly slot: ScrapeSlot;
}

/**
 * Writes all chunks as fast as the client reads them, and ends the destination. Returns early when the client
 * disconnects, and cuts it off at the deadline.
 */
async function streamChunks(scrape: BegunScrape): Promise<void> {
  const { response, destination, exporter, first, next, chunks, deadline, slot } = scrape;
  const write = (chunk: Uint8Array) =>
    destination.write(chunk, (error) => {
      // After an error, the chunk may still be in use.
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

/** Resolves to true on 'drain', to false when the client disconnects: a full socket that died never drains. */
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
 * Returns the metric families that a request target names, as in `?name[]=a&name[]=b`; undefined if it names none,
 * which means all.
 */
export function requestedNames(target: string): ReadonlySet<string> | undefined {
  const start = target.indexOf('?');
  if (start === -1) return undefined;
  const names = new URLSearchParams(target.slice(start)).getAll('name[]');
  return names.length === 0 ? undefined : new Set(names);
}
