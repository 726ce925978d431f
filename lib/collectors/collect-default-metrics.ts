import type { CollectedFamily, Collector } from '../model/collector.ts';
import { type LabelValue, labelValueText } from '../model/label-value.ts';
import { checkLabelNames, checkMetricName, describe } from '../model/names.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { register } from '../registry/register.ts';
import type { Group } from './group.ts';
import { FAMILIES, GROUPS, type GroupOptions } from './groups.ts';

/** Default metrics that are read together, and left out together; see docs/metrics.md for what each holds. */
export type DefaultMetricsGroup = keyof typeof GROUPS;

/** Options for {@link collectDefaultMetrics}. */
export interface DefaultMetricsOptions extends GroupOptions {
  /** Groups to leave out; none unless given. A group that is left out costs nothing. */
  readonly without?: readonly DefaultMetricsGroup[];
  /** Stands before each name, behind the registry's own prefix. */
  readonly prefix?: string;
  /** Labels on every series; a metric's own label of the same name wins. */
  readonly labels?: Readonly<Record<string, LabelValue>>;
}

/** Default metrics that are being collected. */
export interface DefaultMetrics {
  /**
   * Removes the metrics from the registry and releases their observers, histograms and timers. They can be collected
   * again afterwards; garbage collections then count from 0. The second call does nothing.
   */
  stop(): void;
}

/**
 * Adds the metrics of the process and the Node runtime to a registry, under the names that dashboards for Node ask for.
 *
 * They are read when a scrape asks for them, in about 0.5 ms (EPYC, Node 20), half of which goes into the standard
 * deviation of the event loop's lag, and never keep the process alive. Between scrapes two groups cost something:
 * `eventLoopDelay` 0.05 % of a core, and `gc` a callback after collections. Unavailable values, such as
 * `process_open_fds` off Linux, are left out.
 *
 * Throws an Error if the registry has them already, under the same prefix, and a RangeError or TypeError if the options are
 * invalid or a metric of the registry has one of their names; then nothing has changed.
 *
 * @example
 * ```ts
 * const { stop } = collectDefaultMetrics(registry, { without: ['heapSpaces', 'activeResources'] });
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

/** Default metrics of one registry under one prefix. */
interface RunningSet extends DefaultMetrics {
  readonly collectors: readonly Collector[];
}

/**
 * The sets that run, by registry and prefix. State of the module, since a registry cannot be asked: without it a second
 * call would go unnoticed until the next scrape refused the names.
 */
const runningSets = new WeakMap<MetricsRegistry, Map<string, RunningSet>>();

function start(registry: MetricsRegistry, options: DefaultMetricsOptions): DefaultMetrics {
  checkOptions(registry, options);
  const { prefix = '', labels = {} } = options;
  const sets = runningSets.get(registry) ?? new Map<string, RunningSet>();
  runningSets.set(registry, sets);
  const earlier = sets.get(prefix);
  if (earlier !== undefined) endUnlessRegistered(earlier, registry, prefix);

  const groups = startGroups(options);
  const collectors = groups.map(([name, group]) => ({
    name: prefix + name,
    families: FAMILIES[name].map(([family, type]) => ({ name: prefix + family, type })),
    collect: () =>
      group
        .collect()
        .filter(isKnown)
        .map((family) => withPrefixAndLabels(family, prefix, labels)),
  }));
  try {
    for (const collector of collectors) registry.registerCollector(collector);
  } catch (error) {
    for (const collector of collectors) registry.unregisterCollector(collector);
    for (const [, group] of groups) group.stop?.();
    throw error;
  }
  const set: RunningSet = {
    collectors,
    stop() {
      if (sets.get(prefix) !== set) return;
      sets.delete(prefix);
      for (const collector of collectors) registry.unregisterCollector(collector);
      for (const [, group] of groups) group.stop?.();
    },
  };
  sets.set(prefix, set);
  return { stop: set.stop };
}

function checkOptions(registry: MetricsRegistry, options: DefaultMetricsOptions): void {
  if (typeof options !== 'object') {
    throw new TypeError(
      `Cannot collect default metrics: config must be null, undefined, or an object, got ${describe(options)}.`,
    );
  }
  const { prefix = '', labels = {}, without = [] } = options;
  if (!isRegistry(registry)) {
    throw new TypeError(`Cannot collect default metrics: expected a registry, got ${describe(registry)}.`);
  }
  if (prefix !== '') checkMetricName(prefix);
  const labelNames = Object.keys(labels);
  checkLabelNames(labelNames, 'default metrics');
  for (const name of labelNames) labelValueText(labels[name], name, 'default metrics');
  const unknown = without.find((name) => !Object.hasOwn(GROUPS, name));
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

/** `registry.clear()` removes the collectors but cannot stop their observers, so this does. */
function endUnlessRegistered(set: RunningSet, registry: MetricsRegistry, prefix: string): void {
  const probe = set.collectors.at(-1);
  if (probe === undefined || !registry.unregisterCollector(probe)) return set.stop();
  registry.registerCollector(probe);
  throw new Error(
    `Cannot collect default metrics: expected a registry without them, got one that has them under the prefix ` +
      `${describe(prefix)}. Keep what the first call returned and stop() it first, or give another prefix.`,
  );
}

function startGroups(options: DefaultMetricsOptions): [name: DefaultMetricsGroup, group: Group][] {
  const groups: [DefaultMetricsGroup, Group][] = [];
  try {
    for (const name of Object.keys(GROUPS) as DefaultMetricsGroup[]) {
      if (!options.without?.includes(name)) groups.push([name, GROUPS[name](options)]);
    }
    return groups;
  } catch (error) {
    for (const [, group] of groups) group.stop?.();
    throw error;
  }
}

function isKnown(family: CollectedFamily | undefined): family is CollectedFamily {
  return family !== undefined;
}

function withPrefixAndLabels(
  family: CollectedFamily,
  prefix: string,
  labels: Readonly<Record<string, LabelValue>>,
): CollectedFamily {
  return {
    ...family,
    name: prefix + family.name,
    series: family.series.map((one) => ({ ...one, labels: { ...labels, ...one.labels } })),
  };
}
