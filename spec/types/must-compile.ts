import core, {
  type Collector,
  Counter,
  type CounterChild,
  type CounterOptions,
  exponentialBuckets,
  type Family,
  type Gatherer,
  Gauge,
  type GaugeChild,
  Histogram,
  type HistogramChild,
  type HistogramOptions,
  Info,
  type Labels,
  type LabelValue,
  type LabelValues,
  linearBuckets,
  type Metric,
  MetricsRegistry,
  type MetricType,
  PrometheusExporter,
  register,
  StateSet,
} from '../../lib/core.ts';
import { Summary } from '../../lib/summary.ts';

// What users write, and must go on compiling. Nothing here runs: `types.test.ts` type-checks it.

export function countersOfAllKinds(): void {
  const plain = new Counter({ name: 'plain_total', help: 'P.' });
  plain.inc();
  plain.inc(5);
  plain.inc(undefined);
  plain.labels().inc();
  plain.reset();

  const labelled = new Counter({ name: 'labelled_total', help: 'L.', labelNames: ['a', 'b'] });
  labelled.inc({ a: 'x', b: 1 });
  labelled.inc({ b: true, a: 'x' }, 5);
  labelled.inc({ a: 'x', b: 'y' }, undefined);
  const child: CounterChild = labelled.labels('x', 5);
  child.inc(child.value);
  const sameOfPromClient: Counter.Internal = child;
  sameOfPromClient.inc();
  labelled.labels({ a: 'x', b: false }).inc(2);
  const isRemoved: boolean = labelled.remove('x', 5);
  labelled.remove({ a: 'x', b: isRemoved });

  const exact: Counter<'a' | 'b'> = labelled;
  const none: Counter<never> = plain;
  const counters: Counter[] = [plain, labelled, exact, none];
  const bare: Counter = labelled;
  bare.inc();
  bare.inc(5);
  bare.inc({ any: 'name' });
  bare.inc({ any: 'name' }, 5);
  bare.inc({ any: undefined });
  bare.labels({ any: 'name' }).inc();
  bare.labels('x').inc();
  bare.remove({ any: 'name' });
  counters.push(new Counter<'x'>({ name: 'explicit_total', help: 'E.', labelNames: ['x'] }));
}

export function infosStatesUnitsAndExemplars(): void {
  const build = new Info({ name: 'build_info', help: 'B.', labelNames: ['version', 'commit'] });
  build.set({ version: '1', commit: 5 });
  build.add({ commit: 'b', version: '2' });
  build.remove('1', '5');
  const phase = new StateSet({ name: 'phase', help: 'P.', states: ['waiting', 'running'] });
  phase.select('running');
  phase.set('waiting', true);
  const phases = new StateSet({ name: 'phases', help: 'P.', states: ['on'], labelNames: ['job'] });
  phases.select({ job: 'a' }, 'on');
  phases.set({ job: 1 }, 'on', false);
  phases.remove({ job: 'a' });
  const sets: StateSet[] = [phase, phases];
  for (const set of sets) set.select({ job: 'x' }, set.states[0]!);
  new Counter({ name: 'read_bytes_total', help: 'R.', unit: 'bytes' }).labels().inc(1, { trace_id: 'x', attempt: 2 });
  new Histogram({ name: 'read_seconds', help: 'R.', unit: 'seconds' }).labels().observe(1, { trace_id: 'x' });
}

export function labelNamesFromElsewhere(names: string[]): void {
  const fromArray = new Counter({ name: 'x_total', help: 'X.', labelNames: names });
  fromArray.inc({ whatever: 1 });
  const constant = ['a', 'b'] as const;
  new Counter({ name: 'y_total', help: 'Y.', labelNames: constant }).inc({ a: 1, b: 2 });
  new Counter({ name: 'z_total', help: 'Z.', labelNames: [] }).inc();
  const options: CounterOptions<'a'> = { name: 'o_total', help: 'O.', labelNames: ['a'] };
  new Counter(options).inc({ a: 1 });
}

export function labelValuesByPosition(names: string[], values: string[], mixed: (string | number)[]): void {
  const two = new Counter({ name: 'two_total', help: 'T.', labelNames: ['a', 'b'] });
  two.labels('x', 5).inc();
  two.labels(...(['x', true] as const)).inc();
  two.labels(...values).inc();
  two.labels(...mixed).inc();
  two.remove(...values);
  new Gauge({ name: 'dynamic', help: 'D.', labelNames: names }).labels(...values).inc();
  new Gauge({ name: 'dynamic', help: 'D.', labelNames: names }).labels('x', 'y', 'z').inc();
  new Summary({ name: 'four', help: 'F.', labelNames: ['a', 'b', 'c', 'd'] }).labels('1', 2, true, '4').observe(1);
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'] as const;
  new Gauge({ name: 'many', help: 'M.', labelNames: many }).labels(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).inc();
  const patterns: `x_${string}`[] = ['x_1', 'x_2'];
  new Gauge({ name: 'patterns', help: 'P.', labelNames: patterns }).labels('1', '2').inc();
  const options = { name: 'either', help: 'E.', labelNames: ['a'] as const };
  const either = values.length > 1 ? new Gauge(options) : new Histogram(options);
  either.labels('x');
  either.labels({ a: 'x' });
  either.remove('x');
  new StateSet({ name: 'states', help: 'S.', states: ['on'], labelNames: ['job'] }).remove('x');
}

export function labelsOfAnyCounter<L extends string>(counter: Counter<L>, labels: Labels<L>, values: string[]): void {
  counter.labels(labels).inc();
  counter.labels(...values).inc();
  counter.remove(labels);
}

export class MetricsOfAnyLabels<L extends string> {
  readonly #counter: Counter<L>;
  readonly #gauge: Gauge<L>;
  readonly #histogram: Histogram<L>;
  readonly #summary: Summary<L>;

  constructor(labelNames: L[]) {
    this.#counter = new Counter({ name: 'c_total', help: 'C.', labelNames });
    this.#gauge = new Gauge({ name: 'g', help: 'G.', labelNames });
    this.#histogram = new Histogram({ name: 'h', help: 'H.', labelNames });
    this.#summary = new Summary({ name: 's', help: 'S.', labelNames });
  }

  update(labels: LabelValues<L>, partial: Partial<Record<L, string | number>>): void {
    this.#counter.inc(labels);
    this.#counter.inc(partial, 2);
    this.#counter.inc();
    this.#counter.inc(2);
    this.#counter.labels(labels).inc();
    this.#counter.remove(partial);
    this.#gauge.set(labels, 1);
    this.#gauge.set(1);
    this.#gauge.inc(labels);
    this.#gauge.dec(labels, 2);
    this.#gauge.setToCurrentTime(labels);
    this.#gauge.startTimer(labels)(partial);
    this.#gauge.remove(labels);
    this.#histogram.observe(labels, 1);
    this.#histogram.observe(1);
    this.#histogram.zero(labels);
    this.#histogram.startTimer(labels)(labels);
    this.#histogram.labels(labels).observe(1);
    this.#summary.observe(labels, 1);
    this.#summary.startTimer()(labels);
    this.#summary.labels(labels).observe(1);
  }
}

export function gaugesOfAllKinds(): void {
  const plain = new Gauge({ name: 'plain', help: 'P.', value: () => 5 });
  new Gauge({ name: 'async', help: 'A.', value: async () => 5 });
  plain.set(NaN);
  plain.inc();
  plain.dec(5);
  plain.setToCurrentTime();
  const seconds: number = plain.startTimer()();
  const result: Promise<string> = plain.trackInProgress(async () => `${seconds}`);

  const labelled = new Gauge({
    name: 'labelled',
    help: 'L.',
    labelNames: ['a'],
    collect() {
      this.set({ a: 'x' }, 5);
    },
  });
  labelled.set({ a: 'x' }, 5);
  labelled.inc({ a: 'x' });
  labelled.dec({ a: 'x' }, 5);
  labelled.setToCurrentTime({ a: 'x' });
  labelled.startTimer({ a: 'x' })();
  const child: GaugeChild = labelled.labels('x');
  const sameOfPromClient: Gauge.Internal<'a'> = child;
  sameOfPromClient.set(1);
  child.set(child.value);
  const bare: Gauge = labelled;
  bare.set(5);
  bare.set({ any: 'name' }, 5);
  void result;
}

export function histogramsOfAllKinds(): void {
  const plain = new Histogram({ name: 'plain', help: 'P.', buckets: linearBuckets(0, 1, 5) });
  plain.observe(5);
  const value: number = plain.time(() => 5);
  const promise: Promise<number> = plain.time(async () => value);
  plain.startTimer()();
  const quantile: number = plain.quantile(0.5);

  const options: HistogramOptions<'a' | 'b'> = {
    name: 'h',
    help: 'H.',
    labelNames: ['a', 'b'],
    buckets: exponentialBuckets(1, 2, 5),
  };
  const labelled = new Histogram(options);
  labelled.observe({ a: 'x', b: 'y' }, quantile);
  labelled.startTimer({ a: 'x' })({ b: 'y' });
  labelled.time({ a: 'x', b: 'y' }, () => promise);
  labelled.quantile(0.5, { a: 'x', b: 'y' });
  const child: HistogramChild = labelled.labels('x', 'y');
  const sameOfPromClient: Histogram.Internal<string> = child;
  sameOfPromClient.observe(1);
  child.observe(child.sum + child.count + child.bucketCounts[0]!);
  const bare: Histogram = labelled;
  bare.observe(5);
  bare.observe({ any: 'name' }, 5);
}

export class Errors extends Counter<'kind'> {
  constructor(registry: MetricsRegistry) {
    super({ name: 'errors_total', help: 'Errors.', labelNames: ['kind'], registers: [registry] });
  }

  count(error: Error): void {
    this.inc({ kind: error.name });
  }
}

export class Uptime extends Gauge<never> {
  constructor() {
    super({ name: 'uptime_seconds', help: 'Uptime.' });
  }
}

export async function registries(): Promise<string> {
  const registry: MetricsRegistry = new MetricsRegistry({
    prefix: 'a_',
    constantLabels: { shard: 7, main: true },
    maxSeries: Infinity,
  });
  const counter = new Counter({
    name: 'x_total',
    help: 'X.',
    labelNames: ['a'],
    registers: [registry, register],
    ifExists: 'reuse',
  });
  const metric: Metric = counter;
  registry.unregister(metric);
  registry.unregister(counter);
  registry.register(counter);
  const found: Metric | undefined = registry.getSingleMetric('x_total');
  const collector: Collector = {
    name: 'disk',
    async collect() {
      return [
        { name: 'free_bytes', help: 'Free.', type: 'gauge', series: [{ labels: { disk: 'a' }, value: 5 }] },
        {
          name: 'sizes',
          help: 'Sizes.',
          type: 'histogram',
          upperBounds: [1],
          series: [{ bucketCounts: [1, 2], sum: 3 }],
        },
      ];
    },
  };
  registry.registerCollector(collector);
  registry.registerCollector({
    name: 'generator',
    *collect() {
      yield { name: 'y', help: 'Y.', series: [] };
    },
  });
  const families: readonly Family[] = await registry.gather();
  const types: MetricType[] = families.map(({ type }) => type);
  const gatherer: Gatherer = MetricsRegistry.merge([registry]);
  const exporter = new PrometheusExporter(gatherer, { chunkBytes: 4096 });
  for await (const chunk of exporter.chunks('text/plain')) void chunk.length;
  return `${found?.name} ${types.join()} ${exporter.contentType()} ${(await exporter.render()).length}`;
}

export function helperThatTakesAnyCounter(counter: Counter, labels: Labels<string>, value: LabelValue): void {
  counter.inc({ ...labels, extra: value });
}

export const errors: Errors = new core.MetricsRegistry().getSingleMetric('errors_total') as Errors;

export async function functionsAreTimedAndCounted(
  counter: Counter<never>,
  gauge: Gauge<never>,
  histogram: Histogram<never>,
): Promise<number> {
  const one: number = counter.countErrors(() => 1);
  const two: string = await gauge.trackInProgress(async () => 'two');
  const three: Promise<number> = histogram.time(async () => 3);
  return one + two.length + (await three);
}

export async function exemplarsByOneObject(): Promise<number> {
  const options = { help: 'E.', labelNames: ['a'], enableExemplars: true } as const;
  const plain = new Counter({ name: 'plain_total', help: 'P.', enableExemplars: true });
  plain.inc();
  plain.inc({ value: 2, exemplarLabels: { trace_id: 'x' } });
  const inferred = new Counter({ ...options, name: 'inferred_total' });
  const explicit = new Counter<'a', true>({ ...options, name: 'explicit_total' });
  for (const counter of [inferred, explicit]) counter.inc({ labels: { a: 'x' }, exemplarLabels: { trace_id: 'x' } });
  new Counter<string>({ ...options, name: 'any_total' }).inc({ labels: { a: 'x' }, exemplarLabels: { trace_id: 'x' } });
  const histogram = new Histogram({ ...options, name: 'histogram' });
  histogram.observe({ labels: { a: 'x' }, value: 1, exemplarLabels: { trace_id: 'x' } });
  const seconds: number = histogram.startTimer({ a: 'x' }, { trace_id: 'x' })();
  const { values } = await inferred.get();
  return seconds + values[0]!.value;
}

export class Latency extends Histogram<'route'> {
  constructor() {
    super({ name: 'latency_seconds', help: 'Latency.', labelNames: ['route'] });
  }
}
