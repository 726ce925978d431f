import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { seriesNames } from '../model/names.ts';
import { nextTurn } from '../model/promises.ts';
import { NAME_SCHEMES } from './names/name-schemes.ts';
import { type Format, negotiate } from './negotiate.ts';
import { openMetrics } from './openmetrics/openmetrics.ts';
import { ChunkBuffer, ChunkPool, type Output, PAUSE, type Step, WholeBuffer } from './output.ts';
import { encodeText, prometheusText } from './text/text-encoder.ts';

/** Writes families into `out`; yields complete chunks, and occasions to pause. */
type Encode = (families: readonly Family[], out: Output, isLikePromClient: boolean) => Generator<Step, void>;

/** Options for one scrape. */
export interface ScrapeOptions extends GatherOptions {
  /** The names of the metric families to expose, by default all. */
  readonly names?: ReadonlySet<string>;
  /**
   * Whether the text formats are written as by prom-client, false by default: with the metadata of families without series;
   * with `le` and `quantile` first, and in Prometheus's own format with `1` where others write `1.0`.
   */
  readonly isLikePromClient?: boolean;
}

/** Options for a writer. */
export interface ExpositionWriterOptions {
  /** Size of the chunks in bytes. */
  readonly chunkBytes: number;
  /** Whether OpenMetrics gets `_created` lines. */
  readonly hasCreatedLines: boolean;
}

/** The formats whose encoders load on first use, as `Accept` headers. */
const LOADED_LATER = [
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'application/openmetrics-text;version=2.0.0',
];

/** Writes the expositions of an exporter; loaded by its first scrape. See `PrometheusExporter` for what its methods promise. */
export class ExpositionWriter {
  readonly #registry: Gatherer;
  readonly #hasCreatedLines: boolean;
  /** The encoders in use, by content type. */
  readonly #encoders = new Map<string, Encode>();
  readonly #pool: ChunkPool;
  /** Initial size for the next {@link render}: that of the last exposition and a little more. */
  #expectedBytes = 0;

  constructor(registry: Gatherer, { chunkBytes, hasCreatedLines }: ExpositionWriterOptions) {
    this.#registry = registry;
    this.#hasCreatedLines = hasCreatedLines;
    this.#pool = new ChunkPool(chunkBytes);
  }

  /** Returns the whole exposition. */
  async render(format: Format, options?: ScrapeOptions): Promise<Uint8Array> {
    const whole = new WholeBuffer(this.#pool.chunkBytes, this.#expectedBytes);
    const steps = await this.#scrape(whole, format, options);
    // Not through chunks(): its promises for each chunk would take most of the time of a small scrape.
    const slice = new Slice();
    for (const _step of steps) if (slice.isOver) await slice.next();
    this.#expectedBytes = whole.length + (whole.length >> 4);
    return whole.bytes.subarray(0, whole.length);
  }

  /** Yields the exposition in chunks. */
  async *chunks(format: Format, options?: ScrapeOptions): AsyncGenerator<Uint8Array, void> {
    const steps = await this.#scrape(new ChunkBuffer(this.#pool), format, options);
    const slice = new Slice();
    for (const step of steps) {
      if (step !== PAUSE) yield step;
      if (slice.isOver) await slice.next();
    }
  }

  /** Loads the encoders that load later too, and what the registry loads. */
  async prepare(): Promise<void> {
    await Promise.all([
      ...LOADED_LATER.map((accept) => this.#encoderOf(negotiate(accept))),
      this.#registry.prepare?.(),
    ]);
  }

  /** Takes back a chunk. */
  release(chunk: Uint8Array): void {
    this.#pool.give(chunk);
  }

  /** Gathers the families and returns a generator that encodes them into `out`. */
  async #scrape(out: Output, format: Format, options: ScrapeOptions = {}): Promise<Generator<Step, void>> {
    const { names, isLikePromClient = false, ...gatherOptions } = options;
    const gathering = this.#registry.gather(gatherOptions);
    const cached = this.#encoders.get(format.contentType);
    const [encode, families] =
      cached === undefined ? await Promise.all([this.#encoderOf(format), gathering]) : [cached, await gathering];
    return encode(names === undefined ? families : filterFamilies(families, names), out, isLikePromClient);
  }

  async #encoderOf(format: Format): Promise<Encode> {
    const encode = await loadEncoder(format, this.#hasCreatedLines);
    this.#encoders.set(format.contentType, encode);
    return encode;
  }
}

/** Returns the encoder of a format. Those that few scrapers ask for, protobuf and OpenMetrics 2.0, are loaded on first use. */
async function loadEncoder({ protocol, escaping }: Format, hasCreatedLines: boolean): Promise<Encode> {
  const names = NAME_SCHEMES[escaping];
  const key = `${protocol} ${escaping}`;
  const otherKey = `${key} prom-client`;
  switch (protocol) {
    case 'protobuf': {
      const { encodeProtobuf } = await loadModule(() => import('./protobuf/encode-protobuf.ts'), 'encodeProtobuf');
      return (families, out) => encodeProtobuf(families, out, key, names);
    }
    case 'openmetrics2': {
      const { openMetrics2 } = await loadModule(() => import('./openmetrics2/openmetrics2.ts'), 'openMetrics2');
      return (families, out, hasEmptyFamilies) => encodeText(families, out, openMetrics2(key, names, hasEmptyFamilies));
    }
    case 'openmetrics':
      return (families, out, isLikePromClient) => {
        const options = { hasCreatedLines, isLikePromClient };
        return encodeText(families, out, openMetrics(families, isLikePromClient ? otherKey : key, names, options));
      };
    case 'text': {
      const format = prometheusText(key, names, false);
      const likePromClient = prometheusText(otherKey, names, true);
      return (families, out, isLikePromClient) => encodeText(families, out, isLikePromClient ? likePromClient : format);
    }
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

/** A step takes up to 0.4 ms, so the event loop is held for less than a millisecond. */
const SLICE_MILLISECONDS = 0.5;

/** Limits how long a scrape works before it yields to the event loop. Begins when it is created. */
export class Slice {
  #end = performance.now() + SLICE_MILLISECONDS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Yields to the event loop; resolves when the next slice begins. */
  async next(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + SLICE_MILLISECONDS;
  }
}
