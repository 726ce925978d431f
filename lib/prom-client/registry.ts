import type { ScrapeOptions } from '../exposition/exposition-writer.ts';
import { PrometheusExporter } from '../exposition/prometheus-exporter.ts';
import type { ExemplarOption } from '../metrics/options.ts';
import type { Family } from '../model/family.ts';
import type { LabelValue } from '../model/label-value.ts';
import type { Metric as AnyMetric } from '../model/metric.ts';
import { type MetricObjectWithValues, metricObject, type PassedLabelValue } from '../model/metric-object.ts';
import { describe } from '../model/names.ts';
import { MetricsRegistry, type RegistryOptions } from '../registry/metrics-registry.ts';
import { register as registerOfCore } from '../registry/register.ts';
import { aggregateMetrics } from './aggregators.ts';
import { AdoptedMetric, type ForeignMetric, isForeign, objectsOf } from './foreign-metric.ts';
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

// Not fields, since the default registry is created by the core, whose class has none for them.
/** Set by `setContentType()`. */
const contentTypes = new WeakMap<MetricsRegistry, RegistryContentType>();
/** The arguments of `setDefaultLabels()`. */
const defaultLabels = new WeakMap<MetricsRegistry, DefaultLabels>();

type DefaultLabels = Readonly<Record<string, LabelValue | undefined>>;

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
    super(typeof options === 'object' ? options : {});
    if (typeof options !== 'object') this.setContentType(options);
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

  /**
   * Scrapes the registry: the exposition in the format of {@link contentType}, as a string, and as prom-client writes it:
   * metrics without series have their HELP and TYPE, and in the text format `le` and `quantile` come first, `le="1"`. Exporters
   * and servers leave such metrics out and write the canonical `le="1.0"`.
   */
  override async metrics(): Promise<string> {
    return (await render(this)) || '\n';
  }

  /** Returns the metric of this name, without the registry's prefix; its type is right if this entry created it. */
  override getSingleMetric<L extends string = string>(name: string): Metric<L> | undefined {
    return unwrapped(super.getSingleMetric(name)) as Metric<L> | undefined;
  }

  /** The exposition of one metric, named as it is exposed. Rejects with a RangeError if there is none of that name. */
  async getSingleMetricAsString(name: string): Promise<string> {
    const text = withoutEnd(await render(this, { names: new Set([name]) }));
    if (text !== '') return text;
    const metric = this.getSingleMetric(name);
    if (isForeign(metric)) return renderAlone(metric, this); // its get() returns another name
    if (metric !== undefined) return text;
    throw new RangeError(`Cannot show metric ${describe(name)}: expected the name of one that is registered.`);
  }

  /** The exposition of a metric as this registry writes it; one that is not registered here gets the default labels too. */
  async getMetricsAsString(metric: AnyMetric | ForeignMetric): Promise<string> {
    const own = Array.from(this.families).find((family) => unwrapped(family.metric) === metric);
    if (own !== undefined) return this.getSingleMetricAsString(own.name);
    return renderAlone(metric, this);
  }

  /** The families of a scrape and their values, as plain objects, for `JSON.stringify()`. */
  async getMetricsAsJSON(): Promise<MetricObjectWithValues[]> {
    const defaults = defaultLabels.get(this) ?? {};
    const passed: PassedLabelValue = (labelName, text) => passedDefault(defaults[labelName], text);
    const metrics = new Map(Array.from(this.families, ({ name, metric }) => [name, metric as ExemplarOption]));
    return (await this.gather()).flatMap(
      (family) =>
        objectsOf(family)?.map((object) => withLabels(object, family.constantLabels, passed)) ??
        metricObject(family, metrics.get(family.name)?.enableExemplars === true, passed),
    );
  }

  /** The metrics, in the order in which they joined; what custom collectors return is not among them. */
  getMetricsAsArray(): Metric[] {
    return Array.from(this.families, ({ metric }) => unwrapped(metric) as Metric);
  }

  /**
   * Adds a metric, as `MetricsRegistry.register()` does. Throws a TypeError on one with `enableExemplars` while the content
   * type is that of the text format, in which {@link metrics} could not show its exemplars.
   */
  override register(metric: AnyMetric): void {
    if (
      (metric as ExemplarOption | undefined)?.enableExemplars === true &&
      this.contentType === PROMETHEUS_CONTENT_TYPE
    ) {
      throw new TypeError(
        `Cannot register metric "${metric.name}" with enableExemplars: Exemplars are supported only on OpenMetrics registries. ` +
          'Call setContentType(Registry.OPENMETRICS_CONTENT_TYPE) first, or pass exemplars to the children of labels().',
      );
    }
    super.register(metric);
  }

  /** Replaces the labels that every series has, as `MetricsRegistry.setDefaultLabels()` does. */
  override setDefaultLabels(labels: DefaultLabels): void {
    super.setDefaultLabels(labels);
    defaultLabels.set(this, { ...labels });
  }

  /** Removes everything, as `MetricsRegistry.clear()` does. */
  override clear(): void {
    super.clear();
    defaultLabels.delete(this);
  }

  /**
   * Registers a metric, as {@link register} does, or whatever has a `get()` that returns a {@link MetricObjectWithValues};
   * does nothing if it is registered already.
   */
  registerMetric(metric: AnyMetric | ForeignMetric): void {
    const known = metric?.name === undefined ? this.getMetricsAsArray() : [this.getSingleMetric(metric.name)];
    if (metric !== undefined && known.includes(metric as Metric)) return;
    this.register(isForeign(metric) ? new AdoptedMetric(metric) : metric);
  }

  /** Calls `reset()` of every metric. None leaves the registry. Throws the first error of a `reset()` at the end. */
  resetMetrics(): void {
    const errors: unknown[] = [];
    for (const metric of this.getMetricsAsArray()) {
      try {
        (metric as { reset?(): void }).reset?.();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
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
    for (const metric of aggregateMetrics(metricsOfRegistries)) {
      aggregated.registerMetric({ get: () => metric, ...metric });
    }
    return aggregated;
  }

  /** The default registry. */
  static get globalRegistry(): Registry {
    return register;
  }
}

/** A function, not a private method: the default registry has none, since it is of another class when it is created. */
async function render(registry: MetricsRegistry, options: ScrapeOptions = {}): Promise<string> {
  const bytes = await new PrometheusExporter(registry).render(registry.contentType, {
    ...options,
    isLikePromClient: true,
  });
  return new TextDecoder().decode(bytes);
}

/** Returns the exposition of a metric as a registry would write it if it held nothing else. */
async function renderAlone(
  metric: AnyMetric | ForeignMetric,
  registry: Registry<RegistryContentType>,
): Promise<string> {
  const only = new Registry<RegistryContentType>(registry.contentType);
  only.setDefaultLabels(defaultLabels.get(registry) ?? {});
  only.registerMetric(metric);
  return withoutEnd(await render(only));
}

/** Returns an exposition without its end mark and its last line break. */
function withoutEnd(exposition: string): string {
  return exposition.replace(/# EOF\n$/, '').replace(/\n$/, '');
}

/** Returns the metric that the program has registered. */
function unwrapped(metric: AnyMetric | undefined): AnyMetric | ForeignMetric | undefined {
  return metric instanceof AdoptedMetric ? metric.foreign : metric;
}

/** Adds a registry's labels to the values of a foreign metric. The object stays as it is: it belongs to somebody else. */
function withLabels(
  object: MetricObjectWithValues,
  constantLabels: Family['constantLabels'],
  passed: PassedLabelValue,
): MetricObjectWithValues {
  if (constantLabels.length === 0 || object.values === undefined) return object;
  const constant = Object.fromEntries(constantLabels.map(([name, text]) => [name, passed(name, text) as string]));
  const values = object.values.map((value) => ({
    ...value,
    labels: { ...value.labels, ...constant, ...value.labels },
  }));
  return { ...object, values };
}

function passedDefault(passed: LabelValue | undefined, text: string): LabelValue {
  return passed !== undefined && String(passed) === text ? passed : text;
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
