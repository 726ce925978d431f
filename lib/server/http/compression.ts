import type { Transform } from 'node:stream';
import type * as Zlib from 'node:zlib';

/** The part of node:zlib that exists from Node 22.15 on. */
interface Zstd {
  readonly createZstdCompress?: () => Transform;
}

/** Below it a body goes out as it is: what compression saves fits into the packet that is sent anyway. */
const MIN_BYTES = 1400;

/**
 * The least effort: 100,000 counters (7.6 MB) take 30 ms and come out at 11.4 % of their size, where the usual level 6
 * takes 114 ms for 10.2 % (AMD EPYC, Node 20).
 */
const GZIP_LEVEL = 1;

/** Compresses scrapes in Node's thread pool, off the event loop. */
export class Compression {
  /** The encodings this Node supports, best first. */
  readonly encodings: readonly ContentEncoding[];
  readonly #zlib: typeof Zlib & Zstd;

  constructor() {
    // Not imported: most programs have no other use for it. Node holds it in memory, so no file is read.
    this.#zlib = process.getBuiltinModule('node:zlib');
    this.encodings = this.#zlib.createZstdCompress === undefined ? ['gzip'] : ['zstd', 'gzip'];
  }

  /** Whether a body of so many bytes is worth it. */
  isWorth(bytes: number): boolean {
    return bytes >= MIN_BYTES;
  }

  /** Returns a stream that compresses the bytes written to it. */
  createStream(encoding: ContentEncoding): Transform {
    return encoding === 'zstd' ? this.#zlib.createZstdCompress!() : this.#zlib.createGzip({ level: GZIP_LEVEL });
  }

  /** Compresses a whole body. */
  async compress(encoding: ContentEncoding, body: Uint8Array): Promise<Uint8Array> {
    const stream = this.createStream(encoding);
    stream.end(body);
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }
}

/** The encodings that a scrape can be sent in, besides as it is. */
export type ContentEncoding = 'gzip' | 'zstd';

/**
 * Returns the encoding that answers an `Accept-Encoding` header, of those that are `available`, the earlier first where the
 * client does not mind; undefined to send the body as it is, also where the client forbids that and takes nothing else
 * that there is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function contentEncodingOf(
  acceptEncoding: string | undefined,
  available: readonly ContentEncoding[],
): ContentEncoding | undefined {
  const qualities = new Map<string, number>();
  for (const part of acceptEncoding?.split(',') ?? []) {
    const [name = '', parameter = ''] = part.split(';');
    const [, quality = '1'] = /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter) ?? [];
    qualities.set(name.trim().toLowerCase(), Number(quality));
  }
  let best: ContentEncoding | undefined;
  let bestQuality = 0;
  for (const encoding of available) {
    const quality = qualities.get(encoding) ?? qualities.get('*') ?? 0;
    if (quality > bestQuality && quality >= (qualities.get('identity') ?? 0)) {
      best = encoding;
      bestQuality = quality;
    }
  }
  return best;
}
