import { PrometheusExporter, type PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import type { Gatherer } from '../model/family.ts';
import { register } from '../registry/register.ts';
import { readOnly } from './read-only.ts';
import type { RequestHandler } from './request-handler.ts';
import { createScrapeHandler } from './scrape-handler.ts';

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
export function metricsHandler(registry: Gatherer = register, options?: PrometheusExporterOptions): RequestHandler {
  return readOnly(createScrapeHandler(new PrometheusExporter(registry, options)));
}
