import type { Exemplar, Family, HistogramSeries, MetricType, NumberSeries, SummarySeries } from '../model/family.ts';
import { wellFormed } from '../model/label-value.ts';
import { isAggregator, type Metric } from '../model/metric.ts';
import type { ExemplarObject, MetricObjectWithValues, MetricValueWithName } from '../model/metric-object.ts';
import { checkLabelNames, checkMetricName, refuse } from '../model/names.ts';
import { isThenable } from '../model/promises.ts';
import { type ConstantLabels, withoutOwn } from '../registry/registered-family.ts';

/**
 * A metric of another library, or an object that a program has made: prom-client's registries take whatever has a `get()`.
 * The registry exposes what `get()` returns; nothing else is known before the scrape, and it may differ each time.
 */
export interface ForeignMetric {
  /** The name by which the registry lists it, `unnamed` and a number if it has none; that of `get()` is exposed. */
  readonly name?: string;
  get(): MetricObjectWithValues | Promise<MetricObjectWithValues>;
  reset?(): void;
}

/** Whether a metric is of another class than ours: ours have their series at hand. */
export function isForeign(metric: unknown): metric is ForeignMetric {
  return typeof (metric as ForeignMetric | undefined)?.get === 'function' && !('series' in (metric as object));
}

/** Objects without a name so far. */
let unnamed = 0;

/** Makes a foreign metric one that a registry can hold. */
export class AdoptedMetric implements Metric {
  readonly name: string;
  readonly help = 'A metric that describes itself at each scrape.';
  readonly type = 'unknown';
  readonly unit = '';
  readonly labelNames: readonly string[] = [];
  readonly series: readonly NumberSeries[] = [];
  readonly overflowedUpdates = 0;
  readonly foreign: ForeignMetric;

  constructor(foreign: ForeignMetric) {
    this.foreign = foreign;
    this.name = foreign.name === undefined ? `unnamed_${++unnamed}` : String(foreign.name);
  }

  /** Returns the families of one scrape. Throws or rejects as `get()` does, and a TypeError or RangeError on an invalid result. */
  read(prefix: string, constantLabels: ConstantLabels): readonly Family[] | Promise<readonly Family[]> {
    const take = (object: MetricObjectWithValues): readonly Family[] => {
      const families = familiesOf(object, this.name).map((family) => ({
        ...family,
        name: prefix + family.name,
        constantLabels: withoutOwn(constantLabels, family.labelNames),
      }));
      families.forEach((family, i) => objects.set(family, i === 0 ? [object] : []));
      return families;
    };
    const got = this.foreign.get();
    return isThenable(got) ? Promise.resolve(got).then(take) : take(got);
  }
}

/** By family that was read, the object it came from; empty for all but the first family of an object. */
const objects = new WeakMap<Family, readonly MetricObjectWithValues[]>();

/** Returns the object that a family was read from, if it is of a foreign metric; see {@link objects}. */
export function objectsOf(family: Family): readonly MetricObjectWithValues[] | undefined {
  return objects.get(family);
}

const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);

/**
 * Returns what encoders read for an object as `getMetricsAsJSON()` returns them: copies, since the object may be live. Samples
 * whose name is not one of the type's, which prom-client writes below the type all the same, get a family of their own.
 */
function familiesOf(object: MetricObjectWithValues, registeredName: string): Family[] {
  const { name = registeredName, help, type, aggregator, values = [] } = object ?? {};
  checkMetricName(name);
  if (!Array.isArray(values)) {
    refuse(`read metric "${name}"`, 'values as an array', values);
  }
  const known: MetricType = TYPES.has(type) ? type : 'unknown';
  const own = sampleNames(name, known);
  const byFamily = new Map<string, MetricValueWithName[]>([[name, []]]);
  for (const value of values) {
    if (typeof value !== 'object' || value === null) {
      refuse(`read metric "${name}"`, 'values that are objects', value);
    }
    const family = own.has(value.metricName ?? name) ? name : value.metricName!;
    const same = byFamily.get(family);
    if (same === undefined) byFamily.set(family, [value]);
    else same.push(value);
  }
  return Array.from(byFamily, ([familyName, samples]) => {
    checkMetricName(familyName);
    const head = {
      name: familyName,
      help: typeof help === 'string' ? help : '',
      aggregator: isAggregator(aggregator) ? aggregator : undefined,
    };
    return familyOf(head, familyName === name ? known : 'unknown', samples);
  });
}

function sampleNames(name: string, type: MetricType): ReadonlySet<string> {
  switch (type) {
    case 'histogram':
      return new Set([`${name}_bucket`, `${name}_sum`, `${name}_count`]);
    case 'summary':
      return new Set([name, `${name}_sum`, `${name}_count`]);
    default:
      return new Set([name]);
  }
}

/** The samples of one series, and its labels without `le` or `quantile`. */
interface SeriesSamples {
  readonly labels: ReadonlyMap<string, string>;
  /** By `le` or quantile. */
  readonly byBound: Map<number, MetricValueWithName>;
  value: number;
  sum: number;
  count: number;
  exemplar: Exemplar | undefined;
}

function familyOf(
  { name, help, aggregator }: Pick<Family, 'name' | 'help' | 'aggregator'>,
  type: MetricType,
  samples: readonly MetricValueWithName[],
): Family {
  const special = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const all = seriesSamples(name, samples, special);
  const labelNames = [...new Set(all.flatMap(({ labels }) => [...labels.keys()]))];
  checkLabelNames(labelNames, name);
  const bounds = [...new Set(all.flatMap(({ byBound }) => [...byBound.keys()]))].sort((a, b) => a - b);
  const valuesOf = ({ labels }: SeriesSamples): string[] => labelNames.map((label) => labels.get(label) ?? '');
  const head = { name, help, unit: '', labelNames, constantLabels: [], aggregator, cache: new Map<string, object>() };
  switch (type) {
    case 'histogram': {
      const upperBounds = bounds.filter((le) => le < Infinity);
      const series = all.map((one) => histogramSeries(one, valuesOf(one), upperBounds, name));
      return { ...head, type, upperBounds, hasExemplars: true, series };
    }
    case 'summary':
      return { ...head, type, quantiles: bounds, series: all.map((one) => summarySeries(one, valuesOf(one), bounds)) };
    default: {
      const series = all.map(
        (one): NumberSeries => ({ labelValues: valuesOf(one), value: one.value, exemplar: one.exemplar }),
      );
      return { ...head, type: type as 'counter', hasExemplars: all.some(({ exemplar }) => exemplar), series };
    }
  }
}

/** Of two samples of the same name and labels, which would void the exposition, the last one counts. */
function seriesSamples(
  name: string,
  samples: readonly MetricValueWithName[],
  special: string | undefined,
): SeriesSamples[] {
  const byLabels = new Map<string, SeriesSamples>();
  for (const sample of samples) {
    const texts = labelTexts(sample);
    const bound = special === undefined ? undefined : texts.get(special);
    if (special !== undefined) texts.delete(special);
    const key = JSON.stringify([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));
    let series = byLabels.get(key);
    if (series === undefined) {
      series = { labels: texts, byBound: new Map(), value: 0, sum: 0, count: 0, exemplar: undefined };
      byLabels.set(key, series);
    }
    const value = numberOf(sample.value, name);
    if (special !== undefined && sample.metricName === `${name}_sum`) series.sum = value;
    else if (special !== undefined && sample.metricName === `${name}_count`) series.count = value;
    else if (bound !== undefined) series.byBound.set(numberOf(bound, name), { ...sample, value });
    else {
      series.value = value;
      series.exemplar = exemplarOf(sample.exemplar, name);
    }
  }
  return [...byLabels.values()];
}

/** Turns cumulative counts into counts per bucket. A bound that only other series have gets an empty bucket. */
function histogramSeries(
  { byBound, sum, count }: SeriesSamples,
  labelValues: readonly string[],
  upperBounds: readonly number[],
  name: string,
): HistogramSeries {
  let below = 0;
  const bounds = [...upperBounds, Infinity];
  const bucketCounts = bounds.map((le) => {
    const upTo = byBound.get(le)?.value ?? (le === Infinity ? count : below);
    const inBucket = upTo - below;
    below = upTo;
    return inBucket;
  });
  return { labelValues, bucketCounts, sum, exemplars: bounds.map((le) => exemplarOf(byBound.get(le)?.exemplar, name)) };
}

function summarySeries(
  { byBound, sum, count }: SeriesSamples,
  labelValues: readonly string[],
  quantiles: readonly number[],
): SummarySeries {
  return { labelValues, quantileValues: quantiles.map((quantile) => byBound.get(quantile)?.value ?? NaN), sum, count };
}

/** A label without a value is left out. */
function labelTexts({ labels }: MetricValueWithName): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [label, value] of Object.entries<unknown>(labels ?? {})) {
    if (value !== undefined && value !== null) texts.set(label, wellFormed(String(value)));
  }
  return texts;
}

/** Reads the number of a sample or bound: JSON turns NaN into null, and `le` is a text. */
function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (value === null || value === 'NaN') return NaN;
  if (value === '+Inf') return Infinity;
  if (value === '-Inf') return -Infinity;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  if (!Number.isNaN(number)) return number;
  refuse(`read metric "${name}"`, 'values that are numbers', value);
}

function exemplarOf(exemplar: ExemplarObject | null | undefined, name: string): Exemplar | undefined {
  if (exemplar === null || exemplar === undefined) return undefined;
  const { labelSet, value, timestamp } = exemplar;
  const labels = Object.entries<unknown>(labelSet ?? {}).map(([label, text]) => [label, wellFormed(String(text))]);
  const timestampSeconds = timestamp === undefined || timestamp === null ? undefined : numberOf(timestamp, name);
  return { labels: Object.fromEntries(labels), value: numberOf(value, name), timestampSeconds };
}
