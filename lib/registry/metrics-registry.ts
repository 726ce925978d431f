import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import type { Collector } from '../model/collector.ts';
import type { ExemplarSource } from '../model/exemplar.ts';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import type { LabelValue } from '../model/label-value.ts';
import { loadModule } from '../model/load-module.ts';
import { checkIdleSeconds, checkMaxSeries, type Metric } from '../model/metric.ts';
import type { MetricStorage } from '../model/metric-storage.ts';
import {
  checkHelp,
  checkLabelNames,
  checkMetricName,
  describe,
  type NameValidationScheme,
  refuse,
  seriesNames,
} from '../model/names.ts';
import type { CollectedContext } from './collected-family.ts';
import type { Gathering, RegisteredCollector } from './gathering.ts';
import { declaredNames, NameOwners } from './name-owners.ts';
import { type ConstantLabels, checkConstantLabels, checkShape, RegisteredFamily } from './registered-family.ts';

/** Options for a registry. */
export interface RegistryOptions {
  /** Stands before the name of every metric as it is exposed, such as `shop_`. */
  readonly prefix?: string;
  /** Labels on every series; a metric's own label of the same name wins. One without a value is left out, with a warning. */
  readonly constantLabels?: Readonly<Record<string, LabelValue | undefined>>;
  /** Series that each metric may hold unless its own option says otherwise; 100,000 unless given. */
  readonly maxSeries?: number;
  /**
   * Seconds without an update after which the series of each metric are removed unless its own option says otherwise; never
   * unless given. Holds for the metrics that are created for this registry; infos and state sets do not expire.
   */
  readonly idleSeconds?: number;
  /** Where counters, gauges and histograms that are created for this registry have their numbers, as their `storage` says. */
  readonly storage?: MetricStorage;
  /** See {@link MetricsRegistry.collectTimeoutSeconds}. */
  readonly collectTimeoutSeconds?: number;
  /**
   * `legacy`, the default: names of letters, digits and `_` (for metrics also `:`), as every version of Prometheus reads
   * them. `utf8`: any text, such as `http.server.duration`, which older scrapers get escaped.
   */
  readonly nameValidationScheme?: NameValidationScheme;
  /** See {@link MetricsRegistry.exemplars}. */
  readonly exemplars?: ExemplarSource;
}

/** Runs collectors and reads metrics. Loaded by the first scrape: a program starts sooner without. */
let gatherings: typeof import('./gathering.ts') | undefined;

async function loadGatherings(): Promise<typeof import('./gathering.ts')> {
  gatherings ??= await loadModule(() => import('./gathering.ts'), 'Gathering');
  return gatherings;
}

/**
 * Holds metrics and collectors, and hands out their families for a scrape, in the order in which they joined.
 *
 * @example
 * ```ts
 * const registry = new MetricsRegistry({ constantLabels: { shard: '7' } });
 * const jobs = new Counter({ name: 'jobs_total', help: 'Jobs done.', registers: [registry] });
 * jobs.inc();
 * console.log(await registry.metrics());
 * ```
 */
export class MetricsRegistry implements Gatherer {
  readonly maxSeries: number | undefined;
  readonly idleSeconds: number | undefined;
  readonly storage: MetricStorage | undefined;
  readonly #prefix: string;
  #collectTimeoutSeconds!: number;
  readonly #nameValidationScheme: NameValidationScheme;
  #exemplars: ExemplarSource | undefined;
  #constantLabels: ConstantLabels;
  /** By exposed name, in the order of their joining. */
  readonly #families = new Map<string, RegisteredFamily>();
  readonly #owners = new NameOwners();
  readonly #collectors = new Map<Collector, RegisteredCollector>();
  /** The families that {@link merge} took from other registries, which rule over their constant labels. */
  readonly #adopted = new WeakSet<RegisteredFamily>();
  /** The run of all collectors that is under way. */
  #gathering: Gathering | undefined;
  #isPrepared = false;

  /** Throws a RangeError or TypeError if an option is invalid or could not be exposed. */
  constructor(options: RegistryOptions = {}) {
    const {
      prefix = '',
      constantLabels = {},
      maxSeries,
      idleSeconds,
      collectTimeoutSeconds = 5,
      nameValidationScheme = 'legacy',
      exemplars,
    } = options;
    if (nameValidationScheme !== 'legacy' && nameValidationScheme !== 'utf8') {
      refuse('create a registry', 'nameValidationScheme "legacy" or "utf8"', nameValidationScheme, RangeError);
    }
    if (prefix !== '') checkMetricName(prefix, nameValidationScheme);
    if (maxSeries !== undefined) checkMaxSeries(maxSeries, 'a registry');
    if (idleSeconds !== undefined) checkIdleSeconds(idleSeconds, 'a registry');
    this.#prefix = prefix;
    this.#nameValidationScheme = nameValidationScheme;
    this.#constantLabels = checkConstantLabels(constantLabels, nameValidationScheme);
    this.maxSeries = maxSeries;
    this.idleSeconds = idleSeconds;
    this.storage = options.storage;
    this.collectTimeoutSeconds = collectTimeoutSeconds;
    this.exemplars = exemplars;
  }

  /**
   * How long a scrape waits for a collector before it goes on without, in seconds; 5 unless set. A scraper that states its
   * own timeout, as Prometheus does, is served by that instead. Setting it throws a RangeError unless it is above 0.
   */
  get collectTimeoutSeconds(): number {
    return this.#collectTimeoutSeconds;
  }

  set collectTimeoutSeconds(seconds: number) {
    if (typeof seconds !== 'number' || !(seconds > 0)) {
      refuse('set collectTimeoutSeconds', 'a number above 0', seconds, RangeError);
    }
    this.#collectTimeoutSeconds = seconds;
  }

  /**
   * Supplies an exemplar for each update of a counter or histogram that has none of its own: a source such as
   * `openTelemetryExemplars()` of `@finpilot/metrics/service`. Holds for the metrics that are created for this registry
   * afterwards; others pay nothing. Setting it throws a TypeError unless it is a source or undefined, and if the registry has
   * metrics, whose updates would not ask for it.
   */
  get exemplars(): ExemplarSource | undefined {
    return this.#exemplars;
  }

  set exemplars(source: ExemplarSource | undefined) {
    if (source !== undefined && (typeof source?.next !== 'function' || this.#families.size > 0)) {
      throw new TypeError(
        `Cannot set exemplars: expected a source before metrics are created, got ${describe(source)} after ${this.#families.size}.`,
      );
    }
    this.#exemplars = source;
  }

  /** The content type of {@link metrics}. */
  get contentType(): string {
    return new PrometheusExporter(this).contentType();
  }

  /** Scrapes the registry: the exposition in the text format 0.0.4, as a string. */
  async metrics(): Promise<string> {
    return new TextDecoder().decode(await new PrometheusExporter(this).render());
  }

  /**
   * Adds a metric; metrics do this themselves when they are created. Throws a RangeError if a metric of this name is
   * there, or one that exposes a series of the same name (`x_count` beside a histogram `x`); then nothing has changed.
   */
  register(metric: Metric): void {
    // A metric of another class than ours may be anything.
    checkMetricName(metric?.name, this.#nameValidationScheme);
    checkHelp(metric.help, metric.name);
    checkShape(metric);
    checkLabelNames(metric.labelNames, metric.name, this.#nameValidationScheme);
    const family = new RegisteredFamily(metric, this.#prefix, this.#constantLabels);
    // Once more: the prefix is in front of the name, and of a state set's label. Together they may read like an escaped name.
    checkMetricName(family.name, this.#nameValidationScheme);
    checkLabelNames(family.labelNames, metric.name, this.#nameValidationScheme);
    this.#add(family);
  }

  /** Removes a metric; returns whether it was there. */
  unregister(metric: Metric): boolean {
    const family = [...this.#families.values()].find((each) => each.metric === metric);
    return family !== undefined && this.#remove(family);
  }

  #remove(family: RegisteredFamily): true {
    this.#families.delete(family.name);
    family.metric.stored?.expose(undefined);
    this.#owners.release(family);
    return true;
  }

  /**
   * Adds a custom collector. Throws a TypeError unless it has a name and a `collect` function, and a RangeError if one of
   * the families that it declares has a series of the same name as another metric.
   */
  registerCollector(collector: Collector): void {
    if (typeof collector?.name !== 'string' || typeof collector.collect !== 'function') {
      throw new TypeError('Cannot register a collector: expected an object with a name and a collect function.');
    }
    if (this.#collectors.has(collector)) return;
    const names = declaredNames(collector, this.#prefix, this.#nameValidationScheme);
    const context = (): CollectedContext => ({
      prefix: this.#prefix,
      constantLabels: this.#constantLabels,
      nameValidationScheme: this.#nameValidationScheme,
    });
    this.#addCollector({ collector, name: collector.name, context, run: undefined }, names);
    // Where it fails, the next scrape tries again.
    if (this.#isPrepared) this.prepare().catch(() => undefined);
  }

  /** Removes a custom collector; returns whether it was there. */
  unregisterCollector(collector: Collector): boolean {
    this.#owners.release(collector);
    return this.#collectors.delete(collector);
  }

  /** Returns the metric of this name, without the registry's prefix. */
  getSingleMetric(name: string): Metric | undefined {
    return this.#families.get(this.#prefix + name)?.metric;
  }

  /** Removes the metric of this name, without the registry's prefix; returns whether it was there. */
  removeSingleMetric(name: string): boolean {
    const family = this.#families.get(this.#prefix + name);
    return family !== undefined && this.#remove(family);
  }

  /**
   * Removes every metric, every collector and the constant labels. The metrics go on counting, but this registry no
   * longer exposes them: for a fresh start between tests, create a registry of their own instead.
   */
  clear(): void {
    for (const { metric } of this.#families.values()) metric.stored?.expose(undefined);
    this.#families.clear();
    this.#owners.clear();
    this.#collectors.clear();
    this.#constantLabels = [];
  }

  /**
   * Replaces the labels that every series has; a metric's own label of the same name wins. A label whose value is undefined
   * is left out, with a process warning.
   */
  setDefaultLabels(labels: Readonly<Record<string, LabelValue | undefined>>): void {
    this.#constantLabels = checkConstantLabels(labels, this.#nameValidationScheme);
    for (const family of this.#families.values()) {
      if (!this.#adopted.has(family)) family.constantLabels = this.#constantLabels;
    }
  }

  /**
   * Brings all values up to date and returns the families. Scrapes that come while the collectors run share that run, and
   * each waits for it by its own timeout: `timeoutSeconds` where it is given, else {@link collectTimeoutSeconds}. A
   * collector that fails or takes longer costs only its own families: rejects only with `onCollectorError: 'fail'`, with an
   * Error that names the collector, or if a module of this package cannot be read. Keeps the process alive until it
   * settles, unless `keepAlive` is false.
   */
  async gather(options: GatherOptions = {}): Promise<readonly Family[]> {
    const { limitSeconds = Infinity, onCollectorError = 'omit', keepAlive = true } = options;
    const { timeoutSeconds: seconds = Math.min(this.#collectTimeoutSeconds, limitSeconds) } = options;
    const patience = { seconds, isFull: seconds >= this.#collectTimeoutSeconds, keepAlive };
    const { Gathering } = gatherings ?? (await loadGatherings());
    if (this.#gathering?.isJoinable(this.#collectTimeoutSeconds) !== true) {
      this.#gathering = new Gathering(this.#families, this.#collectors);
    }
    const gathering = this.#gathering.join();
    try {
      await gathering.begun;
      if (!gathering.isSettled) await gathering.settled(patience);
      const { families, failure } = gathering.take(patience, this.#owners, this.#constantLabels);
      if (failure !== undefined && onCollectorError === 'fail') throw failure;
      return families;
    } finally {
      if (gathering.leave() && this.#gathering === gathering) this.#gathering = undefined;
    }
  }

  /** Loads the modules that {@link gather} needs, so that no later scrape depends on a file. */
  async prepare(): Promise<void> {
    this.#isPrepared = true;
    const { loadReader } = await loadGatherings();
    if (this.#collectors.size > 0) await loadReader();
  }

  /**
   * Returns a new registry with the metrics and collectors that several have now, each exposed as its own registry
   * does, and found under the name that it is exposed by. A metric that several of them have is exposed once, as the first
   * of them does. Throws a RangeError if two metrics have the same name.
   */
  static merge(registries: readonly MetricsRegistry[]): MetricsRegistry {
    const merged = new this();
    const metrics = new Set<Metric>();
    for (const registry of registries) {
      for (const family of registry.#families.values()) {
        if (metrics.has(family.metric)) continue; // also under another prefix: a sum over both would count it twice
        metrics.add(family.metric);
        merged.#add(family);
        merged.#adopted.add(family);
      }
      for (const [each, registered] of registry.#collectors) {
        if (!merged.#collectors.has(each)) merged.#addCollector(registered, registry.#owners.declaredBy(each));
      }
    }
    return merged;
  }

  /** The metrics as this registry exposes them, in the order in which they joined. */
  protected get families(): Iterable<RegisteredFamily> {
    return this.#families.values();
  }

  #add(family: RegisteredFamily): void {
    this.#owners.claim(family, `metric "${family.name}"`, seriesNames(family.name, family.type));
    this.#families.set(family.name, family);
    family.metric.stored?.expose(family.live);
  }

  #addCollector(registered: RegisteredCollector, names: readonly string[]): void {
    const { collector, name } = registered;
    this.#owners.claim(collector, `collector ${describe(name)}`, names);
    this.#collectors.set(collector, registered);
  }
}
