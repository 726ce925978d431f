import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { errorText } from '../model/error-text.ts';
import type { Compression } from './compression.ts';
import { type ContentEncoding, contentEncodingOf } from './content-encoding.ts';
import { cutOff } from './cut-off.ts';
import { requestedNames } from './requested-names.ts';
import { headersOf, isAnswered, PLAIN_TEXT, send } from './responses.ts';
import type { ScrapeExporter } from './scrape-exporter.ts';
import type { ScrapePolicy } from './scrape-policy.ts';
import { scrapeTimeout } from './scrape-timeout.ts';
import { streamChunks } from './stream-chunks.ts';

const VARY = { Vary: 'Accept, Accept-Encoding' };

/** A request for a scrape, and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** One scrape, and all who asked for the same. */
export interface Scrape {
  readonly exporter: ScrapeExporter;
  readonly policy: ScrapePolicy;
  /** Loads what compresses; undefined if nothing may be compressed. */
  readonly loadCompression: (() => Promise<Compression>) | undefined;
  /** One at least. */
  readonly exchanges: readonly Exchange[];
  /** Takes the others if the scrape is streamed to the first, each for a scrape of its own. */
  readonly serveEach: (exchanges: readonly Exchange[]) => void;
}

/**
 * Answers a scrape: in one write to all who asked for it if it fits into a chunk. A longer one is streamed to the first of
 * them, no faster than that client reads.
 *
 * A failure before the first byte is answered with 500. After it the connection is cut, so that the scraper discards what
 * it has; a proper end would pass half the metrics off as all of them. Either way it rejects.
 */
export async function serveScrape(scrape: Scrape): Promise<void> {
  const { exporter, policy, exchanges, serveEach } = scrape;
  const [{ request, response }, ...others] = exchanges as [Exchange, ...Exchange[]];
  // Node joins several Accept lines with ", ", which RFC 9110 (section 5.3) makes the same as one line.
  const { accept } = request.headers;
  const { totalSeconds, collectSeconds } = scrapeTimeout(request, policy.scrapeTimeoutSeconds);
  const endsAt = performance.now() + totalSeconds * 1000;
  let isStreaming = false;
  try {
    const names = requestedNames(request.url ?? '');
    const { onCollectorError } = policy;
    const options = { timeoutSeconds: collectSeconds, onCollectorError, ...(names && { names }) };
    const chunks = exporter.chunks(accept, options)[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      // One chunk of lookahead tells a scrape that fits into one from the start of a stream.
      const next = first.done === true ? first : await chunks.next();
      const coding = await codingOf(scrape, request);
      const contentType = exporter.contentType(accept);
      if (next.done === true) {
        await sendWhole(scrape, contentType, coding, first.value ?? new Uint8Array());
        return;
      }
      isStreaming = true;
      if (others.length > 0) serveEach(others);
      if (isAnswered(response)) return;
      response.writeHead(200, { ...headersOf(contentType), ...coding.headers });
      const destination = coding.encoding === undefined ? response : compressed(response, coding);
      if (request.method === 'HEAD') response.end();
      else await streamChunks({ response, destination, exporter, first: first.value, next, chunks, endsAt });
    } finally {
      // Tells a generator that nobody reads on, so that its own `finally` runs.
      await chunks.return?.();
    }
  } catch (error) {
    policy.metrics?.countError(isStreaming ? 'encoding' : 'gathering');
    if (isStreaming) cutOff(response);
    else {
      const reply = { status: 500, contentType: PLAIN_TEXT, body: `Cannot render the metrics: ${errorText(error)}\n` };
      for (const each of exchanges) send(each.request, each.response, reply);
    }
    throw error;
  }
}

/** How a scrape is encoded on its way, if it is long enough. */
type Coding =
  | { readonly encoding: undefined; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly encoding: ContentEncoding;
      readonly compression: Compression;
      readonly headers: Readonly<Record<string, string>>;
    };

async function codingOf({ loadCompression }: Scrape, { headers }: IncomingMessage): Promise<Coding> {
  if (loadCompression === undefined) return { encoding: undefined, headers: { Vary: 'Accept' } };
  const plain = { encoding: undefined, headers: VARY };
  const acceptEncoding = headers['accept-encoding'];
  if (acceptEncoding === undefined) return plain;
  const compression = await loadCompression();
  const encoding = contentEncodingOf(acceptEncoding, compression.encodings);
  return encoding === undefined ? plain : { encoding, compression, headers: { ...VARY, 'Content-Encoding': encoding } };
}

/** Sends one chunk to all who asked, and gives it back when the last of them has it. */
async function sendWhole({ exporter, exchanges }: Scrape, contentType: string, coding: Coding, plain: Uint8Array): Promise<void> {
  const isCompressed = coding.encoding !== undefined && coding.compression.isWorth(plain.length);
  const body = isCompressed ? await coding.compression.compress(coding.encoding, plain) : plain;
  const headers = isCompressed || coding.encoding === undefined ? coding.headers : VARY;
  let unsent = exchanges.length;
  const sent = () => {
    if (--unsent === 0) exporter.release(plain);
  };
  for (const { request, response } of exchanges) send(request, response, { status: 200, contentType, body, headers }, sent);
}

/** Returns a stream whose bytes arrive compressed at the response, and which goes when the response does. */
function compressed(response: ServerResponse, { compression, encoding }: Extract<Coding, { encoding: string }>): Writable {
  const compressor = compression.createStream(encoding);
  compressor.on('error', () => cutOff(response));
  response.on('close', () => compressor.destroy());
  compressor.pipe(response);
  return compressor;
}
