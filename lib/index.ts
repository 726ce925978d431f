import { collectDefaultMetrics } from './collectors/collect-default-metrics.ts';
import core from './core.ts';
import { metricsHandler } from './server/metrics-handler.ts';
import { MetricsServer } from './server/metrics-server.ts';
import { startMetricsServer } from './server/start-metrics-server.ts';

// The main entry: the core, and what needs Node.

export type { DefaultMetrics, DefaultMetricsOptions } from './collectors/collect-default-metrics.ts';
export type { HealthCheck, HealthCheckOptions, HealthCheckResult, HealthReport } from './server/health-checks.ts';
export type { MetricsServerOptions } from './server/metrics-server.ts';
export type { RequestHandler } from './server/request-handler.ts';

export * from './core.ts';
export { collectDefaultMetrics, metricsHandler, MetricsServer, startMetricsServer };

export default { ...core, collectDefaultMetrics, metricsHandler, MetricsServer, startMetricsServer };
