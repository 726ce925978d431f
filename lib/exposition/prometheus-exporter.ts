import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { describe } from '../model/names.ts';
import { seriesNames } from '../model/series-names.ts';
import type { Encode } from './load-encoder.ts';
import { type Format, negotiate } from './negotiate.ts';
import { ChunkBuffer, ChunkPool, type Output, PAUSE, type Step, WholeBuffer } from './output.ts';
import { Slice } from './slice.ts';

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

/** Options for one scrape. */
export interface ScrapeOptions extends GatherOptions {
  /** The names of the metric families to expose, by default all. */
  readonly names?: ReadonlySet<string>;
}

const CHUNK_BYTES = 64 * 1024;
const PROTOBUF_ACCEPT = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

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
  readonly #hasCreatedLines: boolean;
  /** The encoders in use, by content type. */
  readonly #encoders = new Map<string, Encode>();
  readonly #pool: ChunkPool;
  /** Initial size for the next {@link render}: that of the last exposition and a little more. */
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

  /** Returns the content type for an `Accept` header. */
  contentType(accept?: string): string {
    return negotiate(accept).contentType;
  }

  /**
   * Scrapes the registry and returns the whole exposition, in the format for an `Accept` header. Yields to the event loop as
   * {@link chunks} does. Rejects if the registry does.
   */
  async render(accept?: string, options?: ScrapeOptions): Promise<Uint8Array> {
    const whole = new WholeBuffer(this.#pool.chunkBytes, this.#expectedBytes);
    const steps = await this.#scrape(whole, accept, options);
    // Not through chunks(): its promises for each chunk would take most of the time of a small scrape.
    const slice = new Slice();
    for (const _step of steps) if (slice.isOver) await slice.next();
    this.#expectedBytes = whole.length + (whole.length >> 4);
    return whole.bytes.subarray(0, whole.length);
  }

  /**
   * Scrapes the registry and yields the exposition in chunks of about 64 KiB. Yields to the event loop after each half
   * millisecond of work, so that a scrape of any size stalls nothing.
   *
   * The reader may keep each chunk, or give it back to {@link release} once it is sent, so that large scrapes allocate
   * little.
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

  /** Takes back a chunk that nobody reads any more. Its memory is used again. */
  release(chunk: Uint8Array): void {
    this.#pool.give(chunk);
  }

  /** Gathers the families and returns a generator that encodes them into `out`. */
  async #scrape(out: Output, accept?: string, options: ScrapeOptions = {}): Promise<Generator<Step, void>> {
    const { names, ...gatherOptions } = options;
    const format = negotiate(accept);
    const gathering = this.#registry.gather(gatherOptions);
    const cached = this.#encoders.get(format.contentType);
    const [encode, families] =
      cached === undefined ? await Promise.all([this.#load(format), gathering]) : [cached, await gathering];
    return encode(names === undefined ? families : filterFamilies(families, names), out);
  }

  /** Encoders load on the first scrape, which keeps startup fast. */
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
