import { PrometheusExporter, type PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import { errorText, warn } from '../model/error-text.ts';
import type { Gatherer } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { register } from '../registry/register.ts';
import {
  type CollectorErrorPolicy,
  checkCollectorErrorPolicy,
  checkOptions,
  checkRegistry,
  EXPORTER_OPTION_NAMES,
  serverLimits,
} from './common-options.ts';
import type { RequestHandler } from './http/exchange.ts';

/** Options for a metrics handler. */
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

const ACTION = 'create a metrics handler';
const OPTION_NAMES: readonly string[] = [
  ...EXPORTER_OPTION_NAMES,
  'maxScrapesInFlight',
  'scrapeTimeoutSeconds',
  'compression',
  'onCollectorError',
];

/**
 * Returns a `(request, response)` handler for an existing server, which answers with a scrape of `registry` (default:
 * the default registry). It answers GET and HEAD for any path and refuses other methods, so mount it at the path to
 * scrape. It never throws: a failed scrape gets 500, or the connection is cut off if the answer has begun.
 *
 * Its modules start to load when it is created. Requests wait until they are loaded, and get 503 if that fails; the
 * next request then tries again. After that, the handler depends on no files.
 *
 * Throws a TypeError or RangeError if an option is invalid or unknown: `auth` is an option of a server, not of a handler.
 *
 * It takes the request and response of `node:http`, which other servers pass on or give access to.
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
  checkOptions(options, OPTION_NAMES, 'options', ACTION);
  const {
    maxScrapesInFlight,
    scrapeTimeoutSeconds,
    compression = true,
    onCollectorError = 'omit',
    ...exporterOptions
  } = options;
  checkRegistry(registry, ACTION);
  checkCollectorErrorPolicy(onCollectorError, ACTION);
  const limits = serverLimits({
    ...(maxScrapesInFlight === undefined ? {} : { maxScrapesInFlight }),
    ...(scrapeTimeoutSeconds === undefined ? {} : { scrapeTimeoutSeconds }),
  });
  const exporter = new PrometheusExporter(registry, exporterOptions);
  // Loaded here, not imported, which keeps the import of the package fast.
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
    // `loading` never rejects. A handler that is loaded catches its own exceptions.
    loading.then((loaded) => (loaded ?? notReady)(request, response)).catch(() => response.destroy());
  };
}

const notReady: RequestHandler = (_, response) => {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '1' });
  response.end('Cannot scrape: the metrics handler is not ready. Try again in 1 s.\n');
};
