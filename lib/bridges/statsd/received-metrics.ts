import type { Child } from '../../metrics/child.ts';
import type { CounterChild } from '../../metrics/counter.ts';
import type { GaugeChild } from '../../metrics/gauge.ts';
import { warn } from '../../model/error-text.ts';
import type { MetricsRegistry } from '../../registry/metrics-registry.ts';
import {
  childOf,
  createInstrument,
  exposedName,
  hasChild,
  type Instrument,
  type InstrumentOptions,
  kindOf,
  withMoreLabels,
} from './instrument.ts';
import type { DropReason, LineHead } from './line-head.ts';
import type { MappingRules } from './mapping-rules.ts';

/** How lines become metrics. */
export interface ReceivedOptions {
  readonly registry: MetricsRegistry;
  readonly rules: MappingRules;
  /** For observations that no rule gives buckets or quantiles. */
  readonly buckets: readonly number[] | undefined;
  readonly quantiles: readonly number[] | undefined;
  /** Of all metrics together. */
  readonly maxSeries: number;
  readonly idleSeconds: number;
}

/** What lines with the same head update: a series, or nothing. */
export type Target =
  | { readonly kind: 'counter'; readonly child: CounterChild; readonly weight: number; readonly metric: ReceivedMetric }
  | { readonly kind: 'gauge'; readonly child: GaugeChild; readonly metric: ReceivedMetric }
  | { readonly kind: 'set'; readonly set: ReceivedSet; readonly metric: ReceivedMetric }
  | {
      readonly kind: 'observer';
      readonly child: Observer;
      /** Timers come in milliseconds, 1,000 of a second. */
      readonly divisor: number;
      readonly weight: number;
      /** What a weight such as 3.33 leaves over for the next line. */
      rest: number;
      readonly metric: ReceivedMetric;
    }
  | { readonly kind: 'none'; readonly reason: DropReason };

/** A child of a histogram or a summary. */
interface Observer {
  readonly sum: number;
  observe(value: number): void;
}

/** A target that is a series. */
export type LiveTarget = Exclude<Target, { readonly kind: 'none' }>;

/** A metric that was made of lines. */
interface ReceivedMetric {
  readonly options: InstrumentOptions;
  instrument: Instrument;
  /** When the last line came, in milliseconds of the monotonic clock. */
  usedAt: number;
}

/** The distinct values of one series of a set, since the last flush. */
interface ReceivedSet {
  gauge: GaugeChild;
  readonly members: Set<string>;
}

/** The most labels of a metric. For each new one its series are copied, so there must not be ever more. */
const MAX_LABELS = 32;

/** The most members of all sets together, and characters of one: 20 MB at worst. */
const MAX_MEMBERS = 100_000;
const MAX_MEMBER_LENGTH = 200;

/** The metrics that StatsD servers have made, by registry: a server that is started again continues them. */
const receivedIn = new WeakMap<MetricsRegistry, Map<string, ReceivedMetric>>();

/** Makes metrics of the heads of lines, and bounds their number. */
export class ReceivedMetrics {
  readonly #options: ReceivedOptions;
  readonly #metrics: Map<string, ReceivedMetric>;
  readonly #setOf = new WeakMap<Child, ReceivedSet>();
  /** The sets to which something was added since the flush before the last. */
  readonly #activeSets = new Set<ReceivedSet>();
  #memberCount = 0;
  /** Series that have expired count until the next flush. */
  #seriesCount = 0;
  /** The codes of warnings that were given. */
  readonly #warned = new Set<string>();
  readonly #onChange: () => void;

  /** `onChange` is called when targets that were returned before must no longer be used. */
  constructor(options: ReceivedOptions, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
    this.#metrics = receivedIn.get(options.registry) ?? new Map<string, ReceivedMetric>();
    receivedIn.set(options.registry, this.#metrics);
    this.#countSeries();
  }

  /** Returns what lines with this head update. What has no room must be asked for each time: there may be room later. */
  targetOf(head: LineHead): { readonly target: Target; readonly hasRoom: boolean } {
    const mapped = this.#options.rules.map(head);
    if (mapped === undefined) return noTarget('rule');
    const { registry, idleSeconds, ...defaults } = this.#options;
    const { help = `StatsD metric ${head.name}.`, ...shape } = mapped;
    const { buckets, quantiles } = (shape.buckets ?? shape.quantiles) ? shape : defaults;
    const kind = kindOf(head.type, quantiles !== undefined);
    const name = exposedName(mapped.name, head.type);
    const labels = [...mapped.labels.keys()];
    const metric =
      this.#metrics.get(name) ?? this.#create({ kind, name, help, buckets, quantiles, idleSeconds, registry }, labels);
    if (typeof metric === 'string') return noTarget(metric);
    if (metric.options.kind !== kind) return noTarget(this.#conflict(`"${name}" is a ${metric.options.kind} already`));
    if (!this.#widen(metric, labels)) return noTarget('tag');
    const values = metric.instrument.labelNames.map((label) => mapped.labels.get(label) ?? '');
    const hasRoom = this.#hasRoomFor(metric, values);
    const child = childOf(metric.instrument, hasRoom ? values : values.map(() => 'overflow'));
    return { target: this.#target(head, metric, child), hasRoom };
  }

  /** Adds a member to a set; returns whether there was room. */
  addMember(set: ReceivedSet, member: string): boolean {
    if (set.members.has(member)) return true;
    if (this.#memberCount >= MAX_MEMBERS || member.length > MAX_MEMBER_LENGTH) return false;
    this.#activeSets.add(set);
    this.#memberCount++;
    set.members.add(copied(member));
    return true;
  }

  /** Exposes how many members each set had since the last call, and removes metrics that are idle. */
  flush(): void {
    for (const set of this.#activeSets) {
      set.gauge.set(set.members.size);
      if (set.members.size === 0) this.#activeSets.delete(set);
      set.members.clear();
    }
    this.#memberCount = 0;
    const idleSince = performance.now() - this.#options.idleSeconds * 1000;
    for (const [name, { instrument, usedAt }] of this.#metrics) {
      if (usedAt >= idleSince) continue;
      this.#options.registry.unregister(instrument);
      this.#metrics.delete(name);
      this.#onChange();
    }
    this.#countSeries();
  }

  #create(options: InstrumentOptions, labelNames: readonly string[]): ReceivedMetric | DropReason {
    if (labelNames.length > MAX_LABELS) return 'tag';
    if (this.#seriesCount >= this.#options.maxSeries) return this.#tooManySeries();
    try {
      const metric = { options, instrument: createInstrument(options, labelNames), usedAt: performance.now() };
      this.#metrics.set(options.name, metric);
      if (labelNames.length === 0) this.#seriesCount++;
      return metric;
    } catch {
      return this.#conflict(`"${options.name}" is a name of another metric`);
    }
  }

  /** Gives a metric the labels that it lacks; returns whether it may have so many. */
  #widen(metric: ReceivedMetric, labels: readonly string[]): boolean {
    const { labelNames } = metric.instrument;
    const missing = labels.filter((label) => !labelNames.includes(label));
    if (missing.length === 0) return true;
    if (labelNames.length + missing.length > MAX_LABELS) return false;
    metric.instrument = withMoreLabels(metric.instrument, [...labelNames, ...missing], metric.options, (from, to) => {
      const set = this.#setOf.get(from);
      if (set === undefined) return;
      set.gauge = to as GaugeChild;
      this.#setOf.set(to, set);
    });
    this.#onChange();
    return true;
  }

  #hasRoomFor({ instrument }: ReceivedMetric, values: readonly string[]): boolean {
    if (hasChild(instrument, values)) return true;
    if (this.#seriesCount >= this.#options.maxSeries) {
      this.#tooManySeries();
      return false;
    }
    this.#seriesCount++;
    return true;
  }

  #target({ type, weight }: LineHead, metric: ReceivedMetric, child: Child): Target {
    switch (type) {
      case 'counter':
        return { kind: 'counter', child: child as CounterChild, weight, metric };
      case 'gauge':
        return { kind: 'gauge', child: child as GaugeChild, metric };
      case 'set': {
        const set = this.#setOf.get(child) ?? { gauge: child as GaugeChild, members: new Set<string>() };
        this.#setOf.set(child, set);
        return { kind: 'set', set, metric };
      }
      default: {
        return {
          kind: 'observer',
          child: child as unknown as Observer,
          divisor: type === 'timer' ? 1000 : 1,
          weight,
          rest: 0,
          metric,
        };
      }
    }
  }

  #countSeries(): void {
    this.#seriesCount = 0;
    for (const { instrument } of this.#metrics.values()) this.#seriesCount += instrument.series.length;
  }

  #tooManySeries(): DropReason {
    this.#warn(
      'METRICS_TOO_MANY_SERIES',
      `The StatsD server has reached its ${this.#options.maxSeries} series: what comes with other labels is counted in ` +
        'series whose labels are "overflow", and further metrics are dropped. Use rules that drop or join them, or ' +
        'raise maxSeries.',
    );
    return 'too_many_series';
  }

  #conflict(reason: string): DropReason {
    this.#warn(
      'METRICS_STATSD_CONFLICT',
      `The StatsD server drops lines whose metric cannot be exposed: ${reason}. Give it another name by a rule.`,
    );
    return 'conflict';
  }

  /** Each problem is reported once; all lines are counted. */
  #warn(code: string, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    warn(code, message);
  }
}

function noTarget(reason: DropReason): { readonly target: Target; readonly hasRoom: boolean } {
  return { target: { kind: 'none', reason }, hasRoom: reason !== 'too_many_series' };
}

/** A part of a text keeps the whole of it in memory; a copy does not. */
export function copied(text: string): string {
  return Buffer.from(text).toString();
}
