import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import type { CollectedFamily, Collector } from '../model/collector.ts';
import { errorText } from '../model/error-text.ts';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { keptAlive } from '../model/kept-alive.ts';
import type { LabelValue } from '../model/label-value.ts';
import { checkMaxSeries } from '../model/max-series.ts';
import type { Metric } from '../model/metric.ts';
import { checkHelp, checkLabelNames, checkMetricName, describe, type NameValidationScheme } from '../model/names.ts';
import { seriesNames } from '../model/series-names.ts';
import type { familyOfCollected } from './collected-family.ts';
import { CollectorRun, isPromise, type Outcome } from './collector-run.ts';
import { checkConstantLabels, type ConstantLabels } from './constant-labels.ts';
import { declaredNames, NameOwners } from './name-owners.ts';
import { checkShape, RegisteredFamily } from './registered-family.ts';
import { selfFamilies } from './self-families.ts';

/** What a registry is created with. */
export interface RegistryOptions {
  /** Stands before the name of every metric as it is exposed, such as `shop_`. */
  readonly prefix?: string;
  /** Labels on every series; a metric's own label of the same name wins. */
  readonly constantLabels?: Readonly<Record<string, LabelValue>>;
  /** Series that each metric may hold unless its own option says otherwise; 100,000 unless given. */
  readonly maxSeries?: number;
  /** How long a scrape waits for a collector before it goes on without; 5 seconds unless given. */
  readonly collectTimeoutSeconds?: number;
  /**
   * `legacy`, the default: names of letters, digits and `_` (for metrics also `:`), as every version of Prometheus reads
   * them. `utf8`: any text, such as `http.server.duration`, which older scrapers get escaped.
   */
  readonly nameValidationScheme?: NameValidationScheme;
}

/** Reads what collectors return. Loaded when the first of them is run: a program starts sooner without. */
let readCollected: typeof familyOfCollected | undefined;

/** What a run of all collectors came to. */
interface Gathered {
  readonly families: readonly Family[];
  /** Of the first collector that failed. */
  readonly failure: Error | undefined;
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
  readonly #prefix: string;
  readonly #collectTimeoutSeconds: number;
  readonly #nameValidationScheme: NameValidationScheme;
  #constantLabels: ConstantLabels;
  /** By exposed name, in the order of their joining. */
  readonly #families = new Map<string, RegisteredFamily>();
  readonly #owners = new NameOwners();
  readonly #collectors = new Map<Collector, CollectorRun<Family[]>>();
  /** The families that {@link merge} took from other registries, which rule over their constant labels. */
  readonly #adopted = new WeakSet<RegisteredFamily>();
  #gathering: { readonly endsAt: number; readonly gathered: Promise<Gathered> } | undefined;

  /** Throws a RangeError or TypeError on an option that is none, or that could not be exposed. */
  constructor(options: RegistryOptions = {}) {
    const { prefix = '', constantLabels = {}, maxSeries, collectTimeoutSeconds = 5, nameValidationScheme = 'legacy' } = options;
    if (nameValidationScheme !== 'legacy' && nameValidationScheme !== 'utf8') {
      throw new RangeError(
        `Cannot create a registry: expected nameValidationScheme "legacy" or "utf8", got ${describe(nameValidationScheme)}.`,
      );
    }
    if (prefix !== '') checkMetricName(prefix, nameValidationScheme);
    if (typeof collectTimeoutSeconds !== 'number' || !(collectTimeoutSeconds > 0)) {
      throw new RangeError(
        `Cannot create a registry: expected collectTimeoutSeconds above 0, got ${describe(collectTimeoutSeconds)}.`,
      );
    }
    if (maxSeries !== undefined) checkMaxSeries(maxSeries, 'a registry');
    this.#prefix = prefix;
    this.#nameValidationScheme = nameValidationScheme;
    this.#constantLabels = checkConstantLabels(constantLabels, nameValidationScheme);
    this.maxSeries = maxSeries;
    this.#collectTimeoutSeconds = collectTimeoutSeconds;
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
    const collect = (): Family[] | PromiseLike<Family[]> => {
      const collected = collector.collect();
      return isPromise(collected) ? Promise.resolve(collected).then((settled) => this.#familiesOf(settled)) : this.#familiesOf(collected);
    };
    this.#addCollector(collector, new CollectorRun(collector.name, collect), names);
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
    this.#families.clear();
    this.#owners.clear();
    this.#collectors.clear();
    this.#constantLabels = [];
  }

  /** Replaces the labels that every series has; a metric's own label of the same name wins. */
  setDefaultLabels(labels: Readonly<Record<string, LabelValue>>): void {
    this.#constantLabels = checkConstantLabels(labels, this.#nameValidationScheme);
    for (const family of this.#families.values()) {
      if (!this.#adopted.has(family)) family.constantLabels = this.#constantLabels;
    }
  }

  /**
   * Brings all values up to date and returns the families. Scrapes that come while a run of the collectors is under way
   * share it, unless they can wait less long. A collector that fails, or takes longer than `collectTimeoutSeconds`, costs
   * only its own families: rejects only with `onCollectorError: 'fail'`, with an Error that names it. Keeps the process
   * alive until it settles, unless `keepAlive` is false.
   */
  async gather(options: GatherOptions = {}): Promise<readonly Family[]> {
    const { timeoutSeconds = Infinity, onCollectorError = 'omit', keepAlive = true } = options;
    const seconds = Math.min(timeoutSeconds, this.#collectTimeoutSeconds);
    const endsAt = performance.now() + seconds * 1000;
    if (this.#gathering === undefined || endsAt < this.#gathering.endsAt) {
      // Begun when #gathering is set: a collector that scrapes its own registry waits for itself and so takes too long,
      // where it would else begin another run within its own, and so on without end.
      const gathered = Promise.resolve().then(() => this.#collectAll(seconds));
      const gathering = { endsAt, gathered };
      this.#gathering = gathering;
      void gathered.finally(() => {
        if (this.#gathering === gathering) this.#gathering = undefined;
      });
    }
    const { families, failure } = await (keepAlive ? keptAlive(this.#gathering.gathered) : this.#gathering.gathered);
    if (failure !== undefined && onCollectorError === 'fail') throw failure;
    return families;
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
      for (const [each, run] of registry.#collectors) {
        if (!merged.#collectors.has(each)) merged.#addCollector(each, run, registry.#owners.declaredBy(each));
      }
    }
    return merged;
  }

  /** The metrics as this registry exposes them, in the order in which they joined. */
  protected get families(): Iterable<RegisteredFamily> {
    return this.#families.values();
  }

  #add(family: RegisteredFamily): void {
    this.#owners.claimForMetric(family, family.name, seriesNames(family.name, family.type));
    this.#families.set(family.name, family);
  }

  #addCollector(collector: Collector, run: CollectorRun<Family[]>, names: readonly string[]): void {
    this.#owners.claimForCollector(collector, run.name, names);
    this.#collectors.set(collector, run);
  }

  async #collectAll(timeoutSeconds: number): Promise<Gathered> {
    const registered = [...this.#families.values()];
    const collectors = [...this.#collectors];
    const collectorRuns = collectors.map(([, run]) => run);
    if (collectorRuns.length > 0) readCollected ??= (await import('./collected-family.ts')).familyOfCollected;
    // Every run is started at once, so that the slowest of them, not their sum, is what a scrape waits for.
    const outcomes = registered.map((family) => family.run?.run(timeoutSeconds));
    const collectorOutcomes = collectorRuns.map((run) => run.run(timeoutSeconds));
    const families: Family[] = [];
    let failure: Error | undefined;
    const fail = ({ name }: CollectorRun<unknown>, error: unknown): void => {
      failure ??= new Error(`Collector "${name}" failed: ${errorText(error)}`, { cause: error });
    };
    for (const [i, family] of registered.entries()) {
      const outcome = outcomes[i] === undefined ? family.read() : await outcomes[i];
      if (outcome.ok) families.push(outcome.result);
      else fail(family.run!, outcome.error);
    }
    for (const [i, [collector, run]] of collectors.entries()) {
      const collected = await collectorOutcomes[i]!;
      const outcome = collected.ok ? this.#withFreeNames(collected.result, collector, run) : collected;
      if (outcome.ok) families.push(...outcome.result);
      else fail(run, outcome.error);
    }
    const runs = [...registered.flatMap(({ run }) => run ?? []), ...collectorRuns];
    return { families: families.concat(selfFamilies(registered, runs, this.#constantLabels)), failure };
  }

  /** Checked and copied as soon as the collector has returned: what it returned may be live. */
  #familiesOf(collected: Iterable<CollectedFamily>): Family[] {
    const context = { prefix: this.#prefix, constantLabels: this.#constantLabels, nameValidationScheme: this.#nameValidationScheme };
    const families: Family[] = [];
    for (const one of collected) families.push(readCollected!(one, context));
    return families;
  }

  /** What a collector returned, all of it or, if the name of a series is taken, a failure. */
  #withFreeNames(families: readonly Family[], collector: Collector, run: CollectorRun<unknown>): Outcome<readonly Family[]> {
    const names = families.flatMap(({ name, type }) => seriesNames(name, type));
    const clash = this.#owners.clash(collector, names);
    if (clash !== undefined) return run.fail(new RangeError(`its series "${clash.name}" is a series of ${clash.text}`));
    this.#owners.learn(collector, names);
    return { ok: true, result: families };
  }
}
