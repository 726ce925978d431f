import type { ModelExemplar } from './model.ts';

/** Options for native buckets. */
export interface NativeShape {
  readonly bucketFactor: number;
  /** The resolution that follows from the factor. */
  readonly schema: number;
  /** Upper bounds of the classic buckets, which are bounds of native ones. */
  readonly bounds: readonly number[];
  /** Whether the bounds are given, so that protobuf has both forms; if not, they are the default ones. */
  readonly isAlsoClassic: boolean;
  readonly zeroThreshold: number;
  readonly maxBuckets: number;
  readonly maxZeroThreshold: number;
  /** Which of many are kept is compared in `spec/native/client-golang.test.ts`. */
  readonly maxExemplars: 0 | 1 | typeof Infinity;
}

/** What native buckets hold at a moment: the counts by index. Never changed, but replaced. */
export interface NativeState {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
  /** By increasing value. */
  readonly exemplars: readonly ModelExemplar[];
  /** The latest of each classic bucket. */
  readonly latest: readonly (ModelExemplar | undefined)[];
}

const MIN_SCHEMA = -4;

/** Native buckets before the first observation. */
export function emptyNative({ schema, zeroThreshold, bounds }: NativeShape): NativeState {
  const latest = [...bounds, Infinity].map(() => undefined);
  return { schema, zeroThreshold, zeroCount: 0, positive: new Map(), negative: new Map(), exemplars: [], latest };
}

/** Native buckets after one more observation, by the specification's definition of a bucket and the limits of client_golang. */
export function withObservation(
  state: NativeState,
  shape: NativeShape,
  value: number,
  exemplar: ModelExemplar | undefined,
): NativeState {
  const counted = withCount(withExemplar(state, shape, exemplar), value);
  if (counted.positive.size + counted.negative.size <= shape.maxBuckets) return counted;
  return withWiderZeroBucket(counted, shape) ?? withHalfTheResolution(counted);
}

/** The counts in classic buckets, not cumulative: a native bucket is in the first whose bound is not below it. */
export function classicCountsOf(
  { schema, zeroCount, positive, negative }: NativeState,
  upperBounds: readonly number[],
): number[] {
  const counts = [...upperBounds, Infinity].map(() => 0);
  counts[0]! += zeroCount;
  for (const count of negative.values()) counts[0]! += count;
  for (const [index, count] of positive) {
    const bucket = upperBounds.findIndex((bound) => index <= indexOf(bound, schema));
    counts[bucket === -1 ? upperBounds.length : bucket]! += count;
  }
  return counts;
}

/** The latest exemplar; of several, that of the largest value. */
export function latestOf(exemplars: readonly ModelExemplar[]): ModelExemplar | undefined {
  const latest = Math.max(...exemplars.map(({ timestampSeconds }) => timestampSeconds));
  return exemplars.findLast(({ timestampSeconds }) => timestampSeconds === latest);
}

function withCount(state: NativeState, value: number): NativeState {
  if (Math.abs(value) <= state.zeroThreshold) return { ...state, zeroCount: state.zeroCount + 1 };
  const sign = value > 0 ? 'positive' : 'negative';
  const index = indexOf(Math.abs(value), state.schema);
  return { ...state, [sign]: new Map(state[sign]).set(index, (state[sign].get(index) ?? 0) + 1) };
}

/** The index of the bucket of a positive number: bucket `i` ends at, and contains, `2 ** (i / 2 ** schema)`. */
function indexOf(value: number, schema: number): number {
  return Math.ceil(Math.log2(value) * 2 ** schema) + 0; // not -0
}

function withExemplar(
  state: NativeState,
  { maxExemplars, bounds }: NativeShape,
  exemplar: ModelExemplar | undefined,
): NativeState {
  if (exemplar === undefined || maxExemplars === 0) return state;
  const bucket = [...bounds, Infinity].findIndex((bound) => exemplar.value <= bound);
  const others = maxExemplars === 1 ? [] : state.exemplars;
  const exemplars = [...others, exemplar].sort((a, b) => a.value - b.value);
  return { ...state, exemplars, latest: state.latest.with(bucket, exemplar) };
}

function withWiderZeroBucket(state: NativeState, { maxZeroThreshold }: NativeShape): NativeState | undefined {
  const { schema, positive, negative } = state;
  const nearest = Math.min(...positive.keys(), ...negative.keys());
  const zeroThreshold = 2 ** (nearest / 2 ** schema);
  if (state.zeroThreshold >= maxZeroThreshold || zeroThreshold > maxZeroThreshold) return undefined;
  const isFarther = ([index]: readonly [number, number]): boolean => index > nearest;
  return {
    ...state,
    zeroThreshold,
    zeroCount: state.zeroCount + (positive.get(nearest) ?? 0) + (negative.get(nearest) ?? 0),
    positive: new Map([...positive].filter(isFarther)),
    negative: new Map([...negative].filter(isFarther)),
  };
}

function withHalfTheResolution(state: NativeState): NativeState {
  if (state.schema === MIN_SCHEMA) return state;
  const halve = (buckets: ReadonlyMap<number, number>): ReadonlyMap<number, number> => {
    const wider = new Map<number, number>();
    for (const [index, count] of buckets) {
      const half = Math.ceil(index / 2) + 0;
      wider.set(half, (wider.get(half) ?? 0) + count);
    }
    return wider;
  };
  return { ...state, schema: state.schema - 1, positive: halve(state.positive), negative: halve(state.negative) };
}
