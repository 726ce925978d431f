import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import type { Aggregator } from '../model/family.ts';
import type { Metric as AnyMetric } from '../model/metric.ts';
import { type MetricObjectWithValues, metricObject } from '../model/metric-object.ts';
import { describe } from '../model/names.ts';
import { MetricsRegistry, type RegistryOptions } from '../registry/metrics-registry.ts';
import { aggregateMetrics } from './cluster/aggregators.ts';
import {
  OPENMETRICS_CONTENT_TYPE,
  PROMETHEUS_CONTENT_TYPE,
  type PrometheusContentType,
  type RegistryContentType,
} from './content-type.ts';
import type { Metric } from './metric.ts';

/** Of registries that were told; not a field, since the default registry comes from the core, which has none for it. */
const contentTypes = new WeakMap<MetricsRegistry, RegistryContentType>();

/**
 * The registry of the core, with what prom-client's users know besides.
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

  /** Takes what a registry of the core takes, or the content type of {@link metrics}, as {@link setContentType} does. */
  constructor(options: RegistryOptions | T = {}) {
    super(typeof options === 'string' ? {} : options);
    if (typeof options === 'string') this.setContentType(options);
  }

  /** The content type of {@link metrics}. */
  override get contentType(): T {
    return (contentTypes.get(this) ?? PROMETHEUS_CONTENT_TYPE) as T;
  }

  /** Says in which format {@link metrics} writes. Exporters and servers ask the scraper instead, whatever stands here. */
  setContentType(contentType: T): void {
    if (contentType !== PROMETHEUS_CONTENT_TYPE && contentType !== OPENMETRICS_CONTENT_TYPE) {
      throw new TypeError(
        `Content type ${typeof contentType === 'string' ? contentType : describe(contentType)} is unsupported. Cannot set it: expected ${describe(PROMETHEUS_CONTENT_TYPE)} ` +
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

  /** The metrics, in the order in which they joined. What collectors return, such as default metrics, are none. */
  getMetricsAsArray(): Metric[] {
    return Array.from(this.families, ({ metric }) => metric as Metric);
  }

  /** Does what {@link register} does, and nothing if the metric is there already. */
  registerMetric(metric: AnyMetric): void {
    if (super.getSingleMetric(metric?.name) !== metric) this.register(metric);
  }

  /** Takes every metric back to its start, as its own `reset()` does; none leaves the registry. */
  resetMetrics(): void {
    for (const { metric } of this.families) (metric as { reset?(): void }).reset?.();
  }

  /** Does what `MetricsRegistry.merge()` does. Throws an Error unless all have the same content type. */
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
   * Returns a new registry with the metrics that several gave by {@link getMetricsAsJSON}, one of each name, by its
   * `aggregator`; see `aggregators`. Throws a TypeError or RangeError on what is no such JSON.
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
