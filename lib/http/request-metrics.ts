import type { AsyncResource } from 'node:async_hooks';
import { Gauge, type GaugeChild } from '../metrics/gauge.ts';
import { Histogram, type HistogramOptions, type ObservingChild } from '../metrics/histogram.ts';
import type { LabelValue } from '../model/label-value.ts';
import type { Metric } from '../model/metric.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import type { SideNames } from './names.ts';

/** What a histogram takes as its buckets: bounds, or native ones. */
export type Buckets = NonNullable<HistogramOptions<string, ObservingChild>['buckets']>;

/** What both sides have in common. */
export interface RequestMetricsOptions {
  readonly buckets: Buckets;
  readonly sizeBuckets: Buckets;
  readonly sizes: boolean;
  readonly statusCodes: 'exact' | 'class';
  readonly maxSeries: number;
}

/** How a request ended. */
export interface Outcome {
  /** The route, or the server that was asked. */
  readonly place: string;
  /** 0 if there was no response. */
  readonly status: number;
  /** Clients only: why there was no complete response. */
  readonly error?: string;
  /** Bytes of the bodies; `NaN` where they are not known. */
  readonly requestSize: number;
  readonly responseSize: number;
  readonly extraLabels: readonly LabelValue[];
}

/** A request that is under way. */
export interface StartedRequest {
  readonly method: string;
  readonly startMilliseconds: number;
  readonly active: GaugeChild;
  /** Where the request began, if it ends in the context of another one. */
  readonly context: AsyncResource | undefined;
}

/** The metrics of one side, servers or clients. Joins the registry when it is created, completely or not at all. */
export class RequestMetrics {
  readonly #duration: Histogram<string>;
  readonly #active: Gauge<string>;
  readonly #requestSize: Histogram<string> | undefined;
  readonly #responseSize: Histogram<string> | undefined;
  readonly #hasErrors: boolean;
  readonly #byClass: boolean;
  readonly #registry: MetricsRegistry;
  readonly #joined: Metric[] = [];

  constructor(
    registry: MetricsRegistry,
    side: 'server' | 'client',
    { duration, active, requestSize, responseSize, labels }: SideNames,
    extraLabelNames: readonly string[],
    { buckets, sizeBuckets, sizes, statusCodes, maxSeries }: RequestMetricsOptions,
  ) {
    this.#registry = registry;
    this.#hasErrors = labels[3] !== undefined;
    this.#byClass = statusCodes === 'class';
    const [method, place] = labels;
    const common = { registers: [registry], maxSeries };
    const sizeOptions = { ...common, labelNames: [method, place], unit: 'bytes', buckets: asBounds(sizeBuckets) };
    const requests = `HTTP ${side} requests`;
    try {
      this.#duration = this.#join(
        new Histogram<string>({
          ...common,
          name: duration,
          help: `Duration of ${requests}.`,
          labelNames: [...labels, ...extraLabelNames] as string[],
          unit: 'seconds',
          buckets: asBounds(buckets),
        }),
      );
      this.#active = this.#join(
        new Gauge<string>({ ...common, name: active, help: `${requests} in flight.`, labelNames: [method] }),
      );
      if (!sizes) return;
      const help = (what: string): string => `Size of the ${what} bodies of ${requests}.`;
      this.#requestSize = this.#join(
        new Histogram<string>({ ...sizeOptions, name: requestSize, help: help('request') }),
      );
      this.#responseSize = this.#join(
        new Histogram<string>({ ...sizeOptions, name: responseSize, help: help('response') }),
      );
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /**
   * @param mayEndElsewhere whether the request may end in the asynchronous context of another one, whose trace a source of
   * exemplars would find there.
   */
  begin(method: string, mayEndElsewhere: boolean): StartedRequest {
    const known = METHODS.has(method) ? method : '_OTHER';
    const active = this.#active.labels(known);
    active.inc();
    const context = mayEndElsewhere && this.#registry.exemplars !== undefined ? currentContext() : undefined;
    return { method: known, startMilliseconds: performance.now(), active, context };
  }

  end(started: StartedRequest, outcome: Outcome): void {
    started.active.dec();
    if (started.context === undefined) this.#observe(started, outcome);
    else started.context.runInAsyncScope(() => this.#observe(started, outcome));
  }

  #observe({ method, startMilliseconds }: StartedRequest, outcome: Outcome): void {
    const { place, requestSize, responseSize, extraLabels } = outcome;
    const status = this.#statusText(outcome.status);
    const duration = this.#hasErrors
      ? this.#duration.labels(method, place, status, outcome.error ?? '')
      : extraLabels.length === 0
        ? this.#duration.labels(method, place, status)
        : this.#duration.labels(method, place, status, ...extraLabels);
    duration.observe((performance.now() - startMilliseconds) / 1000);
    if (this.#requestSize === undefined) return;
    if (requestSize >= 0) this.#requestSize.labels(method, place).observe(requestSize);
    if (responseSize >= 0) this.#responseSize!.labels(method, place).observe(responseSize);
  }

  /** Takes the metrics out of the registry. */
  leave(): void {
    for (const metric of this.#joined.splice(0)) this.#registry.unregister(metric);
  }

  #join<M extends Metric>(metric: M): M {
    this.#joined.push(metric);
    return metric;
  }

  #statusText(status: number): string {
    if (status === 0) return '';
    return this.#byClass ? `${Math.floor(status / 100)}xx` : String(status);
  }
}

function currentContext(): AsyncResource {
  const { AsyncResource } = process.getBuiltinModule('node:async_hooks');
  return new AsyncResource('HttpRequestMetrics');
}

/** The types of the constructor know bounds or native buckets, but not either. What is used of a histogram is the same. */
function asBounds(buckets: Buckets): readonly number[] {
  return buckets as readonly number[];
}

/** Methods beyond these share one value, as the semantic conventions demand: a client can send any text. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY']);
