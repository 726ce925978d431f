import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { describe } from '../model/names.ts';
import { seriesNames } from '../model/series-names.ts';
import type { Encode } from './load-encoder.ts';
import { type Format, negotiate } from './negotiate.ts';
import { ChunkBuffer, ChunkPool, type Output, PAUSE, type Step, WholeBuffer } from './output.ts';
import { Slice } from './slice.ts';

/** What an exporter is created with. */
export interface PrometheusExporterOptions {
  /** Size of the chunks, 64 KiB unless given; a single series that takes more makes a larger one. */
  readonly chunkBytes?: number;
  /**
   * Whether OpenMetrics gets a `_created` line for each series of a counter, histogram or summary. Off unless given:
   * Prometheus stores them as series of their own, unless it was told otherwise.
   */
  readonly createdLines?: boolean;
}

/** What one scrape may ask for. */
export interface ScrapeOptions extends GatherOptions {
  /** The metric families, by name; all of them unless given. */
  readonly names?: ReadonlySet<string>;
}

const CHUNK_BYTES = 64 * 1024;
const PROTOBUF_ACCEPT = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/**
 * Turns the families of a registry into the exposition format that a scraper asks for: Prometheus's text format,
 * OpenMetrics or protobuf. Reading changes no metric: any number of exporters and scrapes, in whatever formats, may run
 * side by side.
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
  readonly #hasCreatedLines: boolean;
  /** By content type, those that have been asked for. */
  readonly #encoders = new Map<string, Encode>();
  readonly #pool: ChunkPool;
  /** Room for the next {@link render}: what the last one took, and a little more. */
  #expectedBytes = 0;

  /** Throws a RangeError unless `chunkBytes` is an integer of at least 1,024. */
  constructor(registry: Gatherer, { chunkBytes = CHUNK_BYTES, createdLines = false }: PrometheusExporterOptions = {}) {
    if (!Number.isInteger(chunkBytes) || chunkBytes < 1024) {
      throw new RangeError(
        `Cannot create an exporter: expected chunkBytes to be an integer of at least 1024, got ${describe(chunkBytes)}.`,
      );
    }
    this.#registry = registry;
    this.#hasCreatedLines = createdLines;
    this.#pool = new ChunkPool(chunkBytes);
  }

  /** The content type of the format that answers an `Accept` header. */
  contentType(accept?: string): string {
    return negotiate(accept).contentType;
  }

  /** Scrapes the registry: the whole exposition as bytes, in the format that answers an `Accept` header. Gives the event loop back as {@link chunks} does. */
  async render(accept?: string, options?: ScrapeOptions): Promise<Uint8Array> {
    const whole = new WholeBuffer(this.#pool.chunkBytes, this.#expectedBytes);
    const steps = await this.#scrape(whole, accept, options);
    // Not by way of chunks(), whose promises for each chunk would be most of what a small scrape takes.
    const slice = new Slice();
    for (const _step of steps) if (slice.isOver) await slice.next();
    this.#expectedBytes = whole.length + (whole.length >> 4);
    return whole.bytes.subarray(0, whole.length);
  }

  /**
   * Scrapes the registry: the exposition in chunks of about 64 KiB. Gives the event loop back whenever it has worked for
   * half a millisecond, so that a scrape of any size stalls nothing.
   *
   * Each chunk is the reader's to keep, or to give back by {@link release} once it has left, so that large scrapes need no
   * memory.
   */
  async *chunks(accept?: string, options?: ScrapeOptions): AsyncGenerator<Uint8Array, void> {
    const steps = await this.#scrape(new ChunkBuffer(this.#pool), accept, options);
    const slice = new Slice();
    for (const step of steps) {
      if (step !== PAUSE) yield step;
      if (slice.isOver) await slice.next();
    }
  }

  /** Loads every encoder, and what the registry loads, so that no later scrape depends on a file. */
  async prepare(): Promise<void> {
    const { loadEncoder } = await loadModule(() => import('./load-encoder.ts'), 'loadEncoder');
    const options = { hasCreatedLines: this.#hasCreatedLines };
    await Promise.all([loadEncoder(negotiate(PROTOBUF_ACCEPT), options), this.#registry.prepare?.()]);
  }

  /** Takes back a chunk that nobody reads any more: a later one may be written into its memory. */
  release(chunk: Uint8Array): void {
    this.#pool.give(chunk);
  }

  /** Gathers the families, and returns the generator that encodes them into `out`. */
  async #scrape(out: Output, accept?: string, options: ScrapeOptions = {}): Promise<Generator<Step, void>> {
    const { names, ...gatherOptions } = options;
    const format = negotiate(accept);
    const gathering = this.#registry.gather(gatherOptions);
    const known = this.#encoders.get(format.contentType);
    const [encode, families] =
      known === undefined ? await Promise.all([this.#load(format), gathering]) : [known, await gathering];
    return encode(names === undefined ? families : filterFamilies(families, names), out);
  }

  /** Whatever writes bytes is loaded with the first scrape: a program starts sooner without. */
  async #load(format: Format): Promise<Encode> {
    const { loadEncoder } = await loadModule(() => import('./load-encoder.ts'), 'loadEncoder');
    const encode = await loadEncoder(format, { hasCreatedLines: this.#hasCreatedLines });
    this.#encoders.set(format.contentType, encode);
    return encode;
  }
}

/**
 * Returns the families with one of these names: their own, their name in OpenMetrics (without `_total` or `_info`), or that
 * of one of their series (`x_bucket`), escaped or not.
 */
function filterFamilies(families: readonly Family[], names: ReadonlySet<string>): readonly Family[] {
  return families.filter(({ name, type }) => {
    const base = type === 'counter' ? name.replace(/_total$/, '') : type === 'info' ? name.replace(/_info$/, '') : name;
    return [name, base, ...seriesNames(name, type)].some((one) => names.has(one));
  });
}
