import { PrometheusExporter } from '../../exposition/prometheus-exporter.ts';
import { loadModule } from '../../model/load-module.ts';
import { limitRequests, requireHost } from '../guard/require-host.ts';
import type { HealthChecks, HealthReport } from '../health-checks.ts';
import type { ServerSettings } from '../metrics-server-options.ts';
import { createScrapeHandler } from '../scrape/scrape-handler.ts';
import { ScrapeMetrics } from '../scrape/scrape-metrics.ts';
import type { ScrapeSchedule } from '../scrape/scrape-schedule.ts';
import { ListenerGuard, PLAIN_TEXT, pathOf, type RequestHandler, readOnly, send } from './exchange.ts';
import { createLandingPage, pageFiles } from './landing-page.ts';

/** The parts of a server that exist before it listens. */
export interface ServerParts {
  readonly liveness: HealthChecks;
  readonly readiness: HealthChecks;
  readonly schedule: ScrapeSchedule;
  /** Whether the server is closing. */
  readonly isClosing: () => boolean;
}

/** The handler of a server's requests, and the guard that catches exceptions in its listeners. */
interface RequestFlow {
  readonly handler: RequestHandler;
  readonly listeners: ListenerGuard;
}

/**
 * Builds the chain of handlers that a request passes: limits, `Host` name, client certificate name, credentials, and
 * the route of its path. Each handler answers the request or passes it on.
 *
 * Loads every module that a request may need, so a running server depends on no files. Modules for unused options are
 * not loaded. Rejects if a module cannot be loaded.
 */
export async function createRequestFlow(settings: ServerSettings, parts: ServerParts): Promise<RequestFlow> {
  const { credentials, tls, limits, selfMetrics } = settings;
  const metrics = selfMetrics ? new ScrapeMetrics() : undefined;
  const listeners = new ListenerGuard(() => metrics?.countListenerError());
  let handler = createRouter({
    '/metrics': parts.schedule.watch(await scrapeHandlerOf(settings, listeners, metrics)),
    '/health': createHealthHandler(parts.liveness, listeners),
    '/ready': createHealthHandler(parts.readiness, listeners, parts.isClosing),
    ...createLandingPage(pageFiles, listeners),
  });
  if (credentials !== undefined) {
    const { requireCredentials } = await loadModule(() => import('../guard/authenticator.ts'), 'requireCredentials');
    handler = requireCredentials(handler, credentials);
  }
  if (tls?.allowedClientNames !== undefined) {
    const { requireClientName } = await loadModule(() => import('../guard/tls-server.ts'), 'requireClientName');
    handler = requireClientName(handler, tls.allowedClientNames);
  }
  const limited = limitRequests(requireHost(handler, settings), limits.maxUrlLength);
  if (metrics === undefined) return { handler: limited, listeners };
  const watched = metrics.watch(limited);
  return {
    handler: (request, response) => (pathOf(request.url) === '/metrics' ? watched : limited)(request, response),
    listeners,
  };
}

async function scrapeHandlerOf(
  settings: ServerSettings,
  listeners: ListenerGuard,
  metrics: ScrapeMetrics | undefined,
): Promise<RequestHandler> {
  const { registry, exporterOptions, limits, compression, onCollectorError } = settings;
  const source = metrics === undefined ? registry : metrics.addTo(registry);
  const policy = { ...limits, compression, onCollectorError, listeners, metrics };
  const exporter = new PrometheusExporter(source, exporterOptions);
  await exporter.prepare();
  return createScrapeHandler(exporter, policy);
}

/**
 * Returns a handler that routes GET and HEAD requests by path, ignoring the query string. Answers an unknown path with
 * 404 and the list of paths.
 */
export function createRouter(routes: Readonly<Record<string, RequestHandler>>): RequestHandler {
  const handlers = new Map(Object.entries(routes).map(([path, handler]) => [path, readOnly(handler)]));
  const body = `Cannot find this path: expected one of ${[...handlers.keys()].join(', ')}.\n`;
  const notFound: RequestHandler = (request, response) => {
    send(request, response, { status: 404, contentType: PLAIN_TEXT, body });
  };
  return (request, response) => (handlers.get(pathOf(request.url)) ?? notFound)(request, response);
}

const CLOSING: HealthReport = {
  status: 'failing',
  checks: { server: { status: 'failing', durationSeconds: 0, error: 'The server is closing.' } },
};

/**
 * Returns a handler that runs `checks` and answers with their report as JSON: 200 if all are ok, else 503. While
 * `isClosing()` is true, it answers 503 without running any. `listeners` catches exceptions while answering.
 */
function createHealthHandler(
  checks: HealthChecks,
  listeners: ListenerGuard,
  isClosing: () => boolean = () => false,
): RequestHandler {
  return (request, response) => {
    const reporting = isClosing() ? Promise.resolve(CLOSING) : checks.report();
    const answer = (report: HealthReport) => {
      send(request, response, {
        status: report.status === 'ok' ? 200 : 503,
        contentType: 'application/json',
        body: `${JSON.stringify(report)}\n`,
      });
    };
    // A report never rejects. If one did, the client must not wait forever.
    reporting.then(
      listeners.guard(answer, () => response),
      () => response.destroy(),
    );
  };
}
