import { Counter, Gauge, Histogram, Info, type LabelValue, type MetricsRegistry, StateSet } from '../../lib/core.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { Summary } from '../../lib/summary.ts';
import { turn } from '../support/turn.ts';
import type { ModelExemplar, Shape, State } from './model.ts';
import { classicCountsOf, type NativeShape, withObservation } from './native-model.ts';
import type { Collect, Form, Operation } from './operations.ts';

/** A metric of the library, by the methods that the run calls: labels are known at run time only. */
export interface Subject
  extends Record<'inc' | 'dec' | 'set' | 'observe' | 'select' | 'add', (...args: unknown[]) => void> {
  labels(...values: unknown[]): SubjectChild;
  remove(...labels: unknown[]): boolean;
  clear(): void;
  reset(): void;
  readonly series: readonly unknown[];
}

/** A child of any kind. */
export interface SubjectChild {
  inc(amount: number, exemplar?: Record<string, string>): void;
  dec(amount: number): void;
  set(value: number): void;
  observe(value: number, exemplar?: Record<string, string>): void;
}

/**
 * A child of a metric by way of the metric's own methods, which find it anew for each update; what they do not take, such as
 * exemplars, goes by way of `labels()`, as all does if the labels are given by position.
 */
export function childOf(subject: Subject, { labelNames }: Shape, labels: readonly unknown[], form: Form): SubjectChild {
  const first = labelNames.length === 0 ? [] : labels;
  if (form === 'position') return subject.labels(...(labelNames.length === 0 ? [{}] : labels));
  return {
    inc(amount, exemplar) {
      if (exemplar === undefined) subject.inc(...first, amount);
      else subject.labels(...labels).inc(amount, exemplar);
    },
    dec: (amount) => subject.dec(...first, amount),
    set: (value) => subject.set(...first, value),
    observe(value, exemplar) {
      if (exemplar === undefined) subject.observe(...first, value);
      else subject.labels(...labels).observe(value, exemplar);
    },
  };
}

/** An update that must be refused: it throws, and leaves nothing behind. Undefined if the kind takes everything. */
export function refusedUpdate(
  subject: Subject,
  shape: Shape,
  values: readonly LabelValue[],
  form: Form,
  variant: number,
): () => void {
  const { kind, labelNames } = shape;
  const labelled = form === 'position' ? 'object' : form;
  const labels = labelNames.length === 0 ? [] : labelArguments(shape, values, labelled);
  const known = labels[0] as object | undefined;
  const wrong = [{ ...known, unknown: 'x' }, ...labelNames.map((name) => ({ ...known, [name]: Symbol(name) }))];
  const wrongLabels = wrong[variant % wrong.length]!;
  const areLabelsWrong = kind === 'Info' || variant % 3 === 0;
  const first = areLabelsWrong ? [wrongLabels] : labels;
  const pick = (refused: readonly unknown[]): unknown => (areLabelsWrong ? 1 : refused[variant % refused.length]);
  switch (kind) {
    case 'Counter':
      return () => subject.inc(...first, pick([-1, NaN, Infinity, -5e-324, '1', true]));
    case 'Gauge':
      return () => subject[(['set', 'inc', 'dec'] as const)[variant % 3]!](...first, pick(['1', null, true]));
    case 'Histogram':
    case 'Summary':
      return () => subject.observe(...first, pick([NaN, Infinity, -Infinity, '1', null, undefined]));
    case 'Info':
      return () => subject[variant % 2 === 0 ? 'set' : 'add'](wrongLabels);
    case 'StateSet':
      if (variant % 2 === 0) return () => subject.select(...first, areLabelsWrong ? shape.states[0] : 'unknown');
      return () => subject.set(...first, areLabelsWrong ? shape.states[0] : 'unknown', true);
  }
}

/** What a change does to the library and, as a function of states, to the model. */
export interface Change {
  apply(child: SubjectChild): void;
  change(state: State): State;
}

/** The first five are the usual ones. Beside what escaping may break, every length that a character may have in UTF-8. */
const LABEL_VALUES: readonly LabelValue[] = [
  'a',
  '',
  7,
  '\ud800',
  '"\\\n',
  '\x7f',
  '\x80',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '\udfff',
  'x\udc00y',
  '\ud83d\ud83d\ude00',
  '\ufffd',
  '\ufffdd800',
  '\ufffdfffdd800',
  '\0',
  '\\n',
  '\\',
  '"',
  '\n',
  '\r',
  ',',
  '{}',
  '=',
  '# EOF',
  ' ',
  '\u2028',
  true,
  0,
  -1.5,
  '__proto__',
  'constructor',
  '+Inf',
  'x'.repeat(5000),
  'é'.repeat(3000),
  '漢'.repeat(700),
  '😀'.repeat(400),
  '\ud800'.repeat(100),
];

const AMOUNTS = [1, 0, 0.1, 1 / 3, 5e-324, 2 ** 53, 1e21, 1e-7, 1e300, Number.MAX_VALUE, 123_456_789.125, 1e16];
const SIGNED = [...AMOUNTS, -1, -0, -0.1, -1e300, -Number.MAX_VALUE, -5e-324];
const ANY = [...SIGNED, NaN, Infinity, -Infinity];
/** Of which quantiles are within 1 %. */
const MODERATE = [1, 0, 0.1, 1 / 3, 1e-3, 17, 1e6, 2.5, -1, -0.1, -300];
const EXEMPLARS: readonly Record<string, string>[] = [
  {},
  { trace_id: 'a"\\\n😀' },
  { trace_id: 'é'.repeat(50), x: '\ufeff' },
];
const BOUNDS = [[0.5, 1, 1e21], [-1, 0, 1e-7], [1], Array.from({ length: 30 }, (_, i) => i - 3)];
const DEFAULT_BOUNDS = Array.from({ length: 12 }, (_, i) => 2 ** (i - 8));
const NATIVE: readonly NativeShape[] = [
  {
    ...{ bucketFactor: 1.1, schema: 3, bounds: [0.25, 1, 4], isAlsoClassic: true, maxExemplars: Infinity },
    ...{ zeroThreshold: 2 ** -128, maxBuckets: Infinity, maxZeroThreshold: 0 },
  },
  {
    ...{ bucketFactor: 1.003, schema: 8, bounds: [1, 2 ** 70], isAlsoClassic: true, maxExemplars: Infinity },
    ...{ zeroThreshold: 0, maxBuckets: 12, maxZeroThreshold: 0 },
  },
  {
    ...{ bucketFactor: 65_536, schema: -4, bounds: [2 ** -16, 1, 2 ** 16], isAlsoClassic: true, maxExemplars: 0 },
    ...{ zeroThreshold: 0.1, maxBuckets: 2, maxZeroThreshold: 0 },
  },
  {
    ...{ bucketFactor: 2, schema: 0, bounds: DEFAULT_BOUNDS, isAlsoClassic: false, maxExemplars: 1 },
    ...{ zeroThreshold: 0.25, maxBuckets: 4, maxZeroThreshold: 16 },
  },
  {
    ...{ bucketFactor: 1.1, schema: 3, bounds: DEFAULT_BOUNDS, isAlsoClassic: false, maxExemplars: Infinity },
    ...{ zeroThreshold: 2 ** -128, maxBuckets: 20, maxZeroThreshold: 0 },
  },
  {
    ...{ bucketFactor: 2, schema: 0, bounds: [1, 8], isAlsoClassic: true, maxExemplars: 1 },
    ...{ zeroThreshold: 0.25, maxBuckets: 4, maxZeroThreshold: 16 },
  },
];
const STATES = ['', 'on', 'é"\\\n'];
const STEMS = ['m', 'm.x', 'é.ß', 'm:x', '漢 "q"\\', '_'];

/** What a metric of an operation looks like. `variant` chooses among names, labels, limits and bounds. */
export function shapeOf({ kind, serial, variant }: Operation & { readonly do: 'create' }): Shape {
  const stem = `${STEMS[variant % STEMS.length]}${serial}`;
  const canHaveUnit = kind !== 'Info' && kind !== 'StateSet';
  const unit = canHaveUnit && (variant >> 3) % 4 === 0 ? 'seconds' : '';
  const suffix = kind === 'Counter' ? '_total' : kind === 'Info' ? '_info' : '';
  const labelCount = kind === 'Info' ? 1 + ((variant >> 5) % 3) : (variant >> 5) % 4;
  const native =
    kind === 'Histogram' && (variant >> 15) % 2 === 0 ? NATIVE[(variant >> 11) % NATIVE.length] : undefined;
  const isLimited = canHaveUnit && labelCount > 0 && (variant >> 7) % 4 === 0;
  return {
    kind,
    name: `${kind === 'StateSet' ? stem.replace(':', ';') : stem}${unit === '' ? '' : `_${unit}`}${suffix}`,
    help: ['Help.', 'H\\e"l\np é漢😀.', 'x'.repeat(3000)][(variant >> 9) % 3]!,
    unit,
    labelNames: ['a', 'b.é', '漢'].slice(0, labelCount),
    upperBounds: native?.bounds ?? (kind === 'Histogram' ? BOUNDS[(variant >> 11) % BOUNDS.length]! : []),
    native,
    quantiles: kind === 'Summary' && (variant >> 11) % 2 === 0 ? [0.25, 0.5, 1] : [],
    states: kind === 'StateSet' ? STATES.slice(0, 1 + ((variant >> 11) % 3)) : [],
    maxSeries: isLimited ? [3, 150][(variant >> 13) % 2]! : Infinity,
    canExpire: canHaveUnit && labelCount > 0 && (variant >> 14) % 2 === 0,
  };
}

/** How long series live that can expire: longer than a run, but for the leaps of its clock. */
export const IDLE_SECONDS = 1e5;

/** Creates the metric of a shape, which joins the registry. */
export function createSubject(shape: Shape, collect: Collect, registry: MetricsRegistry): Subject {
  const { kind, name, help, unit, labelNames, upperBounds, native, quantiles, states, maxSeries, canExpire } = shape;
  const collecting = {
    ...(collect === 'none' ? {} : { collect: collect === 'sync' ? (): void => {} : turn }),
    ...(canExpire ? { idleSeconds: IDLE_SECONDS } : {}),
  };
  const options = { name, help, labelNames, maxSeries, registers: [registry] };
  switch (kind) {
    case 'Counter':
      return new Counter({ ...options, unit, ...collecting }) as unknown as Subject;
    case 'Gauge':
      return new Gauge({ ...options, unit, ...collecting }) as unknown as Subject;
    case 'Histogram':
      if (native !== undefined) {
        const { schema, bounds, isAlsoClassic, ...limits } = native;
        const buckets = nativeBuckets({ ...limits, ...(isAlsoClassic && { classicBounds: bounds }) });
        return new Histogram({ ...options, unit, buckets, ...collecting }) as unknown as Subject;
      }
      return new Histogram({ ...options, unit, buckets: upperBounds, ...collecting }) as unknown as Subject;
    case 'Summary':
      return new Summary({
        ...options,
        unit,
        percentiles: quantiles,
        maxAgeSeconds: 1e6 * IDLE_SECONDS,
        ...collecting,
      }) as unknown as Subject;
    case 'Info':
      return new Info(options) as unknown as Subject;
    case 'StateSet':
      return new StateSet({ ...options, states }) as unknown as Subject;
  }
}

/** The label values of an operation, as many as the shape has labels. */
export function labelValuesOf({ labelNames }: Shape, indexes: readonly number[]): LabelValue[] {
  return labelNames.map((_, i) => LABEL_VALUES[indexes[i]! % LABEL_VALUES.length]!);
}

/** The label values of one of the series that fill a metric. */
export function fillValues({ labelNames }: Shape, index: number): LabelValue[] {
  return labelNames.map((_, i) => (i === 0 ? `s${index}` : 'f'));
}

/** Label values as arguments: an object of them, in the order of the names or the other way round, or as they are. */
export function labelArguments({ labelNames }: Shape, values: readonly LabelValue[], form: Form): unknown[] {
  if (form === 'position') return [...values];
  const entries = labelNames.map((name, i) => [name, values[i]!] as const);
  return [Object.fromEntries(form === 'object' ? entries : entries.reverse())];
}

/** What an update of a child does, by the kind of its metric; an amount and a variant choose which. */
export function changeOf(
  { kind, quantiles, upperBounds, native }: Shape,
  amountIndex: number,
  variant: number,
  nowSeconds: number,
): Change {
  const pick = <T>(array: readonly T[]): T => array[amountIndex % array.length]!;
  const labels = EXEMPLARS[variant % 12];
  const exemplarOf = (value: number): ModelExemplar | undefined =>
    labels && { labels, value, timestampSeconds: nowSeconds };
  switch (kind) {
    case 'Counter': {
      const amount = pick(AMOUNTS);
      const exemplar = exemplarOf(amount);
      return {
        apply: (child) => child.inc(amount, labels),
        change: (state) => ({ ...state, value: state.value + amount, exemplar: exemplar ?? state.exemplar }),
      };
    }
    case 'Gauge': {
      const amount = pick(ANY);
      if (variant % 3 === 0)
        return { apply: (child) => child.set(amount), change: (state) => ({ ...state, value: amount }) };
      if (variant % 3 === 1)
        return { apply: (child) => child.inc(amount), change: (state) => ({ ...state, value: state.value + amount }) };
      return { apply: (child) => child.dec(amount), change: (state) => ({ ...state, value: state.value - amount }) };
    }
    case 'Histogram': {
      const value = variant % 2 === 0 ? pick(SIGNED) : (amountIndex % 40) - 5;
      const exemplar = exemplarOf(value);
      if (native !== undefined) {
        return {
          apply: (child) => child.observe(value, labels),
          change(state) {
            const after = withObservation(state.native!, native, value, exemplar);
            const counts = classicCountsOf(after, upperBounds);
            return { ...state, sum: state.sum + value, counts, exemplars: after.latest, native: after };
          },
        };
      }
      const bucket = [...upperBounds, Infinity].findIndex((bound) => value <= bound);
      return {
        apply: (child) => child.observe(value, labels),
        change: (state) => ({
          ...state,
          counts: state.counts.with(bucket, state.counts[bucket]! + 1),
          sum: state.sum + value,
          exemplars: exemplar === undefined ? state.exemplars : state.exemplars.with(bucket, exemplar),
        }),
      };
    }
    default: {
      const value = quantiles.length > 0 ? pick(MODERATE) : pick(SIGNED);
      return {
        apply: (child) => child.observe(value),
        change: (state) => ({ ...state, sum: state.sum + value, observations: [...state.observations, value] }),
      };
    }
  }
}
