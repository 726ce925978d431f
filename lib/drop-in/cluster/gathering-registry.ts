import { PrometheusExporter } from '../../exposition/prometheus-exporter.ts';
import { errorText } from '../../model/error-text.ts';
import type { Family, Gatherer } from '../../model/family.ts';
import { warn } from '../../model/warning.ts';
import type { PrometheusContentType, RegistryContentType } from '../content-type.ts';
import { Registry } from '../registry.ts';
import type { ReportedRegistries } from './reported-registries.ts';

/** What there is to gather for one that is a worker itself. */
const NOTHING: Gatherer = { gather: (): Promise<readonly Family[]> => Promise.resolve([]) };

/** A registry that shows, besides the metrics of its own that every registry has, those of workers. */
export abstract class GatheringRegistry<T extends RegistryContentType = PrometheusContentType> extends Registry<T> {
  readonly #gathering = new Set<Promise<unknown>>();

  /**
   * Reports a last time, if this is a worker, and ends its reports; elsewhere waits for what is being gathered. Resolves
   * after `timeoutMilliseconds` at the latest, 5,000 unless given. Never rejects.
   */
  async shutdown(timeoutMilliseconds = 5000): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMilliseconds)));
    await Promise.race([this.#end(), timeout]);
    clearTimeout(timer);
  }

  /** The registries of this process that are gathered from. */
  protected abstract get reported(): ReportedRegistries;

  /** Joins the others, unless that has been done; returns what gathers from the workers, if it is not one itself. */
  protected abstract join(): Promise<Gatherer | undefined>;

  /** Joins at once, as prom-client's registries do; what fails is told by a process warning, and again by {@link gathered}. */
  protected begin(): void {
    this.join().catch((error: unknown) => {
      warn('METRICS_NOT_GATHERED', `Cannot gather the metrics of workers: expected to join them, got an error (${errorText(error)}).`);
    });
  }

  /** The exposition of what the workers have, in the format of `contentType`. Rejects if it could not join them. */
  protected gathered(): Promise<string> {
    const gathering = this.#exposition();
    this.#gathering.add(gathering);
    const forget = (): void => void this.#gathering.delete(gathering);
    gathering.then(forget, forget);
    return gathering;
  }

  async #exposition(): Promise<string> {
    const gatherer = (await this.join()) ?? NOTHING;
    return new TextDecoder().decode(await new PrometheusExporter(gatherer).render(this.contentType));
  }

  async #end(): Promise<void> {
    await Promise.allSettled([this.join(), ...this.#gathering]);
    await this.reported.end();
  }
}
