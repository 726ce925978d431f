import type { Family, MetricType } from '../model/family.ts';
import type { Metric } from '../model/metric.ts';
import { isUnixTime } from '../model/unix-time.ts';
import { CollectorRun, isPromise } from './collector-run.ts';
import { type ConstantLabels, withoutOwn } from './constant-labels.ts';
import { frozenFamily } from './frozen-family.ts';

/** A metric as one registry exposes it: with the registry's prefix and constant labels. */
export class RegisteredFamily {
  readonly metric: Metric;
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  readonly quantiles: readonly number[];
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
    // The states of a state set stand in a label of its name as exposed.
    this.labelNames = metric.type === 'stateset' ? [...metric.labelNames.slice(0, -1), this.name] : metric.labelNames;
    this.upperBounds = metric.upperBounds ?? [];
    this.quantiles = metric.quantiles ?? [];
    this.constantLabels = constantLabels;
    this.run = metric.collect === undefined ? undefined : new CollectorRun(this.name, () => this.#collect());
  }

  /** The family as encoders read it, live. */
  get live(): Family {
    return this as unknown as Family; // which of the three types it is depends on `type`
  }

  get series(): Metric['series'] {
    return this.metric.series;
  }

  get createdSeconds(): number | undefined {
    const { createdSeconds } = this.metric;
    return isUnixTime(createdSeconds) ? createdSeconds : undefined; // a clock may not be set, a metric may not be ours
  }

  get aggregator(): Metric['aggregator'] {
    return this.metric.aggregator;
  }

  get hasExemplars(): boolean | undefined {
    return this.metric.hasExemplars;
  }

  get constantLabels(): ConstantLabels {
    return this.#constantLabels;
  }

  /** A label of the metric itself wins over a constant one of the same name. */
  set constantLabels(labels: ConstantLabels) {
    this.#constantLabels = withoutOwn(labels, this.labelNames);
    this.memo.clear();
  }

  #collect(): Family | PromiseLike<Family> {
    const running = this.metric.collect?.();
    return isPromise(running) ? Promise.resolve(running).then(() => frozenFamily(this.live)) : this.live;
  }
}
