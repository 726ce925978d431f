import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { ScrapeOptions } from '../exposition/prometheus-exporter.ts';
import { warn } from '../model/warning.ts';
import { errorText } from '../model/error-text.ts';
import { Compression } from './compression.ts';
import { type ContentEncoding, contentEncodingOf } from './content-encoding.ts';
import type { RequestHandler } from './request-handler.ts';
import { requestedNames } from './requested-names.ts';
import { headersOf, isAnswered, PLAIN_TEXT, send } from './responses.ts';

/** What a scrape needs of an exporter. */
export interface ScrapeExporter {
  /** Gathers and renders; a chunk that was yielded is not written to again until it is released. */
  chunks(accept?: string, options?: ScrapeOptions): AsyncIterable<Uint8Array>;
  /** Takes back a chunk that has left. */
  release(chunk: Uint8Array): void;
  contentType(accept?: string): string;
}

/** How scrapes are answered. */
export interface ScrapeHandlerOptions {
  /** Whether a scrape may be compressed for a client that takes it so. Default true. */
  readonly compression?: boolean;
}

/**
 * Returns the handler that answers any request with a scrape of `exporter`: in the format that its `Accept` header asks
 * for, compressed as its `Accept-Encoding` allows, of the families that the query names (`name[]`).
 *
 * A scrape of one chunk goes out in one write with its length. A longer one is streamed, no faster than the client
 * reads; between slices the exporter gives the event loop back. (Waiting for `drain` would not: on loopback it comes in
 * a microtask.) When the client goes away, rendering stops at the next chunk.
 *
 * A failure before the first byte is answered with 500. After it the connection is cut, so that the scraper discards
 * what it has; a proper end would pass half the metrics off as all of them. Either way a process warning tells of it,
 * once for each error message.
 *
 * HEAD gathers as GET does, and renders what decides the headers: two chunks at most.
 */
export function createScrapeHandler(exporter: ScrapeExporter, { compression = true }: ScrapeHandlerOptions = {}): RequestHandler {
  const reported = new Set<string>();
  let loading: Promise<Compression> | undefined;
  const loadCompression = compression ? () => (loading ??= Compression.load()) : undefined;
  const scrape = (request: IncomingMessage, response: ServerResponse) => {
    void serveScrape(exporter, loadCompression, request, response).catch((error: unknown) => reportOnce(error, reported));
  };
  return (request, response) => {
    // A pipelined request has no socket until those before it are answered. Nothing is begun for it until then: should
    // the connection close meanwhile, its response never emits 'close', and a scrape would wait for 'drain' for ever.
    if (response.socket === null) response.once('socket', () => scrape(request, response));
    else scrape(request, response);
  };
}

async function serveScrape(
  exporter: ScrapeExporter,
  loadCompression: (() => Promise<Compression>) | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Writing on after somebody else has ended the response is an 'error' event, which would be an uncaught exception in
  // the host; 'close' follows, and that ends the scrape.
  response.on('error', ignore);
  // Node joins several Accept lines with ", ", which RFC 9110 (section 5.3) makes the same as one line.
  const { accept, 'accept-encoding': acceptEncoding } = request.headers;
  let isStreaming = false;
  try {
    const names = requestedNames(request.url ?? '');
    const chunks = exporter.chunks(accept, names && { names })[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      // One chunk of lookahead tells a scrape that fits into one from the start of a stream.
      const second = first.done === true ? first : await chunks.next();
      if (isAnswered(response)) return;
      const contentType = exporter.contentType(accept);
      const compression = acceptEncoding === undefined ? undefined : await loadCompression?.();
      const encoding = compression && contentEncodingOf(acceptEncoding, compression.encodings);
      const vary = loadCompression === undefined ? 'Accept' : 'Accept, Accept-Encoding';
      if (second.done === true) {
        const plain = first.value ?? new Uint8Array();
        const isCompressed = encoding !== undefined && compression!.isWorth(plain.length);
        const body = isCompressed ? await compression!.compress(encoding, plain) : plain;
        const headers = { Vary: vary, ...(isCompressed ? { 'Content-Encoding': encoding } : {}) };
        send(request, response, { status: 200, contentType, body, headers });
        return;
      }
      isStreaming = true;
      response.writeHead(200, {
        ...headersOf(contentType),
        Vary: vary,
        ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
      });
      if (request.method === 'HEAD') response.end();
      else await stream(encoding === undefined ? response : compressed(response, compression!, encoding), exporter, first.value, second, chunks);
    } finally {
      // Tells a generator that nobody reads on, so that its own `finally` runs.
      await chunks.return?.();
    }
  } catch (error) {
    if (isStreaming) cutOff(response);
    else {
      const body = `Cannot render the metrics: ${errorText(error)}\n`;
      send(request, response, { status: 500, contentType: PLAIN_TEXT, body });
    }
    throw error;
  }
}

/** Returns a stream whose bytes arrive compressed at the response, and which goes when the response does. */
function compressed(response: ServerResponse, compression: Compression, encoding: ContentEncoding): Writable {
  const compressor = compression.createStream(encoding);
  compressor.on('error', () => cutOff(response));
  response.on('close', () => compressor.destroy());
  compressor.pipe(response);
  return compressor;
}

/**
 * Writes `first`, `next` and what follows as fast as the client takes them, and ends the destination; returns early when
 * it is gone.
 */
async function stream(
  destination: Writable,
  exporter: ScrapeExporter,
  first: Uint8Array,
  next: IteratorResult<Uint8Array>,
  chunks: AsyncIterator<Uint8Array>,
): Promise<void> {
  const write = (chunk: Uint8Array) =>
    destination.write(chunk, (error) => {
      // After an error the chunk may still be on its way.
      if (!error) exporter.release(chunk);
    });
  write(first);
  for (; next.done !== true && !destination.destroyed; next = await chunks.next()) {
    if (!write(next.value) && !(await hasDrained(destination))) return;
  }
  destination.end();
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
 * Ends the connection so that no client takes what it has for the whole: by a reset, since an HTTP/1.0 client (nginx
 * asks its upstreams so by default) reads a plain close as the proper end. Only bare TCP can be reset; under TLS the
 * missing close notification says the same.
 */
function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket?.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  else response.destroy();
}

// Enough for whatever can fail in one registry, and a bound should an error's message change every time.
const MAX_REPORTED = 100;

function reportOnce(error: unknown, reported: Set<string>): void {
  const text = errorText(error);
  if (reported.has(text) || reported.size >= MAX_REPORTED) return;
  reported.add(text);
  warn('METRICS_SCRAPE_FAILED', `Cannot answer a scrape: ${text}`);
}

function ignore(): void {}
