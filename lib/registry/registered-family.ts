import { checkBuckets } from '../model/buckets.ts';
import { warn } from '../model/error-text.ts';
import { type Family, isUnixTime, METRIC_TYPES, type MetricType } from '../model/family.ts';
import { type LabelValue, labelValueText, wellFormed } from '../model/label-value.ts';
import type { Metric } from '../model/metric.ts';
import { checkLabelNames, describe, type NameValidationScheme, refuse, underscoredLabelName } from '../model/names.ts';
import type { CollectorRun } from './collector-run.ts';

/** A metric as one registry exposes it: with the registry's prefix and constant labels. */
export class RegisteredFamily {
  readonly metric: Metric;
  readonly prefix: string;
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  readonly bucketOptions: Metric['bucketOptions'];
  readonly quantiles: readonly number[];
  readonly cache = new Map<string, object>();
  /** Whether the metric has to be brought up to date before it is read. */
  readonly hasCollect: boolean;
  /** Set by the first scrape of a metric that has a `collect`, or that threw when it was read. */
  run: CollectorRun<Family | readonly Family[]> | undefined = undefined;
  #constantLabels: ConstantLabels = [];

  constructor(metric: Metric, prefix: string, constantLabels: ConstantLabels) {
    this.metric = metric;
    this.prefix = prefix;
    this.name = prefix + metric.name;
    this.help = metric.help;
    this.type = metric.type;
    this.unit = metric.unit;
    // The states of a state set stand in a label of its name as exposed.
    this.labelNames = metric.type === 'stateset' ? [...metric.labelNames.slice(0, -1), this.name] : metric.labelNames;
    this.upperBounds = metric.type.endsWith('histogram') ? checkBuckets(metric.upperBounds, metric.name) : [];
    this.bucketOptions = metric.bucketOptions;
    this.quantiles = metric.quantiles ?? [];
    this.constantLabels = constantLabels;
    this.hasCollect = metric.collect !== undefined || metric.read !== undefined;
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
    this.cache.clear();
  }
}

/** Throws unless a metric, which may be of another class than ours, has a type and a list of label names. */
export function checkShape({ name, type, labelNames }: Metric): void {
  if (!METRIC_TYPES.includes(type)) {
    refuse(`register metric "${name}"`, `type ${METRIC_TYPES.join(', ')}`, type, RangeError);
  }
  if (!Array.isArray(labelNames)) {
    refuse(`register metric "${name}"`, 'labelNames as an array', labelNames);
  }
}

/** Labels that a registry adds to every series. */
export type ConstantLabels = readonly (readonly [name: string, value: string])[];

/**
 * Returns a registry's constant labels as they are exposed. Throws on a name or value that could not be. A label without a
 * value, such as a variable of the environment that is not set, is left out with a warning: it must not stop the program.
 */
export function checkConstantLabels(
  labels: Readonly<Record<string, LabelValue | undefined>>,
  scheme: NameValidationScheme,
): ConstantLabels {
  const names = Object.keys(labels);
  checkLabelNames(names, 'constant labels', scheme);
  const [present, missing] = [names.filter(hasValue), names.filter((name) => !hasValue(name))];
  if (missing.length > 0) {
    warn(
      'METRICS_MISSING_LABEL',
      `The constant labels ${missing.map(describe).join(', ')} have no value; the registry goes without them. Pass a string.`,
    );
  }
  return present.map((name) => [name, wellFormed(labelValueText(labels[name], name, 'constant labels'))] as const);

  function hasValue(name: string): boolean {
    return labels[name] !== undefined && labels[name] !== null;
  }
}

/** Returns the constant labels that a family with these labels of its own gets: its own win, also where escaping meets. */
export function withoutOwn(labels: ConstantLabels, labelNames: readonly string[]): ConstantLabels {
  const own = new Set(labelNames.map(underscoredLabelName));
  return labels.filter(([name]) => !own.has(underscoredLabelName(name)));
}
