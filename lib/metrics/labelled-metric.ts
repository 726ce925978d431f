import type {
  Aggregator,
  BucketOptions,
  HistogramSeries,
  MetricType,
  NumberSeries,
  SummarySeries,
} from '../model/family.ts';
import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { loadModule } from '../model/load-module.ts';
import { checkAggregator, checkIdleSeconds, checkMaxSeries, DEFAULT_MAX_SERIES, type Metric } from '../model/metric.ts';
import type { MetricObjectWithValues, MetricValueWithName } from '../model/metric-object.ts';
import type { MetricStorage, StoredMetric } from '../model/metric-storage.ts';
import { checkHelp, checkLabelNames, checkMetricName, checkUnit, refuse } from '../model/names.ts';
import { keptAlive, singleFlight } from '../model/promises.ts';
import { seriesSnapshot } from '../model/snapshot.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { register } from '../registry/register.ts';
import type { Child } from './child.ts';
import { type CreateChild, LabelIndex, type LabelIndexOptions } from './label-index.ts';
import type { CollectOption, ExemplarOption, GenericLabels, MetricOptions, StorageOption } from './options.ts';

/** The methods by which metrics join registries. */
type Joinable = Record<'registerMetric' | 'register', (metric: Metric) => void>;

/**
 * The common part of all instruments, outside the hot path: their description, their children and how they join a registry.
 *
 * A child that is held stays usable after its series has been removed: its next update brings the series back, from 0.
 */
export abstract class LabelledMetric<
  C extends Child & (NumberSeries | HistogramSeries | SummarySeries),
  L extends string,
> implements Metric
{
  /** Whether series can expire. Those of infos and state sets cannot: they describe a state, which lasts without updates. */
  static readonly canExpire: boolean = true;
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly aggregator: Aggregator;
  abstract readonly type: MetricType;
  /** Runs at the start of each scrape; present only if the option was given. */
  declare readonly collect?: () => void | Promise<void>;
  /** Present if the numbers of the series are in a storage. */
  declare readonly stored?: StoredMetric;
  /** Whether updates take exemplars as in prom-client. */
  readonly enableExemplars: boolean;
  protected readonly index: LabelIndex<C>;
  readonly #registers: readonly (MetricsRegistry & Joinable)[];
  #createdSeconds = Date.now() / 1000;

  protected constructor(
    options: MetricOptions<string> & CollectOption<never> & ExemplarOption,
    createChild: CreateChild<C>,
    stored?: StoredMetric,
    onRemove?: (child: C) => void,
  ) {
    // The default registry is imported, not handed over by an entry: a bundler that drops unused modules must not drop it.
    const { name, help, labelNames = [], unit = '' } = checkIsObject(options);
    // null stands for "none" here: prom-client's users pass it.
    const registers = options.registers ?? [register];
    const collect = options.collect ?? undefined;
    checkMetricName(name, 'utf8');
    checkHelp(help, name);
    if (!Array.isArray(labelNames)) refuse(`create metric "${name}"`, 'labelNames as an array', labelNames);
    checkLabelNames(labelNames, name, 'utf8');
    if (!Array.isArray(registers)) refuse(`create metric "${name}"`, 'registers as an array of registries', registers);
    for (const registry of registers)
      if (registryMethod(registry) === undefined)
        refuse(`create metric "${name}"`, 'registers to be registries', registry);
    if (collect !== undefined) {
      if (typeof collect !== 'function') refuse(`create metric "${name}"`, 'collect to be a function', collect);
      this.collect = singleFlight(() => (collect as () => void | Promise<void>).call(this));
    }
    this.enableExemplars = options.enableExemplars === true;
    this.name = name;
    this.help = help;
    this.unit = unit;
    this.aggregator = options.aggregator ?? 'sum';
    this.labelNames = Object.freeze([...labelNames]);
    this.#registers = [...new Set(registers)];
    const maxSeries = options.maxSeries ?? registers[0]?.maxSeries ?? DEFAULT_MAX_SERIES;
    checkMaxSeries(maxSeries, `metric "${name}"`);
    if (options.idleSeconds !== undefined && !new.target.canExpire) {
      throw new RangeError(
        `Cannot create metric "${name}": expected no idleSeconds, since its series do not expire. Leave it out.`,
      );
    }
    const idleSeconds = options.idleSeconds ?? registers[0]?.idleSeconds ?? Infinity;
    checkIdleSeconds(idleSeconds, `metric "${name}"`);
    this.index = new LabelIndex({
      metricName: name,
      labelNames: this.labelNames,
      maxSeries,
      idleSeconds,
      exemplarSource: registers[0]?.exemplars,
      createChild,
      freeze: (child) => seriesSnapshot(this.type, child),
      onRemove,
      // A storage replaces both, and adds `onClear`.
      ...(stored as Partial<LabelIndexOptions<C>> | undefined),
    });
    if (stored !== undefined) this.stored = stored;
  }

  /**
   * The live children, the oldest first; `NumberFamily.series` documents what an unchanged array means. For reading only: to
   * update a child, get it from `labels()`.
   */
  get series(): readonly C[] {
    return this.index.series;
  }

  /** Whether a series may have an exemplar. */
  get hasExemplars(): boolean {
    return this.index.hasExemplars;
  }

  /** Unix time in seconds since when the series count: that of the metric's creation, or of its last `clear()`. */
  get createdSeconds(): number {
    return this.#createdSeconds;
  }

  /** Updates that went to the overflow series, because the metric had reached its `maxSeries`. */
  get overflowedUpdates(): number {
    return this.index.overflowedUpdates;
  }

  /**
   * The values of this moment as plain objects, in prom-client's shape. Runs `collect` first, keeps the process alive until it
   * has ended, and rejects as it does. Not for a hot path.
   *
   * @example
   * ```ts
   * const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
   * orders.inc({ side: 'buy' });
   * const { values } = await orders.get();
   * values; // [{ value: 1, labels: { side: 'buy' } }]
   * ```
   */
  async get(): Promise<MetricObjectWithValues<MetricValueWithName<L>>> {
    const { metricObject } = await loadModule(() => import('../model/metric-object.ts'), 'metricObject');
    await keptAlive(this.collect?.());
    return metricObject(this, this.enableExemplars);
  }

  /**
   * Removes the series of these labels, named as in `labels()`; returns whether there was one. A child of it that is
   * still held brings it back, from 0, with its next update; so does the next update of a metric without labels.
   */
  remove(labels: Labels<L> | GenericLabels<L>): boolean;
  remove<V extends readonly unknown[]>(...values: SpreadValues<V>): boolean;
  remove(...values: PositionalValues<L>): boolean;
  remove(...labels: readonly unknown[]): boolean {
    const [first] = labels;
    return this.index.remove(typeof first === 'object' && first !== null ? first : labels);
  }

  /**
   * Removes every series; a child that is still held brings its own back, from 0, with its next update. The only series
   * of a metric without labels goes back to 0 instead.
   */
  clear(): void {
    this.index.clear();
    this.restart();
  }

  /** prom-client's method: {@link clear}, except for histograms without labels and for summaries. */
  reset(): void {
    this.clear();
  }

  /** Notes that all series count from now on. */
  protected restart(): void {
    this.#createdSeconds = Date.now() / 1000;
  }

  /**
   * Joins the registries: the last step of each constructor, so that one that throws leaves nothing registered. Returns the
   * registered metric. With `ifExists: 'reuse'` that may be an existing one, which then joins the registries that lack it.
   */
  protected join(ifExists: 'throw' | 'reuse' = 'throw'): this {
    checkUnit(this.unit, this.name, this.type);
    checkAggregator(this.aggregator, this.name);
    const existing = ifExists === 'reuse' ? this.#existing() : undefined;
    if (existing !== undefined) this.#checkAgrees(existing);
    const metric = existing ?? this;
    const joined: MetricsRegistry[] = [];
    try {
      for (const registry of this.#registers) {
        if (existing !== undefined && registry.getSingleMetric(this.name) === existing) continue;
        registry[registryMethod(registry)!](metric);
        joined.push(registry);
      }
    } catch (error) {
      for (const registry of joined) registry.removeSingleMetric?.(metric.name);
      throw error;
    }
    return metric as this;
  }

  /** The bounds of a histogram; other metrics have none. */
  get upperBounds(): readonly number[] | undefined {
    return undefined;
  }

  /** The options of native buckets; other metrics have none. */
  get bucketOptions(): BucketOptions | undefined {
    return undefined;
  }

  /** The quantiles of a summary; other metrics have none. */
  get quantiles(): readonly number[] | undefined {
    return undefined;
  }

  #existing(): Metric | undefined {
    for (const registry of this.#registers) {
      const metric = registry.getSingleMetric(this.name);
      if (metric !== undefined) return metric;
    }
    return undefined;
  }

  #checkAgrees(existing: Metric): void {
    const differs = (['type', 'unit', 'labelNames', 'upperBounds', 'bucketOptions', 'quantiles'] as const).find(
      (part) => JSON.stringify(existing[part]) !== JSON.stringify(this[part]),
    );
    if (differs === undefined) return;
    throw new RangeError(
      `Cannot reuse metric "${this.name}": expected the ${differs} of the registered one, ` +
        `${JSON.stringify(existing[differs])}, got ${JSON.stringify(this[differs])}. Give it another name, ` +
        'or restart the program if its code has changed while it ran.',
    );
  }
}

/**
 * The method by which metrics join a registry. prom-client's comes first: programs override it and replace it in tests, and
 * registries of other copies of either library have it.
 */
function registryMethod(registry: Partial<Joinable> | null | undefined): keyof Joinable | undefined {
  return (['registerMetric', 'register'] as const).find((method) => typeof registry?.[method] === 'function');
}

function checkIsObject<T>(options: T): T {
  if (typeof options === 'object' && options !== null) return options;
  refuse('create a metric', 'an object of options with name and help', options);
}

/** Puts a metric into the storage of its options, or of the registry that it joins first. Invalid options are refused later. */
export function storeIn(
  type: MetricType,
  options: (MetricOptions<string> & StorageOption) | undefined,
  upperBounds?: readonly number[],
): StoredMetric | undefined {
  const registry = options?.registers?.[0] as { readonly storage?: MetricStorage } | undefined;
  return (options?.storage ?? registry?.storage)?.store(type, options!, upperBounds);
}
