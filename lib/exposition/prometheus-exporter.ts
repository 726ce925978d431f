import type { Gatherer } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { refuse } from '../model/names.ts';
import type { ExpositionWriter, ExpositionWriterOptions, ScrapeOptions } from './exposition-writer.ts';
import { negotiate } from './negotiate.ts';

/** Options for an exporter. */
export interface PrometheusExporterOptions {
  /** Size of the chunks in bytes, by default 64 KiB. A few series that take more make a larger chunk. */
  readonly chunkBytes?: number;
  /**
   * Whether OpenMetrics gets a `_created` line for each series of a counter, histogram or summary. Off by default:
   * Prometheus stores these lines as separate series unless configured otherwise.
   */
  readonly createdLines?: boolean;
}

const CHUNK_BYTES = 64 * 1024;

/** Loads on the first scrape, which keeps startup fast. */
let writing: typeof import('./exposition-writer.ts') | undefined;

/**
 * Encodes the families of a registry in the exposition format that a scraper asks for: Prometheus's text format,
 * OpenMetrics or protobuf. Reading changes no metric, so any number of exporters and scrapes may run side by side, in any
 * formats.
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
  readonly #options: ExpositionWriterOptions;
  #writer: ExpositionWriter | undefined;

  /** Throws a RangeError unless `chunkBytes` is an integer of at least 1,024. */
  constructor(registry: Gatherer, { chunkBytes = CHUNK_BYTES, createdLines = false }: PrometheusExporterOptions = {}) {
    if (!Number.isInteger(chunkBytes) || chunkBytes < 1024) {
      refuse('create an exporter', 'chunkBytes to be an integer of at least 1024', chunkBytes, RangeError);
    }
    this.#registry = registry;
    this.#options = { chunkBytes, hasCreatedLines: createdLines };
  }

  /** Returns the content type for an `Accept` header. */
  contentType(accept?: string): string {
    return negotiate(accept).contentType;
  }

  /**
   * Scrapes the registry and returns the whole exposition, in the format for an `Accept` header. Yields to the event loop as
   * {@link chunks} does. Rejects if the registry does.
   */
  async render(accept?: string, options?: ScrapeOptions): Promise<Uint8Array> {
    const writer = this.#writer ?? (await this.#load());
    return writer.render(negotiate(accept), options);
  }

  /**
   * Scrapes the registry and yields the exposition in chunks of about 64 KiB. Yields to the event loop after each half
   * millisecond of work, so that a scrape of any size stalls nothing.
   *
   * The reader may keep each chunk, or give it back to {@link release} once it is sent, so that large scrapes allocate
   * little.
   */
  async *chunks(accept?: string, options?: ScrapeOptions): AsyncGenerator<Uint8Array, void> {
    const writer = this.#writer ?? (await this.#load());
    yield* writer.chunks(negotiate(accept), options);
  }

  /** Loads every encoder, and what the registry loads, so that no later scrape depends on a file. */
  async prepare(): Promise<void> {
    const writer = this.#writer ?? (await this.#load());
    await writer.prepare();
  }

  /** Takes back a chunk that nobody reads any more. Its memory is used again. */
  release(chunk: Uint8Array): void {
    this.#writer?.release(chunk);
  }

  async #load(): Promise<ExpositionWriter> {
    writing ??= await loadModule(() => import('./exposition-writer.ts'), 'ExpositionWriter');
    this.#writer ??= new writing.ExpositionWriter(this.#registry, this.#options);
    return this.#writer;
  }
}
