import { Counter } from '../../metrics/counter.ts';
import { Gauge } from '../../metrics/gauge.ts';
import { Info } from '../../metrics/info.ts';
import type { Family, Gatherer, GatherOptions } from '../../model/family.ts';
import { seriesNames } from '../../model/names.ts';
import { MetricsRegistry } from '../../registry/metrics-registry.ts';
import type { RequestHandler } from '../http/exchange.ts';

/** Where a scrape failed: before its first byte, or after it. */
type ScrapeErrorCause = 'gathering' | 'encoding';

/** The client disconnected before it was answered. The code that nginx logs for this. */
const CLIENT_CLOSED_REQUEST = '499';

/**
 * A server's metrics about its own scrapes. Three have the names that client_golang uses, because dashboards and alerts
 * query them. There is no histogram: it would enlarge every exposition, and the scraper measures the duration of each
 * scrape more accurately.
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
  readonly #listenerErrors = new Counter({
    name: 'metrics_client_listener_errors_total',
    help: 'Exceptions in the listeners of the metrics server; each closed its connection.',
    registers: [this.#registry],
  });
  readonly #seconds = new Counter({
    name: 'metrics_client_scrape_duration_seconds_total',
    help: 'Time from the requests for scrapes to the last bytes of their answers.',
    registers: [this.#registry],
  });
  readonly #bytes = new Counter({
    name: 'metrics_client_scrape_size_bytes_total',
    help: 'Bytes of the answers to scrapes, their heads among them.',
    registers: [this.#registry],
  });
  readonly #series = new Gauge({
    name: 'metrics_client_series',
    help: 'Series of each metric in this scrape.',
    labelNames: ['metric'],
    registers: [this.#registry],
  });

  constructor() {
    // These exist from the start, as in client_golang, so that the first failure already yields a rate.
    for (const code of ['200', '500', '503']) this.#requests.labels(code);
    for (const cause of ['gathering', 'encoding'] as const) this.#errors.labels(cause);
    new Info({
      name: 'metrics_client_build_info',
      help: 'The version of the metrics library.',
      labelNames: ['version'],
      registers: [this.#registry],
    }).set({ version: VERSION });
  }

  /** Wraps `handler` to count and measure its scrapes. */
  watch(handler: RequestHandler): RequestHandler {
    return (request, response) => {
      const { socket } = request;
      const startedAt = performance.now();
      // A pipelined response gets its socket once earlier responses are sent, or never if the client disconnects.
      let bytesBefore = response.socket?.bytesWritten;
      if (bytesBefore === undefined) response.once('socket', () => (bytesBefore = socket.bytesWritten));
      this.#inFlight.inc();
      response.once('close', () => {
        this.#inFlight.dec();
        this.#requests.inc({ code: response.headersSent ? response.statusCode : CLIENT_CLOSED_REQUEST });
        this.#seconds.inc((performance.now() - startedAt) / 1000);
        if (bytesBefore !== undefined) this.#bytes.inc(socket.bytesWritten - bytesBefore);
      });
      handler(request, response);
    };
  }

  /** Counts a failed scrape. */
  countError(cause: ScrapeErrorCause): void {
    this.#errors.inc({ cause });
  }

  /** Counts an exception in a listener of the server. */
  countListenerError(): void {
    this.#listenerErrors.inc();
  }

  /** Returns a view of `registry` that appends these metrics, except those whose names it already has. */
  addTo(registry: Gatherer): Gatherer {
    return {
      gather: async (options?: GatherOptions) => {
        const families = await registry.gather(options);
        this.#countSeries(families);
        // Compares escaped names, including the series of histograms and summaries: no series may appear twice.
        const names = new Set(families.flatMap(({ name, type }) => seriesNames(name, type)));
        const own = await this.#registry.gather();
        return [...families, ...own.filter(({ name }) => !names.has(name))];
      },
      prepare: async () => registry.prepare?.(),
    };
  }

  #countSeries(families: readonly Family[]): void {
    for (const { name, series } of families) this.#series.set({ metric: name }, series.length);
    if (this.#series.series.length === families.length) return;
    // A metric has been removed: start over.
    this.#series.clear();
    for (const { name, series } of families) this.#series.set({ metric: name }, series.length);
  }
}

/** The version of this package, as in its package.json, which a bundle or a vendored copy cannot read. */
export const VERSION = '0.1.0';
