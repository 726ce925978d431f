import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import type { Aggregator } from '../model/family.ts';
import type { Metric as AnyMetric } from '../model/metric.ts';
import { type MetricObjectWithValues, metricObject } from '../model/metric-object.ts';
import { describe } from '../model/names.ts';
import { MetricsRegistry, type RegistryOptions } from '../registry/metrics-registry.ts';
import { register as registerOfCore } from '../registry/register.ts';
import { aggregateMetrics } from './aggregators.ts';
import type { Metric } from './metric.ts';

/** The content type of the text format that a {@link Registry} of this entry writes by default. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** The content type of OpenMetrics, which a {@link Registry} of this entry can be told to write. */
export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The character set of both formats. */
export type Charset = 'utf-8';
/** The media type of the text format. */
export type PrometheusMIME = 'text/plain';
/** The version of the text format. */
export type PrometheusMetricsVersion = '0.0.4';
/** The media type of OpenMetrics. */
export type OpenMetricsMIME = 'application/openmetrics-text';
/** The version of OpenMetrics. */
export type OpenMetricsVersion = '1.0.0';

/** The type of {@link PROMETHEUS_CONTENT_TYPE}. */
export type PrometheusContentType = typeof PROMETHEUS_CONTENT_TYPE;
/** The type of {@link OPENMETRICS_CONTENT_TYPE}. */
export type OpenMetricsContentType = typeof OPENMETRICS_CONTENT_TYPE;
/** The content types that a registry can write. */
export type RegistryContentType = PrometheusContentType | OpenMetricsContentType;

/** Set by `setContentType()`. Not a field, since the default registry is created by the core, whose class has none for it. */
const contentTypes = new WeakMap<MetricsRegistry, RegistryContentType>();

/**
 * prom-client's registry: a {@link MetricsRegistry} with prom-client's methods. Code that needs none of them uses
 * `MetricsRegistry`.
 *
 * @example
 * ```ts
 * const registry = new Registry();
 * new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] }).inc();
 * console.log(JSON.stringify(await registry.getMetricsAsJSON()));
 * ```
 */
export class Registry<T extends RegistryContentType = PrometheusContentType> extends MetricsRegistry {
  static readonly PROMETHEUS_CONTENT_TYPE = PROMETHEUS_CONTENT_TYPE;
  static readonly OPENMETRICS_CONTENT_TYPE = OPENMETRICS_CONTENT_TYPE;

  /** Takes the options of a {@link MetricsRegistry}, or the content type, as {@link setContentType} does. */
  constructor(options: RegistryOptions | T = {}) {
    super(typeof options === 'string' ? {} : options);
    if (typeof options === 'string') this.setContentType(options);
  }

  /** The content type of {@link metrics}. */
  override get contentType(): T {
    return (contentTypes.get(this) ?? PROMETHEUS_CONTENT_TYPE) as T;
  }

  /** Sets the format of {@link metrics}. Exporters and servers ignore it and write what the scraper requests. */
  setContentType(contentType: T): void {
    if (contentType !== PROMETHEUS_CONTENT_TYPE && contentType !== OPENMETRICS_CONTENT_TYPE) {
      const got: string = typeof contentType === 'string' ? contentType : describe(contentType);
      throw new TypeError(
        `Content type ${got} is unsupported. Cannot set it: expected ${describe(PROMETHEUS_CONTENT_TYPE)} ` +
          `or ${describe(OPENMETRICS_CONTENT_TYPE)}.`,
      );
    }
    contentTypes.set(this, contentType);
  }

  /** Scrapes the registry: the exposition in the format of {@link contentType}, as a string. */
  override async metrics(): Promise<string> {
    return new TextDecoder().decode(await new PrometheusExporter(this).render(this.contentType));
  }

  /** Returns the metric of this name, without the registry's prefix; its type is right if this entry created it. */
  override getSingleMetric<L extends string = string>(name: string): Metric<L> | undefined {
    return super.getSingleMetric(name) as Metric<L> | undefined;
  }

  /** The exposition of one metric, named as it is exposed. Rejects with a RangeError if there is none of that name. */
  async getSingleMetricAsString(name: string): Promise<string> {
    const bytes = await new PrometheusExporter(this).render(this.contentType, { names: new Set([name]) });
    const text = new TextDecoder()
      .decode(bytes)
      .replace(/# EOF\n$/, '')
      .replace(/\n$/, '');
    if (text !== '' || this.getSingleMetric(name) !== undefined) return text;
    throw new RangeError(`Cannot show metric ${describe(name)}: expected the name of one that is registered.`);
  }

  /** The families of a scrape and their values, as plain objects, for `JSON.stringify()`. */
  async getMetricsAsJSON(): Promise<MetricObjectWithValues[]> {
    const aggregators = new Map<string, Aggregator | undefined>();
    for (const { name, metric } of this.families)
      aggregators.set(name, (metric as { aggregator?: Aggregator }).aggregator);
    return (await this.gather()).map((family) => metricObject(family, aggregators.get(family.name)));
  }

  /** The metrics, in the order in which they joined, without those of collectors, such as default metrics. */
  getMetricsAsArray(): Metric[] {
    return Array.from(this.families, ({ metric }) => metric as Metric);
  }

  /** Registers a metric, as {@link register} does; does nothing if it is registered already. */
  registerMetric(metric: AnyMetric): void {
    if (super.getSingleMetric(metric?.name) !== metric) this.register(metric);
  }

  /** Calls `reset()` of every metric. None leaves the registry. */
  resetMetrics(): void {
    for (const { metric } of this.families) (metric as { reset?(): void }).reset?.();
  }

  /** Merges registries, as `MetricsRegistry.merge()` does. Throws an Error unless all have the same content type. */
  static override merge(registries: readonly MetricsRegistry[]): Registry {
    const merged = super.merge(registries) as Registry;
    const [first = merged.contentType, ...others] = registries.map(
      ({ contentType }) => contentType as RegistryContentType,
    );
    if (others.some((contentType) => contentType !== first)) {
      throw new Error(
        'Registers can only be merged if they have the same content type. Cannot merge: call setContentType() first.',
      );
    }
    merged.setContentType(first as PrometheusContentType);
    return merged;
  }

  /**
   * Returns a new registry that merges the results of {@link getMetricsAsJSON} of several registries, each metric by its
   * `aggregator`; see `aggregators`. Throws a TypeError or RangeError on anything else.
   */
  static aggregate<T extends RegistryContentType = PrometheusContentType>(
    metricsOfRegistries: readonly object[],
    contentType?: T,
  ): Registry<T> {
    const aggregated = new Registry<T>(contentType);
    for (const metric of aggregateMetrics(metricsOfRegistries)) aggregated.register(metric);
    return aggregated;
  }
}

/** The content type of the default registry's `metrics()`; follows its `setContentType()`. */
export let contentType: RegistryContentType = Registry.PROMETHEUS_CONTENT_TYPE;

class DefaultRegistry extends Registry {
  override setContentType(type: PrometheusContentType): void {
    super.setContentType(type);
    contentType = type;
  }
}

/**
 * The default registry, with prom-client's methods.
 *
 * There can be only one, and the core creates it without knowing this class, so its prototype is replaced here.
 */
export const register: Registry = Object.setPrototypeOf(registerOfCore, DefaultRegistry.prototype) as Registry;
