// What a TypeScript program of prom-client's users does with its types; compiled against prom-client's and against ours.

import * as client from 'prom-client';
import {
  type Aggregator,
  AggregatorRegistry,
  type Charset,
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type HistogramConfiguration,
  type LabelValues,
  linearBuckets,
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
  type OpenMetricsContentType,
  openMetricsContentType,
  type PrometheusContentType,
  prometheusContentType,
  Registry,
  register,
  Summary,
  type SummaryConfiguration,
  validateMetricName,
} from 'prom-client';

const registry = new Registry();
const openMetrics: Registry<OpenMetricsContentType> = new Registry<OpenMetricsContentType>();
openMetrics.setContentType(openMetricsContentType);
const text: PrometheusContentType = prometheusContentType;

const configuration: CounterConfiguration<'method' | 'status'> = {
  name: 'requests_total',
  help: 'Requests.',
  labelNames: ['method', 'status'] as const,
  registers: [registry],
  aggregator: 'sum',
};
const requests = new Counter(configuration);
requests.inc({ method: 'GET', status: 200 });
requests.inc({ method: 'GET', status: '200' }, 2);
requests.labels('GET', '200').inc();
requests.labels({ method: 'GET', status: 404 }).inc(3);
requests.remove('GET', '200');
requests.remove({ method: 'GET', status: 404 });
requests.reset();

const anyLabels: Counter<string> = new client.Counter({
  name: 'any_total',
  help: 'A.',
  labelNames: ['a'],
  registers: [registry],
});
anyLabels.inc({ a: 'x' });
anyLabels.inc();
const plain: client.Counter = new client.Counter({ name: 'plain_total', help: 'P.', registers: [registry] });
plain.inc(5);

const gauge = new Gauge<'pool'>({
  name: 'connections',
  help: 'Connections.',
  labelNames: ['pool'],
  registers: [registry],
  async collect() {
    this.set({ pool: 'read' }, 4);
  },
});
gauge.inc({ pool: 'read' });
gauge.dec({ pool: 'read' }, 2);
gauge.setToCurrentTime({ pool: 'read' });
const gaugeSeconds: number = gauge.startTimer({ pool: 'read' })();

const histogramConfiguration: HistogramConfiguration<string> = {
  name: 'request_seconds',
  help: 'Time.',
  labelNames: ['route'],
  buckets: linearBuckets(0.1, 0.1, 5),
  registers: [registry],
};
const histogram = new Histogram(histogramConfiguration);
histogram.observe({ route: '/' }, 0.2);
histogram.zero({ route: '/' });
const end = histogram.startTimer({ route: '/' });
const seconds: number = end({ route: '/x' });
histogram.labels('/').observe(1);

const summaryConfiguration: SummaryConfiguration<'a'> = {
  name: 'summary',
  help: 'S.',
  labelNames: ['a'],
  percentiles: [0.5],
  maxAgeSeconds: 600,
  ageBuckets: 5,
  pruneAgedBuckets: true,
  compressCount: 1,
  registers: [registry],
};
const summary = new Summary(summaryConfiguration);
summary.observe({ a: 'x' }, 1);

const exemplars = new Counter<string>({
  name: 'e_total',
  help: 'E.',
  labelNames: ['a'],
  enableExemplars: true,
  registers: [openMetrics],
});
exemplars.inc({ labels: { a: 'x' }, value: 1, exemplarLabels: { trace_id: '1' } });

/** A wrapper that is generic in the label names, as in many code bases. */
export class Metrics<T extends string> {
  readonly #requests: Counter<T>;
  readonly #seconds: Histogram<T>;
  readonly #connections: Gauge<T>;
  readonly #sizes: Summary<T>;

  constructor(labelNames: T[]) {
    this.#requests = new Counter({ name: 'w_total', help: 'W.', labelNames, registers: [] });
    this.#seconds = new Histogram({ name: 'w_seconds', help: 'W.', labelNames, registers: [] });
    this.#connections = new Gauge({ name: 'w', help: 'W.', labelNames, registers: [] });
    this.#sizes = new Summary({ name: 'w_bytes', help: 'W.', labelNames, registers: [] });
  }

  record(labels: LabelValues<T>, bytes: number): () => number {
    this.#requests.inc(labels);
    this.#requests.inc(labels, 2);
    this.#requests.labels(labels).inc();
    this.#connections.set(labels, 1);
    this.#connections.inc(labels);
    this.#connections.dec(labels, 1);
    this.#connections.remove(labels);
    this.#sizes.observe(labels, bytes);
    this.#seconds.observe(labels, 1);
    this.#seconds.zero(labels);
    const end = this.#seconds.startTimer(labels);
    return () => end(labels);
  }
}

const aggregatorRegistry = new AggregatorRegistry<PrometheusContentType>();
AggregatorRegistry.setRegistries([registry, openMetrics]);
AggregatorRegistry.setRegistries(registry);
const anyAggregatorRegistry: AggregatorRegistry<OpenMetricsContentType> = new AggregatorRegistry();
const aggregator: Aggregator = 'max';
const charset: Charset = 'utf-8';

export async function cluster(): Promise<unknown> {
  const aggregated: Registry<PrometheusContentType> = AggregatorRegistry.aggregate<PrometheusContentType>([
    await registry.getMetricsAsJSON(),
  ]);
  const clusterText: string = await aggregatorRegistry.clusterMetrics();
  return [
    clusterText,
    await aggregated.metrics(),
    aggregatorRegistry.contentType,
    anyAggregatorRegistry,
    aggregator,
    charset,
  ];
}

export async function read(): Promise<unknown> {
  const value: MetricObjectWithValues<MetricValue<string>> = await requests.get();
  const found: Metric<string> | undefined = registry.getSingleMetric('requests_total');
  const counter = registry.getSingleMetric('requests_total') as Counter<string>;
  const json = await registry.getMetricsAsJSON();
  const merged = Registry.merge([registry, register]);
  registry.registerMetric(counter);
  registry.setDefaultLabels({ app: 'shop', version: process.env['VERSION'] });
  registry.resetMetrics();
  registry.removeSingleMetric('connections');
  collectDefaultMetrics();
  collectDefaultMetrics({
    register: registry,
    prefix: 'p_',
    labels: { a: 'b' },
    gcDurationBuckets: [1],
    eventLoopMonitoringPrecision: 10,
  });
  const list: readonly string[] = collectDefaultMetrics.metricsList;
  registry.clear();
  return [
    value.values[0]?.labels,
    (await found?.get())?.values.length,
    json[0]?.name,
    merged.contentType,
    list,
    await registry.metrics(),
    await registry.getSingleMetricAsString('x'),
    registry.getMetricsAsArray().map(({ name }) => name),
    validateMetricName('a'),
    client.contentType,
    Registry.PROMETHEUS_CONTENT_TYPE,
    text,
    seconds,
    gaugeSeconds,
  ];
}
