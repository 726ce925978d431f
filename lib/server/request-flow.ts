import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import { loadModule } from '../model/load-module.ts';
import type { HealthChecks } from './health-checks.ts';
import { createHealthHandler } from './health-handler.ts';
import { createLandingPage } from './landing-page.ts';
import { limitRequests } from './limit-requests.ts';
import { ListenerGuard } from './listener-guard.ts';
import type { ServerSettings } from './metrics-server-options.ts';
import { pathOf } from './path-of.ts';
import type { RequestHandler } from './request-handler.ts';
import { requireHost } from './require-host.ts';
import { createRouter } from './router.ts';
import { createScrapeHandler } from './scrape-handler.ts';
import { ScrapeMetrics } from './scrape-metrics.ts';
import type { ScrapeSchedule } from './scrape-schedule.ts';

/** The parts of a server that exist before it listens. */
export interface ServerParts {
  readonly liveness: HealthChecks;
  readonly readiness: HealthChecks;
  readonly schedule: ScrapeSchedule;
  /** Whether the server is about to close. */
  readonly isClosing: () => boolean;
}

/** The handler of a server's requests, and the guard that keeps exceptions from its host. */
export interface RequestFlow {
  readonly handler: RequestHandler;
  readonly listeners: ListenerGuard;
}

/**
 * Returns what a request goes through, from the outside in: its limits, the host it names, the name of the client's
 * certificate, credentials, and the route of its path. Each step answers by itself or passes on.
 *
 * Loads every module that a request may need: a running server depends on no file. What the options do not ask for is not
 * loaded. Rejects if a module cannot be loaded.
 */
export async function createRequestFlow(settings: ServerSettings, parts: ServerParts): Promise<RequestFlow> {
  const { credentials, tls, limits, selfMetrics } = settings;
  const metrics = selfMetrics ? new ScrapeMetrics() : undefined;
  const listeners = new ListenerGuard(() => metrics?.countListenerError());
  const { pageFiles } = await loadModule(() => import('./page/page-files.ts'), 'pageFiles');
  let handler = createRouter({
    '/metrics': parts.schedule.watch(await scrapeHandlerOf(settings, listeners, metrics)),
    '/health': createHealthHandler(parts.liveness, listeners),
    '/ready': createHealthHandler(parts.readiness, listeners, parts.isClosing),
    ...createLandingPage(pageFiles, listeners),
  });
  if (credentials !== undefined) {
    const { requireCredentials } = await loadModule(
      () => import('./auth/require-credentials.ts'),
      'requireCredentials',
    );
    handler = requireCredentials(handler, credentials);
  }
  if (tls?.allowedClientNames !== undefined) {
    const { requireClientName } = await loadModule(() => import('./tls/require-client-name.ts'), 'requireClientName');
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
