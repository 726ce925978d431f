import { PrometheusExporter, type PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import type { Gatherer } from '../model/family.ts';
import { register } from '../registry/register.ts';
import type { RequestHandler } from './request-handler.ts';
import { checkCollectorErrorPolicy, type CollectorErrorPolicy } from './scrape-policy.ts';
import { serverLimits } from './server-limits.ts';

/** How the scrapes of a handler are served. */
export interface MetricsHandlerOptions extends PrometheusExporterOptions {
  /** Scrapes that are being collected, rendered or sent; beyond it 503 with `Retry-After`. Default 3. */
  readonly maxScrapesInFlight?: number;
  /** As {@link ServerLimits.scrapeTimeoutSeconds}. Default 60. */
  readonly scrapeTimeoutSeconds?: number;
  /** As {@link MetricsServerOptions.compression}. Default true. */
  readonly compression?: boolean;
  /** As {@link MetricsServerOptions.onCollectorError}. Default `'omit'`. */
  readonly onCollectorError?: CollectorErrorPolicy;
}

/**
 * Returns a `(request, response)` function that answers with a scrape of `registry` (default: the default registry),
 * for a server that you already have. It answers GET and HEAD of any path and refuses other methods: mount it where the
 * scrapes should be. It never throws; a failed scrape is a 500, or, once it has begun, a connection cut off.
 *
 * It takes the request and response of `node:http`, which other servers pass on or lend.
 *
 * @example
 * ```ts
 * const handler = metricsHandler();
 * createServer((request, response) => handler(request, response)); // node:http
 * app.get('/metrics', handler); // Express
 * fastify.get('/metrics', (request, reply) => { reply.hijack(); handler(request.raw, reply.raw); }); // Fastify
 * router.get('/metrics', (ctx) => { ctx.respond = false; handler(ctx.req, ctx.res); }); // Koa
 * ```
 */
export function metricsHandler(registry: Gatherer = register, options: MetricsHandlerOptions = {}): RequestHandler {
  const { maxScrapesInFlight, scrapeTimeoutSeconds, compression = true, onCollectorError = 'omit', ...exporterOptions } =
    options;
  checkCollectorErrorPolicy(onCollectorError, 'create a metrics handler');
  const limits = serverLimits({
    ...(maxScrapesInFlight === undefined ? {} : { maxScrapesInFlight }),
    ...(scrapeTimeoutSeconds === undefined ? {} : { scrapeTimeoutSeconds }),
  });
  const exporter = new PrometheusExporter(registry, exporterOptions);
  // Only with the first scrape: a program that imports the package starts sooner without.
  let loading: Promise<RequestHandler> | undefined;
  const load = async () => {
    const [{ readOnly }, { createScrapeHandler }] = await Promise.all([
      import('./read-only.ts'),
      import('./scrape-handler.ts'),
    ]);
    return readOnly(createScrapeHandler(exporter, { ...limits, compression, onCollectorError }));
  };
  return (request, response) => {
    loading ??= load();
    void loading.then((scrape) => scrape(request, response));
  };
}
