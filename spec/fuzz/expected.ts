import { type Escaping, escapedName, exposedValue, type FuzzFormat } from './formats.ts';
import type { ModelExemplar, Shape, State } from './model.ts';
import { latestOf, type NativeShape, type NativeState } from './native-model.ts';

/** What a format makes of a metric's metadata. */
export interface ExpectedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

const TYPES: Readonly<Record<Shape['kind'], string>> = {
  Counter: 'counter',
  Gauge: 'gauge',
  Histogram: 'histogram',
  Summary: 'summary',
  Info: 'info',
  StateSet: 'stateset',
};

/** The family of a metric as a format has it. `name` is as exposed, with the registry's prefix. */
export function expectedFamily(
  { kind, name, help, unit }: Pick<Shape, 'kind' | 'name' | 'help' | 'unit'>,
  { protocol, escaping }: FuzzFormat,
): ExpectedFamily {
  const escaped = escapedName(name, escaping, false);
  const isPlain = kind === 'Info' || kind === 'StateSet';
  if (protocol === 'openmetrics2') {
    const hasUnit = !isPlain;
    return { name: escaped, type: TYPES[kind], help, unit: hasUnit ? unit : '' };
  }
  if (protocol !== 'openmetrics') {
    const type = isPlain ? 'gauge' : TYPES[kind];
    const hasUnit = protocol === 'protobuf' && without(escaped, '_total').endsWith(`_${unit}`);
    return { name: escaped, type, help, unit: hasUnit ? unit : '' };
  }
  const base = kind === 'Counter' ? without(escaped, '_total') : kind === 'Info' ? without(escaped, '_info') : escaped;
  return { name: base, type: TYPES[kind], help, unit: base.endsWith(`_${unit}`) ? unit : '' };
}

/** The labels of a series as a format has them, sorted, in JSON. */
export function expectedLabels(
  shape: Shape,
  labelValues: readonly string[],
  constantLabels: Readonly<Record<string, string>>,
  escaping: Escaping,
): string {
  const names = shape.kind === 'StateSet' ? [...shape.labelNames, shape.name] : shape.labelNames;
  const own = names.map((name, i) => [escapedName(name, escaping, true), exposedValue(labelValues[i]!)] as const);
  const constant = Object.entries(constantLabels).map(
    ([name, value]) => [escapedName(name, escaping, true), value] as const,
  );
  return labelsKey([...own, ...constant]);
}

/** The same text for the same labels, in whatever order. */
export function labelsKey(labels: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Whether the points of a series, as they were read, are those of a state that it had during the scrape.
 *
 * An exemplar is an event among those that were counted, so one of an earlier moment of the scrape stands beside newer numbers
 * as well: an encoder that measures a family before it writes it may have no room for the latest, or for the first.
 */
export function isOfSeries(points: readonly string[], during: SeriesTimes, shape: Shape, format: FuzzFormat): boolean {
  const states = during.states.filter((state) => state !== undefined);
  const hadNone = states.length < during.states.length || during.hasExemplars.includes(false);
  const exemplars = [...states, ...(hadNone ? states.slice(0, 1).map(withoutExemplars) : [])];
  return states.some((state) =>
    during.createdSeconds.some((created) => {
      const alternatives = exemplars.map((of) =>
        expectedPoints({ ...state, exemplar: of.exemplar, exemplars: of.exemplars }, created, shape, format),
      );
      return (
        points.length === alternatives[0]!.length &&
        points.every((point, i) => alternatives.some((expected) => isPoint(point, expected[i]!)))
      );
    }),
  );
}

/** What a series and its metric were during a scrape. */
export interface SeriesTimes {
  readonly states: readonly (State | undefined)[];
  readonly createdSeconds: readonly number[];
  readonly hasExemplars: readonly boolean[];
}

function withoutExemplars(state: State): State {
  return { ...state, exemplar: undefined, exemplars: state.exemplars.map(() => undefined) };
}

function isPoint(point: string, expected: ExpectedPoint): boolean {
  return typeof expected === 'string' ? point === expected : expected(point);
}

/** A point as it is written, or what it has to satisfy. */
type ExpectedPoint = string | ((point: string) => boolean);

/** The points of a state, in order. */
export function expectedPoints(
  state: State,
  created: number,
  { kind, upperBounds, native, quantiles }: Shape,
  format: FuzzFormat,
): ExpectedPoint[] {
  const isOpenMetrics = format.protocol === 'openmetrics';
  const isOpenMetrics2 = format.protocol === 'openmetrics2';
  const hasExemplars = format.protocol !== 'text';
  const hasCreated = format.protocol === 'protobuf' || isOpenMetrics2 || (isOpenMetrics && format.hasCreatedLines);
  const createdPoints = hasCreated ? [point('_created', '', seconds(created))] : [];
  const exemplarIf = (exemplar: ModelExemplar | undefined): ModelExemplar | undefined =>
    hasExemplars ? exemplar : undefined;
  switch (kind) {
    case 'Counter':
      return [point(isOpenMetrics ? '_total' : '', '', state.value, exemplarIf(state.exemplar)), ...createdPoints];
    case 'Info':
      return [point(isOpenMetrics ? '_info' : '', '', 1)];
    case 'Histogram': {
      if (state.native !== undefined && format.protocol === 'protobuf')
        return [...bucketsBeside(state, native!), ...nativePoints(state.native, state.sum), ...createdPoints];
      const isNative2 = isOpenMetrics2 && state.native !== undefined;
      let count = 0;
      const buckets = [...upperBounds, Infinity].map((bound, i) => {
        count += state.counts[i]!;
        return point('_bucket', String(bound), count, isNative2 ? undefined : exemplarIf(state.exemplars[i]));
      });
      if (isNative2) {
        return [...buckets, ...nativePoints(state.native, state.sum), ...createdPoints];
      }
      // OpenMetrics: a sum that may fall is none, and without a sum there is no count.
      const hasTotals = !isOpenMetrics || (state.sum >= 0 && !(upperBounds[0]! < 0));
      return [
        ...buckets,
        ...(hasTotals ? [point('_sum', '', state.sum), point('_count', '', count)] : []),
        ...createdPoints,
      ];
    }
    case 'Summary': {
      const sorted = state.observations.toSorted((a, b) => a - b);
      const values = quantiles.map((quantile) => sorted[Math.max(Math.ceil(quantile * sorted.length), 1) - 1] ?? NaN);
      const points = quantiles.flatMap((quantile, i): ExpectedPoint[] =>
        // OpenMetrics: no quantile below 0.
        (isOpenMetrics || isOpenMetrics2) && values[i]! < 0 ? [] : [(read) => isQuantile(read, quantile, values[i]!)],
      );
      const sums = isOpenMetrics && !(state.sum >= 0) ? [] : [point('_sum', '', state.sum)];
      return [...points, ...sums, point('_count', '', state.observations.length), ...createdPoints];
    }
    default:
      return [point('', '', state.value)];
  }
}

/** The classic buckets beside native ones: that of all values if it has an exemplar, and those of the bounds that were given. */
function bucketsBeside({ counts, native }: State, { bounds, isAlsoClassic }: NativeShape): string[] {
  const { exemplars, latest } = native!;
  const last = isAlsoClassic ? latest.at(-1) : latestOf(exemplars);
  let count = 0;
  const points = counts.map((one, i) => point('_bucket', String(bounds[i] ?? Infinity), (count += one), latest[i]));
  return [
    ...(isAlsoClassic ? points.slice(0, -1) : []),
    ...(last === undefined ? [] : [point('_bucket', 'Infinity', count, last)]),
  ];
}

/** The points of native buckets: the parts of the message, and each bucket that is not empty. */
function nativePoints({ schema, zeroThreshold, zeroCount, exemplars, ...buckets }: NativeState, sum: number): string[] {
  const bucketPoints = (['negative', 'positive'] as const).flatMap((sign) =>
    [...buckets[sign]].sort(([a], [b]) => a - b).map(([index, count]) => point(sign, String(index), count)),
  );
  const counts = [...buckets.negative.values(), ...buckets.positive.values()];
  const count = counts.reduce((total, one) => total + one, zeroCount);
  return [
    point('schema', '', schema),
    point('zero', String(zeroThreshold), zeroCount),
    ...bucketPoints,
    ...exemplars.map((exemplar) => point('exemplar', '', exemplar.value, exemplar)),
    point('_sum', '', sum),
    point('_count', '', count),
  ];
}

/** A point: the end of the sample's name, its bound or quantile, its value and its exemplar. */
export function point(suffix: string, bound: string, value: number, exemplar?: ModelExemplar): string {
  return `${suffix}|${bound}|${value}${exemplar === undefined ? '' : `|${exemplarText(exemplar)}`}`;
}

/** A time to the millisecond, which is what clocks give: formats have it in different parts. */
export function seconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}

function exemplarText({ labels, value, timestampSeconds }: ModelExemplar): string {
  return `${labelsKey(Object.entries(labels))} ${value} ${seconds(timestampSeconds)}`;
}

/** Quantiles are estimated within 1 %. */
function isQuantile(read: string, quantile: number, exact: number): boolean {
  const [suffix, bound, value] = read.split('|');
  if (suffix !== '' || bound !== String(quantile)) return false;
  return Object.is(Number(value), exact) || Math.abs(Number(value) - exact) <= Math.abs(exact) * 0.010_001;
}

function without(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
