import type { MetricsReporter } from '../aggregate/reporter.ts';
import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import { errorText, warn } from '../model/error-text.ts';
import type { Family, Gatherer, GatherOptions, NumberSeries } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { MetricsRegistry } from '../registry/metrics-registry.ts';
import { type PrometheusContentType, Registry, type RegistryContentType, register } from './registry.ts';

/** Stands in for the aggregator in a worker, which has nothing to gather. */
const NOTHING: Gatherer = { gather: (): Promise<readonly Family[]> => Promise.resolve([]) };

/** A registry that can also expose the metrics of workers. */
export abstract class GatheringRegistry<T extends RegistryContentType = PrometheusContentType> extends Registry<T> {
  readonly #gathering = new Set<Promise<unknown>>();

  /**
   * In a worker, sends a last report and stops reporting. In a primary, waits for scrapes that are under way. Resolves
   * after `timeoutMilliseconds` at the latest (default 5,000). Never rejects.
   */
  async shutdown(timeoutMilliseconds = 5000): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMilliseconds)));
    await Promise.race([this.#end(), timeout]);
    clearTimeout(timer);
  }

  /** The registries of this process to gather from. */
  protected abstract get reported(): ReportedRegistries;

  /** Joins the other processes or threads, once; returns the aggregator, or undefined in a worker. */
  protected abstract join(): Promise<Gatherer | undefined>;

  /** Joins at once, as prom-client's registries do. A failure is a process warning, and {@link gathered} rejects with it. */
  protected begin(): void {
    warnIfItFails(this.join());
  }

  /** Returns the exposition of the workers, in the format of `contentType`. Rejects if it could not join them. */
  protected gathered(): Promise<string> {
    const gathering = this.#exposition();
    this.#gathering.add(gathering);
    const forget = (): void => void this.#gathering.delete(gathering);
    gathering.then(forget, forget);
    return gathering;
  }

  async #exposition(): Promise<string> {
    const gatherer = (await this.join()) ?? NOTHING;
    const gather = async (options?: GatherOptions): Promise<readonly Family[]> => {
      const families = await gatherer.gather(options);
      // As in prom-client, the text is empty where there is nobody to gather from.
      return families.every(tellsOfNoWorker) ? [] : families;
    };
    return new TextDecoder().decode(
      await new PrometheusExporter({ gather }).render(this.contentType, { isLikePromClient: true }),
    );
  }

  async #end(): Promise<void> {
    await Promise.allSettled([this.join(), ...this.#gathering]);
    await this.reported.end();
  }
}

/** Whether this is one of the aggregator's own families, and all its values are 0. */
function tellsOfNoWorker({ name, series }: Family): boolean {
  if (!name.startsWith('metrics_client_')) return false;
  for (const one of series) if ((one as NumberSeries).value !== 0) return false;
  return true;
}

/** Turns the failure of a `join()` into a process warning. */
export function warnIfItFails(joining: Promise<unknown>): void {
  joining.catch((error: unknown) => {
    warn(
      'METRICS_NOT_GATHERED',
      `Cannot gather the metrics of workers: expected to join them, got an error (${errorText(error)}).`,
    );
  });
}

/** Starts to report a registry, or returns its reporter if it has one. */
export type StartReports = (options: { readonly registry: Gatherer }) => MetricsReporter;

/** The registries of this process: a worker reports them, a primary adds them to what it gathers. */
export class ReportedRegistries implements Gatherer {
  #registries: readonly MetricsRegistry[] = [register];
  #start: StartReports | undefined;
  readonly #reporters = new Map<MetricsRegistry, MetricsReporter>();

  /** Replaces the registries. Throws a TypeError on anything else. */
  set(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    const all = [registries].flat();
    for (const one of all) {
      if (one instanceof MetricsRegistry) continue;
      throw new TypeError(`Cannot set the registries to be aggregated: Expected Registry, got ${describe(one)}.`);
    }
    this.#registries = all;
    this.#follow();
  }

  /** Starts to report the registries. Each has its own reporter, since two of them may have metrics of the same name. */
  report(start: StartReports): void {
    this.#start = start;
    this.#follow();
  }

  /** Sends a last report and stops reporting. Never rejects. */
  async end(): Promise<void> {
    await Promise.all(Array.from(this.#reporters.values(), (reporter) => reporter.report()));
    this.stop();
  }

  /** Stops reporting at once. */
  stop(): void {
    this.#start = undefined;
    for (const reporter of this.#reporters.values()) reporter.stop();
    this.#reporters.clear();
  }

  /** Returns the families of all registries. Rejects with a RangeError if two of them have metrics of the same name. */
  async gather(): Promise<readonly Family[]> {
    const [first, ...others] = this.#registries;
    // Merged at each scrape, since metrics can join at any time.
    return first !== undefined && others.length === 0
      ? first.gather()
      : MetricsRegistry.merge(this.#registries).gather();
  }

  #follow(): void {
    if (this.#start === undefined) return;
    // First the new ones: whoever has no reporter left is taken for one that has ended.
    for (const registry of this.#registries) {
      if (!this.#reporters.has(registry)) this.#reporters.set(registry, this.#start({ registry }));
    }
    for (const [registry, reporter] of this.#reporters) {
      if (this.#registries.includes(registry)) continue;
      this.#reporters.delete(registry);
      reporter.stop();
    }
  }
}
