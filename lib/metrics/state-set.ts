import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { describe, refuse } from '../model/names.ts';
import { GaugeChild } from './gauge.ts';
import { LabelledMetric } from './labelled-metric.ts';
import type { GenericLabels, MetricOptions, WithLabels } from './options.ts';

/** Options for a state set. It has no unit, and its series do not expire. */
export interface StateSetOptions<S extends string, L extends string>
  extends Omit<MetricOptions<L>, 'unit' | 'idleSeconds'> {
  /** The names of the states, at least one, each once. */
  readonly states: readonly S[];
}

class StateSet<S extends string, L extends string> extends LabelledMetric<GaugeChild, L> {
  static override readonly canExpire = false;
  readonly type = 'stateset';
  readonly states: readonly S[];

  constructor(options: StateSetOptions<S, L>) {
    super(withStateLabel(options), (parent, lastValue) => new GaugeChild(parent, lastValue));
    this.states = checkStates(options.states, this.name);
    this.clear();
    return this.join(options.ifExists) as this;
  }

  /** Turns one state on or off and leaves the others. Throws a RangeError on an unknown state or label. */
  set(...args: WithLabels<L, [state: S, isOn: boolean]>): void;
  set(...args: readonly unknown[]): void {
    const [state, isOn] = args.slice(-2);
    if (typeof isOn !== 'boolean') {
      refuse(`set a state of "${this.name}"`, 'true or false', isOn);
    }
    this.#child(state, args.length > 2 ? args[0] : {}).set(Number(isOn));
  }

  /** Turns one state on and all others off. Throws a RangeError on an unknown state or label. */
  select(...args: WithLabels<L, [state: S]>): void;
  select(...args: readonly unknown[]): void {
    const labels = args.length > 1 ? args[0] : {};
    const selected = this.#child(args.at(-1), labels);
    for (const state of this.states) this.#child(state, labels).set(0);
    selected.set(1);
  }

  /**
   * Removes the series of these labels: all states of them. Returns whether there was one. The states of a state set
   * without labels cannot be removed.
   */
  override remove(labels: Labels<L> | GenericLabels<L>): boolean;
  override remove<V extends readonly unknown[]>(...values: SpreadValues<V>): boolean;
  override remove(...values: PositionalValues<L>): boolean;
  override remove(...labels: readonly unknown[]): boolean {
    const [first] = labels;
    const withState = (state: S): readonly unknown[] | object =>
      typeof first === 'object' && first !== null ? { ...first, [this.name]: state } : [...labels, state];
    const isThere = this.index.peek(withState(this.states[0]!)) !== undefined; // throws before anything is removed
    if (!isThere || this.labelNames.length === 1) return false;
    for (const state of this.states) this.index.remove(withState(state));
    return true;
  }

  /** Removes every series; without labels, turns all states off. */
  override clear(): void {
    super.clear();
    if (this.labelNames.length === 1) for (const state of this.states) this.#child(state, {});
  }

  /** The series of a state; that of a new label set is created with those of all its other states. */
  #child(state: unknown, labels: unknown): GaugeChild {
    if (!this.states.includes(state as S)) {
      refuse(`set a state of "${this.name}"`, `${this.states.map(describe).join(', ')}`, state, RangeError);
    }
    const known = this.index.peek({ ...(labels as object), [this.name]: state });
    if (known !== undefined) return known;
    for (const each of this.states) this.index.find({ ...(labels as object), [this.name]: each });
    return this.index.find({ ...(labels as object), [this.name]: state });
  }
}

/** OpenMetrics 1.0, "StateSet": the state stands in a label that has the name of the metric. */
function withStateLabel(options: MetricOptions<string>): MetricOptions<string> {
  return { ...options, labelNames: [...(options?.labelNames ?? []), options?.name] };
}

function checkStates<S extends string>(states: readonly S[], metricName: string): readonly S[] {
  if (metricName.includes(':')) {
    throw new RangeError(
      `Cannot create state set "${metricName}": expected a name that can be a label's, without ":".`,
    );
  }
  const areStates = Array.isArray(states) && states.length > 0 && states.every((state) => typeof state === 'string');
  if (areStates && new Set(states).size === states.length) return Object.freeze([...states]) as readonly S[];
  throw new TypeError(
    `Cannot create state set "${metricName}": expected states as an array of strings, at least one and each once.`,
  );
}

/** Creates state sets. The type checker knows the states and the label names. */
export interface StateSetConstructor {
  new <const S extends string>(
    options: StateSetOptions<S, never> & { readonly labelNames?: readonly [] },
  ): StateSet<S, never>;
  new <const S extends string, const L extends string>(options: StateSetOptions<S, L>): StateSet<S, L>;
  readonly prototype: StateSet<string, string>;
}

/**
 * States of which each is on or off: the phase of a job, the features that are switched on.
 *
 * Exposes a series for each state:
 *
 * ```text
 * # HELP job_phase Phase of the job.
 * # TYPE job_phase gauge
 * job_phase{job_phase="waiting"} 0
 * job_phase{job_phase="running"} 1
 * ```
 *
 * OpenMetrics has a type of its own for it; the other formats expose it as a gauge. A change costs some hundred
 * nanoseconds: states are not for a hot path.
 *
 * @example
 * ```ts
 * const phase = new StateSet({ name: 'job_phase', help: 'Phase of the job.', states: ['waiting', 'running'] });
 * phase.select('running');
 * ```
 */
const TypedStateSet: StateSetConstructor = StateSet;
type TypedStateSet<S extends string = string, L extends string = string> = StateSet<S, L>;

export { TypedStateSet as StateSet };
