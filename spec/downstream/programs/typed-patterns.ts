// How public programs wrap prom-client, in shapes that are common in them; compiled and run on prom-client and on this library. It
// prints what the wrappers have exposed.

import * as promClient from 'prom-client';
import client, {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type LabelValues,
  type Metric,
  Pushgateway,
  Registry,
  register,
  Summary,
  type SummaryConfiguration,
} from 'prom-client';

/** A service of a framework: metrics by name, with label names that come as an array. */
class MetricsService {
  private readonly registry: Registry;
  private readonly counters = new Map<string, Counter>();
  private readonly gauges: Map<string, Gauge<string>> = new Map();
  private readonly histograms: Record<string, Histogram<string>> = {};

  constructor(prefix?: string) {
    this.registry = new Registry();
    this.registry.setDefaultLabels({ app: prefix ?? 'shop', version: process.env['NO_SUCH_VERSION'] ?? '1' });
  }

  getOrCreateCounter(name: string, help: string, labelNames: string[] = []): Counter {
    let counter = this.counters.get(name);
    if (!counter) {
      counter = new Counter({ name, help, labelNames, registers: [this.registry] });
      this.counters.set(name, counter);
    }
    return counter;
  }

  createGauge(configuration: GaugeConfiguration<string>): Gauge {
    const gauge = new Gauge({ ...configuration, registers: [this.registry] });
    this.gauges.set(configuration.name, gauge);
    return gauge;
  }

  createHistogram(name: string, help: string, labelNames?: string[], buckets?: number[]): Histogram<string> {
    this.histograms[name] ??= new Histogram({
      name,
      help,
      registers: [this.registry],
      ...(labelNames && { labelNames }),
      ...(buckets && { buckets }),
    });
    return this.histograms[name];
  }

  incrementCounter(name: string, labels?: Record<string, string>, value?: number): void {
    const counter = this.counters.get(name);
    if (labels) counter?.inc(labels, value);
    else counter?.inc(value);
  }

  setGauge(name: string, value: number, labels: Record<string, string | number> = {}): void {
    this.gauges.get(name)?.set(labels, value);
  }

  observeHistogram(name: string, value: number, labels?: Record<string, string>): void {
    this.histograms[name]?.observe(labels ?? {}, value);
  }

  find<M extends Metric<string>>(name: string): M | undefined {
    return this.registry.getSingleMetric(name) as M | undefined;
  }

  async report(): Promise<{ readonly contentType: string; readonly metrics: string }> {
    return { contentType: this.registry.contentType, metrics: await this.registry.metrics() };
  }
}

/** The middleware of a web framework. */
interface EndTimerLabels {
  status_code: string;
}
const requestDuration = new client.Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration.',
  labelNames: ['method', 'route', 'status_code'],
  buckets: [60],
});
const requestsTotal = new promClient.Counter({
  name: 'http_requests_total',
  help: 'Requests.',
  labelNames: ['method', 'route', 'status_code'] as const,
});
const inFlight = new client.Gauge({ name: 'http_requests_in_flight', help: 'In flight.' });

function middleware(method: string, route: string | undefined, next: () => number): void {
  inFlight.inc();
  const end: (labels: EndTimerLabels) => void = requestDuration.startTimer({ method, route: route ?? 'unknown' });
  const status = next();
  const labels = { method, route: route ?? 'unknown', status_code: status };
  requestsTotal.inc(labels);
  requestsTotal.labels(method, route ?? 'unknown', String(status)).inc(2);
  requestsTotal.labels({ ...labels }).inc();
  end({ status_code: String(status) });
  inFlight.dec();
}

/** A queue that is asked at each scrape. */
class Queue {
  private waiting = 3;
  public readonly registry = new client.Registry();

  constructor() {
    const self = this;
    new client.Gauge({
      name: 'queue_jobs',
      help: 'Jobs.',
      labelNames: ['queue', 'state'] as const,
      registers: [this.registry],
      async collect() {
        this.reset();
        const counts = await self.counts();
        for (const [state, count] of Object.entries(counts)) this.set({ queue: 'mail', state }, count);
      },
    });
    new client.Counter({
      name: 'queue_errors_total',
      help: 'Errors.',
      registers: [this.registry],
      collect: function () {
        this.inc(0);
      },
    });
  }

  private async counts(): Promise<Record<string, number>> {
    return { waiting: this.waiting++, failed: 0 };
  }
}

/** A factory with conditional classes, as in providers of frameworks. */
type Configuration =
  | ({ type: 'counter' } & CounterConfiguration<string>)
  | ({ type: 'gauge' } & GaugeConfiguration<string>)
  | ({ type: 'histogram' } & HistogramConfiguration<string>)
  | ({ type: 'summary' } & SummaryConfiguration<string>);

function findOrCreate(configuration: Configuration, registry: Registry = register): Metric<string> {
  const existing = registry.getSingleMetric(configuration.name);
  if (existing) return existing;
  const { type, ...options } = configuration;
  switch (type) {
    case 'counter':
      return new Counter({ ...options, registers: [registry] } as CounterConfiguration<string>);
    case 'gauge':
      return new Gauge({ ...options, registers: [registry] } as GaugeConfiguration<string>);
    case 'histogram':
      return new Histogram({ ...options, registers: [registry] } as HistogramConfiguration<string>);
    case 'summary':
      return new Summary({ ...options, percentiles: [], registers: [registry] } as SummaryConfiguration<string>);
  }
}

/** Takes metrics of any label names, whose labels are objects of any names. */
function record(metric: Histogram<string> | Summary<string>, labels: LabelValues<string>, value: number): void {
  metric.observe(labels, value);
}

class ApiCounter extends Counter<string> {
  success(route: string): void {
    this.inc({ route, outcome: 'success' });
  }
}

class OwnRegistry extends Registry {
  override async metrics(): Promise<string> {
    return `# own\n${await super.metrics()}`;
  }
}

function timed<T extends string>(histogram: Histogram<T>, labels: LabelValues<T>) {
  return (_: unknown, __: string, descriptor: { value?: (...args: unknown[]) => unknown }): void => {
    const original = descriptor.value;
    descriptor.value = function (...args) {
      const end: ReturnType<typeof histogram.startTimer> = histogram.startTimer(labels);
      try {
        return original?.apply(this, args);
      } finally {
        end();
      }
    };
  };
}

/** Unit tests that read values. */
async function valueOf(metric: Counter<string> | Gauge<string>, labels: Record<string, string> = {}): Promise<number> {
  const { values } = await metric.get();
  return (
    values.find((value) => Object.entries(labels).every(([name, text]) => value.labels[name] === text))?.value ?? 0
  );
}

async function countOf(histogram: Histogram<string>): Promise<number | undefined> {
  const data = await histogram.get();
  return data.values.find((value) => value.metricName?.endsWith('_count'))?.value;
}

async function run(): Promise<void> {
  const shown: Record<string, unknown> = {};

  const service = new MetricsService();
  service.getOrCreateCounter('jobs_total', 'Jobs.', ['kind']);
  service.getOrCreateCounter('plain_total', 'Plain.');
  service.createGauge({ name: 'depth', help: 'Depth.', labelNames: ['queue'] });
  service.createHistogram('size_bytes', 'Size.', ['kind'], [1, 10]);
  service.createHistogram('wait_seconds', 'Wait.');
  service.incrementCounter('jobs_total', { kind: 'mail' });
  service.incrementCounter('jobs_total', { kind: 'mail' }, 4);
  service.incrementCounter('plain_total');
  service.incrementCounter('plain_total', {}, 2);
  service.setGauge('depth', 7, { queue: 'mail' });
  service.observeHistogram('size_bytes', 5, { kind: 'mail' });
  service.observeHistogram('wait_seconds', 0.2);
  shown['service'] = await service.report();
  shown['found'] = [
    await valueOf(service.find<Counter<string>>('jobs_total')!, { kind: 'mail' }),
    service.find('none'),
  ];

  middleware('GET', '/orders', () => 200);
  middleware('POST', undefined, () => 404);
  shown['middleware'] = (await register.metrics()).replace(/(_sum\{.*\}) .*/g, '$1 SUM');
  shown['counts'] = await countOf(requestDuration);

  const queue = new Queue();
  await queue.registry.metrics();
  shown['queue'] = await queue.registry.metrics();
  shown['json'] = await queue.registry.getMetricsAsJSON();

  const registry = new Registry();
  for (const type of ['counter', 'gauge', 'histogram', 'summary', 'counter'] as const) {
    const metric = findOrCreate({ type, name: `made_${type}`, help: 'Made.', labelNames: ['a'] }, registry);
    if (metric instanceof Counter) metric.inc({ a: 'x' });
    else if (metric instanceof Gauge) metric.set({ a: 'x' }, 5);
    else record(metric, { a: 'x' }, 1);
  }
  shown['factory'] = await registry.metrics();
  const own = new OwnRegistry();
  new ApiCounter({ name: 'api_total', help: 'A.', labelNames: ['route', 'outcome'], registers: [own] }).success('/');
  shown['own'] = await own.metrics();
  shown['merged'] = await Registry.merge([own, registry]).metrics();

  const descriptor = { value: (text: unknown): string => `${String(text)}!` };
  const histogram = new Histogram({
    name: 'timed',
    help: 'T.',
    labelNames: ['fn'],
    buckets: [60],
    registers: [registry],
  });
  timed(histogram, { fn: 'shout' })(undefined, 'shout', descriptor as never);
  shown['timed'] = [descriptor.value('hey'), await countOf(histogram)];

  registry.resetMetrics();
  shown['reset'] = await registry.metrics();
  const labels: Partial<Record<string, string | number>> = { a: 'z' };
  (registry.getSingleMetric('made_gauge') as Gauge<string>).set(labels, 3);
  shown['again'] = await registry.getSingleMetricAsString('made_gauge');
  await register.metrics().then((text) => (shown['then'] = text.includes('http_requests_total')));
  const options: ConstructorParameters<typeof Counter<'a'>>[0] = { name: 'o_total', help: 'O.', labelNames: ['a'] };
  shown['options'] = new Counter({ ...options, registers: [] }).labels('x') !== undefined;
  register.clear();
  collectDefaultMetrics({ prefix: 'x_', gcDurationBuckets: [1] });
  shown['default'] = register.getMetricsAsArray().length > 20;
  const gateway = new Pushgateway('http://127.0.0.1:1', { timeout: 100 }, registry);
  await gateway.pushAdd({ jobName: 'cron', groupings: { instance: 'a' } }).catch((error: unknown) => {
    shown['push'] = error instanceof Error;
  });
  process.stdout.write(JSON.stringify(shown), () => process.exit());
}

void run();
