import type { Family, HistogramSeries, MetricType, NumberSeries } from '../model/family.ts';
import type { Metric } from '../model/metric.ts';
import { CollectorRun, isPromise } from './collector-run.ts';
import { frozenFamily } from './frozen-family.ts';

/** Labels that a registry adds to every series. */
export type ConstantLabels = readonly (readonly [name: string, value: string])[];

/** A metric as one registry exposes it: with the registry's prefix and constant labels. */
export class RegisteredFamily {
  readonly metric: Metric;
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  readonly memo = new Map<string, object>();
  /** Brings the metric up to date, for the family to expose; undefined for a metric without `collect`. */
  readonly run: CollectorRun<Family> | undefined;
  #constantLabels: ConstantLabels = [];

  constructor(metric: Metric, prefix: string, constantLabels: ConstantLabels) {
    this.metric = metric;
    this.name = prefix + metric.name;
    this.help = metric.help;
    this.type = metric.type;
    this.unit = metric.unit;
    this.labelNames = metric.labelNames;
    this.upperBounds = metric.upperBounds ?? [];
    this.constantLabels = constantLabels;
    this.run = metric.collect === undefined ? undefined : new CollectorRun(this.name, () => this.#collect());
  }

  /** The family as encoders read it, live. */
  get live(): Family {
    return this as unknown as Family; // which of the two types it is depends on `type`
  }

  get series(): readonly (NumberSeries | HistogramSeries)[] {
    return this.metric.series;
  }

  get constantLabels(): ConstantLabels {
    return this.#constantLabels;
  }

  /** A label of the metric itself wins over a constant one of the same name. */
  set constantLabels(labels: ConstantLabels) {
    this.#constantLabels = labels.filter(([name]) => !this.labelNames.includes(name));
    this.memo.clear();
  }

  #collect(): Family | PromiseLike<Family> {
    const running = this.metric.collect?.();
    return isPromise(running) ? running.then(() => frozenFamily(this.live)) : this.live;
  }
}

/**
 * The names of the series that a family of this name and type exposes: no other family of the registry may have one of
 * them. OpenMetrics 1.0, "Suffixes".
 */
export function seriesNames(name: string, type: MetricType): string[] {
  return type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}
