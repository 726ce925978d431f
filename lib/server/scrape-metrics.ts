import { Counter } from '../metrics/counter.ts';
import { Gauge } from '../metrics/gauge.ts';
import { Histogram } from '../metrics/histogram.ts';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { MetricsRegistry } from '../registry/metrics-registry.ts';
import type { RequestHandler } from './request-handler.ts';
import { VERSION } from './version.ts';

/** Where a scrape failed: before its first byte, or after it. */
export type ScrapeErrorCause = 'gathering' | 'encoding';

// Few: everybody's exposition carries them.
const DURATION_BUCKETS = [0.001, 0.01, 0.1, 0.5, 1, 10];
const SIZE_BUCKETS = [1e4, 1e5, 1e6, 1e7];
/** The client went before there was an answer: the code that nginx writes into its log. */
const CLIENT_CLOSED_REQUEST = '499';

/**
 * What a server says of its scrapes. Three metrics have the names that client_golang's handler gives them, since dashboards
 * and alerts ask for these; the others are ours.
 */
export class ScrapeMetrics {
  readonly #registry = new MetricsRegistry();
  readonly #requests = new Counter({
    name: 'promhttp_metric_handler_requests_total',
    help: 'Scrapes by the status code of their answer; 499 if the client went before it.',
    labelNames: ['code'],
    registers: [this.#registry],
  });
  readonly #inFlight = new Gauge({
    name: 'promhttp_metric_handler_requests_in_flight',
    help: 'Scrapes that have not been answered to the last byte.',
    registers: [this.#registry],
  });
  readonly #errors = new Counter({
    name: 'promhttp_metric_handler_errors_total',
    help: 'Scrapes that failed while gathering (answered with 500) or while encoding (cut off).',
    labelNames: ['cause'],
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: 'metrics_client_scrape_duration_seconds',
    help: 'Time from a request for a scrape to the last byte of its answer.',
    buckets: DURATION_BUCKETS,
    registers: [this.#registry],
  });
  readonly #size = new Histogram({
    name: 'metrics_client_scrape_size_bytes',
    help: 'Bytes of the answer to a scrape, its head among them.',
    buckets: SIZE_BUCKETS,
    registers: [this.#registry],
  });
  readonly #series = new Gauge({
    name: 'metrics_client_series',
    help: 'Series of each metric in this scrape.',
    labelNames: ['metric'],
    registers: [this.#registry],
  });

  constructor() {
    // client_golang has these from the start too, so that a rate is there with the first failure.
    for (const code of ['200', '500', '503']) this.#requests.labels(code);
    for (const cause of ['gathering', 'encoding'] as const) this.#errors.labels(cause);
    new Gauge({
      name: 'metrics_client_build_info',
      help: 'The version of the metrics library; always 1.',
      labelNames: ['version'],
      registers: [this.#registry],
    }).set({ version: VERSION }, 1);
  }

  /** Counts and measures the scrapes that go to `handler`. */
  watch(handler: RequestHandler): RequestHandler {
    return (request, response) => {
      const { socket } = request;
      const startedAt = performance.now();
      const bytesBefore = socket.bytesWritten;
      this.#inFlight.inc();
      response.once('close', () => {
        this.#inFlight.dec();
        this.#requests.inc({ code: response.headersSent ? response.statusCode : CLIENT_CLOSED_REQUEST });
        this.#duration.observe((performance.now() - startedAt) / 1000);
        this.#size.observe(socket.bytesWritten - bytesBefore);
      });
      handler(request, response);
    };
  }

  /** Counts a scrape that failed. */
  countError(cause: ScrapeErrorCause): void {
    this.#errors.inc({ cause });
  }

  /** Returns `registry` with these metrics behind its own, where it does not have one of the same name. */
  addTo(registry: Gatherer): Gatherer {
    return {
      gather: async (options?: GatherOptions) => {
        const families = await registry.gather(options);
        this.#countSeries(families);
        const names = new Set(families.map(({ name }) => name));
        const own = await this.#registry.gather();
        return [...families, ...own.filter(({ name }) => !names.has(name))];
      },
    };
  }

  #countSeries(families: readonly Family[]): void {
    for (const { name, series } of families) this.#series.set({ metric: name }, series.length);
    if (this.#series.series.length === families.length) return;
    // A metric has been removed.
    this.#series.clear();
    for (const { name, series } of families) this.#series.set({ metric: name }, series.length);
  }
}
