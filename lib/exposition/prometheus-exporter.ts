import type { Gatherer } from '../model/family.ts';
import { nextTurn } from './next-turn.ts';
import { encodeText, TEXT_CONTENT_TYPE } from './text-encoder.ts';

/** What an exporter is created with. */
export interface PrometheusExporterOptions {
  /** Size of the chunks, 64 KiB unless given; a single series that takes more makes a larger one. */
  readonly chunkBytes?: number;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * How long an exporter works before it gives the event loop back. A chunk of 64 KiB takes 0.03 to 0.4 ms, so that the
 * loop is held for less than a millisecond.
 */
const SLICE_MILLISECONDS = 0.5;

/**
 * Turns the families of a registry into Prometheus's exposition format. Reading changes no metric: any number of
 * exporters and scrapes may run side by side.
 *
 * @example
 * ```ts
 * const exporter = new PrometheusExporter(register);
 * response.setHeader('Content-Type', exporter.contentType(request.headers.accept));
 * for await (const chunk of exporter.chunks(request.headers.accept)) response.write(chunk);
 * response.end();
 * ```
 */
export class PrometheusExporter {
  readonly #registry: Gatherer;
  readonly #chunkBytes: number;

  /** Throws a RangeError unless `chunkBytes` is an integer of at least 1,024. */
  constructor(registry: Gatherer, { chunkBytes = CHUNK_BYTES }: PrometheusExporterOptions = {}) {
    if (!Number.isInteger(chunkBytes) || chunkBytes < 1024) {
      throw new RangeError(`Cannot create an exporter: expected chunkBytes to be an integer of at least 1024, got ${chunkBytes}.`);
    }
    this.#registry = registry;
    this.#chunkBytes = chunkBytes;
  }

  /** The content type of the format that answers an `Accept` header. */
  contentType(_accept?: string): string {
    return TEXT_CONTENT_TYPE;
  }

  /** Scrapes the registry: the whole exposition as UTF-8 bytes. Gives the event loop back as {@link chunks} does. */
  async render(accept?: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.chunks(accept)) chunks.push(chunk);
    return chunks.length === 1 ? chunks[0]! : concatenate(chunks);
  }

  /**
   * Scrapes the registry: the exposition in chunks of about 64 KiB, each the reader's to keep. Gives the event loop back
   * whenever it has worked for half a millisecond, so that a scrape of any size stalls nothing.
   */
  async *chunks(_accept?: string): AsyncGenerator<Uint8Array, void> {
    const families = await this.#registry.gather();
    let sliceEnd = performance.now() + SLICE_MILLISECONDS;
    for (const chunk of encodeText(families, this.#chunkBytes)) {
      yield chunk;
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MILLISECONDS;
    }
  }
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
