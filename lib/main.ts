import { isLegacyMetricName as validateMetricName } from './model/names.ts';
import { aggregators } from './prom-client/aggregators.ts';
import { AggregatorRegistry, ClusterRegistry } from './prom-client/cluster-registry.ts';
import { collectDefaultMetrics } from './prom-client/collect-default-metrics.ts';
import {
  contentType,
  OPENMETRICS_CONTENT_TYPE as openMetricsContentType,
  PROMETHEUS_CONTENT_TYPE as prometheusContentType,
  Registry,
  register,
} from './prom-client/registry.ts';
import { Summary } from './prom-client/summary.ts';
import { WorkerRegistry } from './prom-client/worker-registry.ts';
import { Pushgateway } from './push/index.ts';
import { gracefulShutdown } from './server/graceful-shutdown.ts';
import { metricsHandler } from './server/metrics-handler.ts';
import { MetricsServer, startMetricsServer } from './server/metrics-server.ts';

// The main entry: the core, the parts that need Node, and prom-client's additional API.

export type { DefaultMetrics, DefaultMetricsOptions } from './collectors/collect-default-metrics.ts';
// Of two names that are the same, that of this file counts: `register` has the type that prom-client's users know.
export * from './core.ts';
export type { AggregatorFunction } from './prom-client/aggregators.ts';
export type { DefaultMetricsCollectorConfiguration } from './prom-client/collect-default-metrics.ts';
export type { ForeignMetric } from './prom-client/foreign-metric.ts';
export type {
  CollectFunction,
  CounterConfiguration,
  GaugeConfiguration,
  HistogramConfiguration,
  Metric,
  MetricConfiguration,
  SummaryConfiguration,
} from './prom-client/metric.ts';
export type {
  Charset,
  OpenMetricsContentType,
  OpenMetricsMIME,
  OpenMetricsVersion,
  PrometheusContentType,
  PrometheusMetricsVersion,
  PrometheusMIME,
  RegistryContentType,
} from './prom-client/registry.ts';
export type { PushAnswer, PushCallback, PushgatewayOptions, PushParameters } from './push/index.ts';
export type { CollectorErrorPolicy, ServerLimits } from './server/common-options.ts';
export type { GracefulShutdownOptions } from './server/graceful-shutdown.ts';
export type { AuthOptions } from './server/guard/auth-options.ts';
export type { TlsOptions } from './server/guard/tls-options.ts';
export type { HealthCheck, HealthCheckOptions, HealthCheckResult, HealthReport } from './server/health-checks.ts';
export type { RequestHandler } from './server/http/exchange.ts';
export type { MetricsHandlerOptions } from './server/metrics-handler.ts';
export type { MetricsServerOptions } from './server/metrics-server-options.ts';
export type { SummaryChild, SummaryOptions } from './summary.ts';
export {
  AggregatorRegistry,
  aggregators,
  ClusterRegistry,
  collectDefaultMetrics,
  contentType,
  gracefulShutdown,
  MetricsServer,
  metricsHandler,
  openMetricsContentType,
  Pushgateway,
  prometheusContentType,
  Registry,
  register,
  Summary,
  startMetricsServer,
  validateMetricName,
  WorkerRegistry,
};
