import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { PEERS_FOLDER } from './folders.ts';
import type { InstrumentOptions, LabelObject, Library, NativeUnderTest } from './library.ts';

/** The name of OpenTelemetry's SDK for metrics, with its exporter for Prometheus, in tables and on command lines. */
export const OPENTELEMETRY = '@opentelemetry/sdk-metrics';

interface Instrument {
  add(value: number, attributes?: LabelObject): void;
  record(value: number, attributes?: LabelObject): void;
}

interface Meter {
  createCounter(name: string, options: object): Instrument;
  createGauge(name: string, options: object): Instrument;
  createHistogram(name: string, options: object): Instrument;
}

interface Reader {
  collect(): Promise<{ readonly resourceMetrics: object; readonly errors: readonly unknown[] }>;
}

/** What a reader collects of one instrument that counts observations. */
interface Collected {
  readonly scopeMetrics: readonly [
    { readonly metrics: readonly [{ readonly dataPoints: readonly [{ readonly value: { readonly count: number } }] }] },
  ];
}

interface Sdk {
  readonly AggregationType: { readonly EXPONENTIAL_HISTOGRAM: number };
  readonly MeterProvider: new (options: object) => { getMeter(name: string): Meter };
}

interface Exporter {
  readonly PrometheusExporter: new (options: object) => Reader;
  readonly PrometheusSerializer: new () => { serialize(resourceMetrics: object): string };
}

/** Above every case: the SDK's own limit is 2,000 series per metric. */
const SERIES_LIMIT = 2_000_000;

/**
 * Loads OpenTelemetry's SDK under the names of a Prometheus client: an instrument takes labels as its attributes, which are
 * an object at each call, since the SDK has no children. Where it has no counterpart (quantiles, removal, exemplars in the
 * text), the call throws, and the table shows the case as failed.
 */
export function loadOpenTelemetry(): Library {
  const require = createRequire(`${PEERS_FOLDER}/package.json`);
  const { MeterProvider } = require(OPENTELEMETRY) as Sdk;
  const { PrometheusExporter, PrometheusSerializer } = require('@opentelemetry/exporter-prometheus') as Exporter;

  class Registry {
    readonly reader = new PrometheusExporter({ preventServerStart: true });
    readonly meter = new MeterProvider({
      readers: [this.reader],
      views: [{ instrumentName: '*', aggregationCardinalityLimit: SERIES_LIMIT }],
    }).getMeter('bench');
  }

  const render = async (registry: object): Promise<string> => {
    const { resourceMetrics, errors } = await (registry as Registry).reader.collect();
    if (errors.length > 0) throw errors[0];
    return new PrometheusSerializer().serialize(resourceMetrics);
  };
  const meterOf = ({ registers }: InstrumentOptions): Meter => (registers[0] as Registry).meter;

  return {
    name: OPENTELEMETRY,
    Counter: class {
      readonly #counter: Instrument;
      readonly #labelNames: readonly string[];

      constructor(options: InstrumentOptions) {
        this.#counter = meterOf(options).createCounter(options.name, { description: options.help });
        this.#labelNames = options.labelNames ?? [];
      }

      inc(labels?: LabelObject): void {
        this.#counter.add(1, labels);
      }

      labels(...values: string[]): { inc(amount?: number): void } {
        const labels = labelsOf(this.#labelNames, values);
        return { inc: (amount = 1) => this.#counter.add(amount, labels) };
      }

      remove(): never {
        throw new Error('Cannot remove a series: OpenTelemetry keeps them all.');
      }
    },
    Gauge: class {
      readonly #gauge: Instrument;
      readonly #labelNames: readonly string[];

      constructor(options: InstrumentOptions) {
        this.#gauge = meterOf(options).createGauge(options.name, { description: options.help });
        this.#labelNames = options.labelNames ?? [];
      }

      set(first: number | LabelObject, value?: number): void {
        if (typeof first === 'number') this.#gauge.record(first);
        else this.#gauge.record(value!, first);
      }

      labels(...values: string[]): { set(value: number): void } {
        const labels = labelsOf(this.#labelNames, values);
        return { set: (value) => this.#gauge.record(value, labels) };
      }
    },
    Histogram: class extends Distribution {
      constructor(options: InstrumentOptions) {
        super(meterOf(options), options, options.buckets ?? DEFAULT_BUCKETS);
      }
    },
    // Without quantiles a summary is a sum and a count, as is a histogram without bounds.
    Summary: class extends Distribution {
      readonly #hasQuantiles: boolean;

      constructor(options: InstrumentOptions) {
        super(meterOf(options), options, []);
        this.#hasQuantiles = options.percentiles === undefined || options.percentiles.length > 0;
      }

      override labels(...values: string[]): { observe(value: number): void } {
        if (this.#hasQuantiles) throw new Error('Cannot measure: OpenTelemetry has no summary with quantiles.');
        return super.labels(...values);
      }
    },
    Registry,
    exemplars: {
      createRegistry(): never {
        throw new Error('Cannot measure: the exporter for Prometheus writes no exemplars.');
      },
      inc() {},
      observe() {},
    },
    scraperOf: (registry) => async () => Buffer.from(await render(registry)),
    async serve(registry) {
      const server = createServer(async (_request, response) => {
        response.setHeader('Content-Type', 'text/plain');
        response.end(await render(registry));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
    },
    collectDefaultMetrics(): never {
      throw new Error('Cannot measure: the SDK has no default metrics.');
    },
  };
}

/** Creates a series of OpenTelemetry's exponential histogram, of at most 160 buckets as a native histogram of ours. */
export function exponentialHistogram(labels: LabelObject): NativeUnderTest {
  const require = createRequire(`${PEERS_FOLDER}/package.json`);
  const { MeterProvider, AggregationType } = require(OPENTELEMETRY) as Sdk;
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus') as Exporter;
  const reader = new PrometheusExporter({ preventServerStart: true });
  const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 160 } };
  const provider = new MeterProvider({ readers: [reader], views: [{ instrumentName: '*', aggregation }] });
  const histogram = provider.getMeter('bench').createHistogram('native_seconds', { description: 'Measured.' });
  return {
    observe: (value) => histogram.record(value, labels),
    async count() {
      const { scopeMetrics } = (await reader.collect()).resourceMetrics as Collected;
      return scopeMetrics[0].metrics[0].dataPoints[0].value.count;
    },
  };
}

/** Those of ours and of prom-client; OpenTelemetry's own are milliseconds. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Distribution {
  readonly #histogram: Instrument;
  readonly #labelNames: readonly string[];

  constructor(meter: Meter, { name, help, labelNames = [] }: InstrumentOptions, bounds: readonly number[]) {
    const advice = { explicitBucketBoundaries: bounds };
    this.#histogram = meter.createHistogram(name, { description: help, advice });
    this.#labelNames = labelNames;
  }

  observe(first: number | LabelObject, value?: number): void {
    if (typeof first === 'number') this.#histogram.record(first);
    else this.#histogram.record(value!, first);
  }

  labels(...values: string[]): { observe(value: number): void } {
    const labels = labelsOf(this.#labelNames, values);
    return { observe: (value) => this.#histogram.record(value, labels) };
  }
}

function labelsOf(names: readonly string[], values: readonly string[]): LabelObject {
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}
