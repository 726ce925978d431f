import { collectDefaultMetrics } from './collectors/collect-default-metrics.ts';
import {
  Counter,
  exponentialBuckets,
  exponentialBucketsRange,
  Gauge,
  Histogram,
  Info,
  linearBuckets,
  MetricsRegistry,
  PrometheusExporter,
  register,
  StateSet,
} from './core.ts';
import { gracefulShutdown } from './server/graceful-shutdown.ts';
import { metricsHandler } from './server/metrics-handler.ts';
import { MetricsServer } from './server/metrics-server.ts';
import { startMetricsServer } from './server/start-metrics-server.ts';
import { Summary } from './summary.ts';

// The main entry: the core, and what needs Node.

export type { DefaultMetrics, DefaultMetricsOptions } from './collectors/collect-default-metrics.ts';
export type { AuthOptions } from './server/auth/auth-options.ts';
export type { GracefulShutdownOptions } from './server/graceful-shutdown.ts';
export type { HealthCheck, HealthCheckOptions, HealthCheckResult, HealthReport } from './server/health-checks.ts';
export type { MetricsHandlerOptions } from './server/metrics-handler.ts';
export type { MetricsServerOptions } from './server/metrics-server-options.ts';
export type { RequestHandler } from './server/request-handler.ts';
export type { CollectorErrorPolicy } from './server/scrape-policy.ts';
export type { ServerLimits } from './server/server-limits.ts';
export type { TlsOptions } from './server/tls/tls-options.ts';

export * from './core.ts';
export type { SummaryChild, SummaryOptions } from './summary.ts';
export { collectDefaultMetrics, gracefulShutdown, metricsHandler, MetricsServer, startMetricsServer, Summary };

// Spelled out: taking over the default export of the core would make a file of its own of it in the bundle.
export default {
  Counter,
  Gauge,
  Histogram,
  Info,
  MetricsRegistry,
  MetricsServer,
  PrometheusExporter,
  Registry: MetricsRegistry,
  StateSet,
  Summary,
  collectDefaultMetrics,
  exponentialBuckets,
  exponentialBucketsRange,
  gracefulShutdown,
  linearBuckets,
  metricsHandler,
  register,
  startMetricsServer,
};
