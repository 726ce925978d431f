import { checkBuckets } from '../model/buckets.ts';
import type { Family, MetricType } from '../model/family.ts';
import type { Metric } from '../model/metric.ts';
import { describe } from '../model/names.ts';
import { isUnixTime } from '../model/unix-time.ts';
import { CollectorRun, isPromise, type Outcome } from './collector-run.ts';
import { type ConstantLabels, withoutOwn } from './constant-labels.ts';
import { snapshotOf } from './snapshot.ts';

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
  readonly cache = new Map<string, object>();
  /** Brings the metric up to date, for the family to expose; undefined for a metric without `collect` that can be read. */
  run: CollectorRun<Family> | undefined;
  #constantLabels: ConstantLabels = [];

  constructor(metric: Metric, prefix: string, constantLabels: ConstantLabels) {
    this.metric = metric;
    this.name = prefix + metric.name;
    this.help = metric.help;
    this.type = metric.type;
    this.unit = metric.unit;
    // The states of a state set stand in a label of its name as exposed.
    this.labelNames = metric.type === 'stateset' ? [...metric.labelNames.slice(0, -1), this.name] : metric.labelNames;
    this.upperBounds = metric.type.endsWith('histogram') ? checkBuckets(metric.upperBounds, metric.name) : [];
    this.quantiles = metric.quantiles ?? [];
    this.constantLabels = constantLabels;
    this.run = metric.collect === undefined ? undefined : new CollectorRun(this.name, () => this.#collect());
  }

  /**
   * Returns the family live, for a metric without a {@link run}. One of another class than ours may have accessors that
   * throw: that costs its own family, and is counted and reported as the failure of a collector.
   */
  read(): Outcome<Family> {
    try {
      return { ok: true, result: this.#readable() };
    } catch (error) {
      this.run = new CollectorRun(this.name, () => this.#collect());
      return this.run.fail(error);
    }
  }

  /** The family as encoders read it, live. */
  get live(): Family {
    return this as unknown as Family; // which of the three types it is depends on `type`
  }

  /** As the metric counts them; 0 if it does not, or cannot be asked. */
  get overflowedUpdates(): number {
    try {
      return Number(this.metric.overflowedUpdates);
    } catch {
      return 0;
    }
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
    this.cache.clear();
  }

  #collect(): Family | PromiseLike<Family> {
    const running = this.metric.collect?.();
    return isPromise(running) ? Promise.resolve(running).then(() => snapshotOf(this.#readable())) : this.#readable();
  }

  /** Returns the live family. Throws if what encoders read of it cannot be read. */
  #readable(): Family {
    const { series } = this;
    void this.createdSeconds;
    void this.hasExemplars;
    void this.aggregator;
    if (Array.isArray(series)) return this.live;
    throw new TypeError(`Cannot read metric "${this.name}": expected series as an array, got ${describe(series)}.`);
  }
}

const TYPES: readonly unknown[] = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
] satisfies readonly MetricType[];

/** Throws unless a metric, which may be of another class than ours, has a type and a list of label names. */
export function checkShape({ name, type, labelNames }: Metric): void {
  if (!TYPES.includes(type)) {
    throw new RangeError(`Cannot register metric "${name}": expected type ${TYPES.join(', ')}, got ${describe(type)}.`);
  }
  if (!Array.isArray(labelNames)) {
    throw new TypeError(
      `Cannot register metric "${name}": expected labelNames as an array, got ${describe(labelNames)}.`,
    );
  }
}
