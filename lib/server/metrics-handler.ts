import { PrometheusExporter, type PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import { errorText, warn } from '../model/error-text.ts';
import type { Gatherer } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { register } from '../registry/register.ts';
import type { RequestHandler } from './http/exchange.ts';
import { type CollectorErrorPolicy, checkCollectorErrorPolicy, serverLimits } from './shared-options.ts';

/** How the scrapes of a handler are served. */
export interface MetricsHandlerOptions extends PrometheusExporterOptions {
  /** As {@link ServerLimits.maxScrapesInFlight}. Default 4. */
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
 * It loads what it needs when it is created; requests that come before that is done wait for it, and get 503 if it fails,
 * in which case the next request tries again. After that it depends on no file.
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
  const {
    maxScrapesInFlight,
    scrapeTimeoutSeconds,
    compression = true,
    onCollectorError = 'omit',
    ...exporterOptions
  } = options;
  checkCollectorErrorPolicy(onCollectorError, 'create a metrics handler');
  const limits = serverLimits({
    ...(maxScrapesInFlight === undefined ? {} : { maxScrapesInFlight }),
    ...(scrapeTimeoutSeconds === undefined ? {} : { scrapeTimeoutSeconds }),
  });
  const exporter = new PrometheusExporter(registry, exporterOptions);
  // Loaded now and not with the import: a program that imports the package starts sooner without.
  let scrape: RequestHandler | undefined;
  let hasWarned = false;
  const load = async (): Promise<RequestHandler | undefined> => {
    try {
      const { createMountedHandler } = await loadModule(
        () => import('./scrape/scrape-handler.ts'),
        'createMountedHandler',
      );
      await exporter.prepare();
      scrape = createMountedHandler(exporter, { ...limits, compression, onCollectorError });
    } catch (error) {
      if (!hasWarned)
        warn('METRICS_HANDLER_FAILED', `The metrics handler answers 503 until it can be loaded: ${errorText(error)}`);
      hasWarned = true;
    }
    loading = undefined;
    return scrape;
  };
  let loading: Promise<RequestHandler | undefined> | undefined = load();
  return (request, response) => {
    if (scrape !== undefined) {
      scrape(request, response);
      return;
    }
    loading ??= load();
    // Never rejects; the guard is part of what is loaded.
    loading.then((loaded) => (loaded ?? notReady)(request, response)).catch(() => response.destroy());
  };
}

const notReady: RequestHandler = (_, response) => {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '1' });
  response.end('Cannot scrape: the metrics handler is not ready. Try again in 1 s.\n');
};
