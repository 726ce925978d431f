import { aggregators } from './drop-in/cluster/aggregators.ts';
import { AggregatorRegistry, ClusterRegistry } from './drop-in/cluster/cluster-registry.ts';
import { WorkerRegistry } from './drop-in/cluster/worker-registry.ts';
import { collectDefaultMetrics } from './drop-in/collect-default-metrics.ts';
import {
  OPENMETRICS_CONTENT_TYPE as openMetricsContentType,
  PROMETHEUS_CONTENT_TYPE as prometheusContentType,
} from './drop-in/content-type.ts';
import { Counter } from './drop-in/counter.ts';
import { Gauge } from './drop-in/gauge.ts';
import { Histogram } from './drop-in/histogram.ts';
import { Pushgateway } from './drop-in/pushgateway.ts';
import { contentType, register } from './drop-in/register.ts';
import { Registry } from './drop-in/registry.ts';
import { Summary } from './drop-in/summary.ts';
import { isLegacyMetricName as validateMetricName } from './model/names.ts';
import { gracefulShutdown } from './server/graceful-shutdown.ts';
import { metricsHandler } from './server/metrics-handler.ts';
import { MetricsServer } from './server/metrics-server.ts';
import { startMetricsServer } from './server/start-metrics-server.ts';

// The main entry: the core, the parts that need Node, and prom-client's additional API.

export type { DefaultMetrics, DefaultMetricsOptions } from './collectors/collect-default-metrics.ts';
// Names of this file come before those of the core: `Counter` is that of lib/drop-in.
export * from './core.ts';
export type { AggregatorFunction } from './drop-in/cluster/aggregators.ts';
export type { DefaultMetricsCollectorConfiguration } from './drop-in/collect-default-metrics.ts';
export type {
  Charset,
  OpenMetricsContentType,
  OpenMetricsMIME,
  OpenMetricsVersion,
  PrometheusContentType,
  PrometheusMetricsVersion,
  PrometheusMIME,
  RegistryContentType,
} from './drop-in/content-type.ts';
export type { CounterConfiguration, CounterWithExemplars, IncreaseDataWithExemplar } from './drop-in/counter.ts';
export type { GaugeConfiguration } from './drop-in/gauge.ts';
export type { HistogramConfiguration, HistogramWithExemplars, ObserveDataWithExemplar } from './drop-in/histogram.ts';
export type { Metric } from './drop-in/metric.ts';
export type {
  ExemplarObject,
  MetricObject,
  MetricObjectWithValues,
  MetricValue,
  MetricValueWithName,
} from './drop-in/metric-object.ts';
export type { CollectFunction, LabelValues, MetricConfiguration } from './drop-in/options.ts';
export type { SummaryConfiguration } from './drop-in/summary.ts';
export type { Aggregator } from './model/aggregator.ts';
export type { PushAnswer, PushgatewayOptions, PushParameters } from './push/index.ts';
export type { AuthOptions } from './server/auth/auth-options.ts';
export type { GracefulShutdownOptions } from './server/graceful-shutdown.ts';
export type { HealthCheck, HealthCheckOptions, HealthCheckResult, HealthReport } from './server/health-checks.ts';
export type { MetricsHandlerOptions } from './server/metrics-handler.ts';
export type { MetricsServerOptions } from './server/metrics-server-options.ts';
export type { RequestHandler } from './server/request-handler.ts';
export type { CollectorErrorPolicy } from './server/scrape-policy.ts';
export type { ServerLimits } from './server/server-limits.ts';
export type { TlsOptions } from './server/tls/tls-options.ts';
export type { SummaryChild, SummaryOptions } from './summary.ts';
export {
  AggregatorRegistry,
  aggregators,
  ClusterRegistry,
  Counter,
  collectDefaultMetrics,
  contentType,
  Gauge,
  gracefulShutdown,
  Histogram,
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
