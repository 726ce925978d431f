import type { Aggregator } from '../../model/aggregator.ts';
import type { HistogramSeries, MetricType, NumberSeries, SummarySeries } from '../../model/family.ts';
import type { Metric } from '../../model/metric.ts';
import { describe } from '../../model/names.ts';
import type { MetricObjectWithValues, MetricValueWithName } from '../metric-object.ts';

/** Values of one series, and its labels without those that tell values of a series apart. */
interface SeriesValues {
  readonly labels: Readonly<Record<string, string>>;
  /** By `le` of a bucket or by quantile. */
  readonly values: Map<number, number>;
  value: number;
  sum: number;
  count: number;
}

/** A metric whose values are what an object says, the way back from `metricObject()`. It never changes. */
export class AggregatedMetric implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit = '';
  readonly aggregator: Aggregator;
  readonly overflowedUpdates = 0;
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  readonly quantiles: readonly number[];
  readonly series: readonly (NumberSeries | HistogramSeries | SummarySeries)[];
  readonly #object: MetricObjectWithValues;

  /** Throws a TypeError on a type of metric that prom-client does not have. */
  constructor(object: MetricObjectWithValues) {
    const { name, help, type, aggregator, values } = object;
    if (!['counter', 'gauge', 'histogram', 'summary'].includes(type)) {
      throw new TypeError(`Cannot aggregate metric ${describe(name)}: expected a counter, gauge, histogram or summary, got ${describe(type)}.`);
    }
    this.#object = object;
    this.name = name;
    this.help = help;
    this.type = type;
    this.aggregator = aggregator;
    const special = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
    this.labelNames = [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== special);
    const all = seriesOf(object, special);
    const keys = [...new Set(all.flatMap((one) => [...one.values.keys()]))].sort((a, b) => a - b);
    this.upperBounds = type === 'histogram' ? keys.filter((le) => le < Infinity) : [];
    this.quantiles = type === 'summary' ? keys : [];
    this.series = all.map((one) => this.#toSeries(one));
  }

  /** The values, as plain objects. */
  get(): Promise<MetricObjectWithValues> {
    return Promise.resolve(this.#object);
  }

  #toSeries({ labels, values, value, sum, count }: SeriesValues): NumberSeries | HistogramSeries | SummarySeries {
    const labelValues = this.labelNames.map((name) => labels[name] ?? '');
    switch (this.type) {
      case 'histogram':
        return { labelValues, bucketCounts: this.#countsByBucket(values, count), sum };
      case 'summary':
        return { labelValues, quantileValues: this.quantiles.map((quantile) => values.get(quantile) ?? NaN), sum, count };
      default:
        return { labelValues, value };
    }
  }

  /** Of the cumulative counts. A series that lacks a bound, which another one has, has nothing between it and the one before. */
  #countsByBucket(cumulative: ReadonlyMap<number, number>, count: number): number[] {
    let below = 0;
    return [...this.upperBounds, Infinity].map((le) => {
      const upTo = cumulative.get(le) ?? (le === Infinity ? count : below);
      const inBucket = upTo - below;
      below = upTo;
      return inBucket;
    });
  }
}

function seriesOf({ name, values }: MetricObjectWithValues, special: string | undefined): SeriesValues[] {
  const byLabels = new Map<string, SeriesValues>();
  for (const one of values) {
    const labels = Object.fromEntries(labelsOf(one).filter(([label]) => label !== special));
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    let series = byLabels.get(key);
    if (series === undefined) byLabels.set(key, (series = { labels, values: new Map(), value: 0, sum: 0, count: 0 }));
    if (one.metricName === `${name}_sum`) series.sum = one.value;
    else if (one.metricName === `${name}_count`) series.count = one.value;
    else if (special !== undefined) series.values.set(numberOf(one.labels[special]), one.value);
    else series.value = one.value;
  }
  return [...byLabels.values()];
}

function labelsOf({ labels }: MetricValueWithName): [name: string, value: string][] {
  return Object.entries(labels).map(([name, value]) => [name, String(value)]);
}

/** The number that `le` or `quantile` is, which need not be one in JSON. */
function numberOf(value: string | number | undefined): number {
  return value === '+Inf' ? Infinity : Number(value);
}
