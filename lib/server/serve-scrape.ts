import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { errorText } from '../model/error-text.ts';
import type { Compression } from './compression.ts';
import { type ContentEncoding, contentEncodingOf } from './content-encoding.ts';
import { cutOff } from './cut-off.ts';
import { requestedNames } from './requested-names.ts';
import { type Exchange, headersOf, isAnswered, PLAIN_TEXT, sendToAll } from './responses.ts';
import type { ScrapeExporter } from './scrape-exporter.ts';
import type { ScrapePolicy } from './scrape-policy.ts';
import { scrapeTimeout } from './scrape-timeout.ts';
import { streamChunks } from './stream-chunks.ts';

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
    const options = { timeoutSeconds: collectSeconds, onCollectorError, keepAlive: false, ...(names && { names }) };
    const chunks = exporter.chunks(accept, options)[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      // One chunk of lookahead tells a scrape that fits into one from the start of a stream.
      const next = first.done === true ? first : await chunks.next();
      const coding = await codingFor(request, scrape);
      const contentType = exporter.contentType(accept);
      if (next.done === true) {
        await sendWhole(scrape, first.value ?? new Uint8Array(), contentType, coding);
        return;
      }
      isStreaming = true;
      if (others.length > 0) serveEach(others);
      if (isAnswered(response)) return;
      response.writeHead(200, { ...headersOf(contentType), ...headersOfCoding(coding, scrape) });
      const destination = coding === undefined ? response : compressed(response, coding);
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
      const body = `Cannot render the metrics: ${errorText(error)}\n`;
      sendToAll(exchanges, { status: 500, contentType: PLAIN_TEXT, body });
    }
    throw error;
  }
}

/** How a scrape is encoded on its way. */
interface Coding {
  readonly encoding: ContentEncoding;
  readonly compression: Compression;
}

/** Returns the coding that a client takes; undefined to send the scrape as it is. */
async function codingFor({ headers }: IncomingMessage, { loadCompression }: Scrape): Promise<Coding | undefined> {
  const acceptEncoding = headers['accept-encoding'];
  if (acceptEncoding === undefined || loadCompression === undefined) return undefined;
  const compression = await loadCompression();
  const encoding = contentEncodingOf(acceptEncoding, compression.encodings);
  return encoding && { encoding, compression };
}

function headersOfCoding(coding: Coding | undefined, { loadCompression }: Scrape): Readonly<Record<string, string>> {
  const vary = { Vary: loadCompression === undefined ? 'Accept' : 'Accept, Accept-Encoding' };
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
