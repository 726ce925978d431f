import { LabelTexts } from '../metrics/label-texts.ts';
import type { LabelValue } from '../model/label-value.ts';
import type { Metric } from '../model/metric.ts';
import { describe, refuse } from '../model/names.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { register } from '../registry/register.ts';
import type { Group } from './group.ts';
import { GROUPS, type GroupOptions } from './groups.ts';

/** Default metrics that are read together, and left out together; see docs/metrics.md for what each holds. */
export type DefaultMetricsGroup = keyof typeof GROUPS;

/** Options for {@link collectDefaultMetrics}. */
export interface DefaultMetricsOptions extends GroupOptions {
  /** Groups to leave out; none unless given. A group that is left out costs nothing. */
  readonly without?: readonly DefaultMetricsGroup[];
  /** Stands before each name, behind the registry's own prefix. */
  readonly prefix?: string;
  /** Labels on every series; a metric's own label of the same name wins. One without a value is exposed with an empty one. */
  readonly labels?: Readonly<Record<string, LabelValue | undefined>>;
}

/** Default metrics that are being collected. */
export interface DefaultMetrics {
  /**
   * Removes the metrics from the registry and releases their observers and timers. They can be collected again afterwards;
   * garbage collections then count from 0. The second call does nothing.
   */
  stop(): void;
}

/**
 * Adds the metrics of the process and the Node runtime to a registry, under the names that dashboards for Node ask for.
 *
 * They are counters, gauges and a histogram like all others, so the registry finds them by name, lists them and removes one
 * of them. A scrape brings them up to date. They never keep the process alive. Between scrapes two groups cost something:
 * `eventLoopLag` up to 100 callbacks a second while the event loop turns and nothing while it waits, and `gc` one after
 * collections; both end with `stop()`, or when the metrics have left the registry and nothing else refers to them.
 * Unavailable values, such as `process_open_fds` off Linux, are left out.
 *
 * Throws a RangeError or TypeError if the registry has them already, under the same prefix, or another metric of one of their
 * names, or if the options are invalid; then nothing has changed.
 *
 * @example
 * ```ts
 * const { stop } = collectDefaultMetrics(registry, { without: ['heapSpacesSizeAndUsed', 'gc'] });
 * ```
 */
export function collectDefaultMetrics(registry?: MetricsRegistry, options?: DefaultMetricsOptions): DefaultMetrics;
/** The same, called as in prom-client. */
export function collectDefaultMetrics(
  options?: (DefaultMetricsOptions & { readonly register?: MetricsRegistry }) | null,
): DefaultMetrics;
export function collectDefaultMetrics(
  first?: MetricsRegistry | (DefaultMetricsOptions & { readonly register?: MetricsRegistry }) | null,
  second: DefaultMetricsOptions = {},
): DefaultMetrics {
  if (isRegistry(first)) return start(first, second);
  return start(first?.register ?? register, first ?? second);
}

function start(registry: MetricsRegistry, options: DefaultMetricsOptions): DefaultMetrics {
  checkOptions(registry, options);
  const without = options.without ?? [];
  const naming = { prefix: options.prefix || '', labels: completeLabels(options.labels ?? {}) };
  const groups: Group[] = [];
  const registered: Metric[] = [];
  const stop = (): void => {
    for (const metric of registered.splice(0)) registry.unregister(metric);
    for (const group of groups.splice(0)) group.stop?.();
  };
  try {
    for (const name of Object.keys(GROUPS) as DefaultMetricsGroup[]) {
      if (!without.includes(name)) groups.push(GROUPS[name](naming, options));
    }
    for (const metric of groups.flatMap(({ metrics }) => metrics)) {
      registry.register(metric);
      registered.push(metric);
    }
  } catch (error) {
    stop();
    throw error;
  }
  return { stop };
}

function checkOptions(registry: MetricsRegistry, options: DefaultMetricsOptions): void {
  if (typeof options !== 'object') {
    throw new TypeError(
      `Cannot collect default metrics: config must be null, undefined, or an object, got ${describe(options)}.`,
    );
  }
  if (!isRegistry(registry)) {
    refuse('collect default metrics', 'a registry', registry);
  }
  const unknown = options.without?.find((name) => !Object.hasOwn(GROUPS, name));
  if (unknown === undefined) return;
  throw new RangeError(
    `Cannot leave out a group of the default metrics: expected one of ${Object.keys(GROUPS).join(', ')}, ` +
      `got ${describe(unknown)}.`,
  );
}

function isRegistry(candidate: object | null | undefined): candidate is MetricsRegistry {
  // By shape: a registry may come from another copy of this module.
  return typeof (candidate as Partial<MetricsRegistry> | undefined)?.registerCollector === 'function';
}

/**
 * Returns labels of which each has a value. One that is missing or an object is reported here, once, and not by each metric:
 * `labels: { instance: process.env.INSTANCE }` is usual, and the variable may be unset.
 */
function completeLabels(labels: Readonly<Record<string, LabelValue | undefined>>): Record<string, LabelValue> {
  const labelNames = Object.keys(labels);
  const texts = new LabelTexts({ metricName: 'default metrics', labelNames });
  const entries = Object.entries(labels).map(([name, value], i): [string, LabelValue] => [
    name,
    typeof value === 'number' || typeof value === 'boolean' ? value : texts.of(value, i),
  ]);
  return Object.fromEntries(entries);
}
