import type { MetricsReporter } from '../../aggregate/metrics-reporter.ts';
import type { Family, Gatherer } from '../../model/family.ts';
import { describe } from '../../model/names.ts';
import { MetricsRegistry } from '../../registry/metrics-registry.ts';
import { register } from '../register.ts';

/** Starts the reports of a registry, or returns the reporter that it has. */
export type StartReports = (options: { readonly registry: Gatherer }) => MetricsReporter;

/** The registries of this process that are gathered from: reported, in a worker; of a primary its own. */
export class ReportedRegistries implements Gatherer {
  #registries: readonly MetricsRegistry[] = [register];
  #start: StartReports | undefined;
  readonly #reporters = new Map<MetricsRegistry, MetricsReporter>();

  /** Replaces the registries. Throws a TypeError if one is none. */
  set(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    const all = [registries].flat();
    for (const one of all) {
      if (one instanceof MetricsRegistry) continue;
      throw new TypeError(`Cannot set the registries to be aggregated: Expected Registry, got ${describe(one)}.`);
    }
    this.#registries = all;
    this.#follow();
  }

  /** From now on the registries are reported, each by a reporter of its own: two of them may have metrics of one name. */
  report(start: StartReports): void {
    this.#start = start;
    this.#follow();
  }

  /** Reports a last time, if they are reported, and ends the reports. Never rejects. */
  async end(): Promise<void> {
    this.#start = undefined;
    const reporters = [...this.#reporters.values()];
    this.#reporters.clear();
    await Promise.all(reporters.map((reporter) => reporter.report()));
    for (const reporter of reporters) reporter.stop();
  }

  /** The families of them all. Rejects with a RangeError if two of them have metrics of one name. */
  async gather(): Promise<readonly Family[]> {
    const [first, ...others] = this.#registries;
    // Of several a view that is made anew, since metrics join at any time.
    return first !== undefined && others.length === 0 ? first.gather() : MetricsRegistry.merge(this.#registries).gather();
  }

  #follow(): void {
    if (this.#start === undefined) return;
    for (const [registry, reporter] of this.#reporters) {
      if (this.#registries.includes(registry)) continue;
      this.#reporters.delete(registry);
      reporter.stop();
    }
    for (const registry of this.#registries) {
      if (!this.#reporters.has(registry)) this.#reporters.set(registry, this.#start({ registry }));
    }
  }
}
