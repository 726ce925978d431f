import type { Child } from '../../metrics/child.ts';
import { Counter } from '../../metrics/counter.ts';
import { Gauge } from '../../metrics/gauge.ts';
import { Histogram } from '../../metrics/histogram.ts';
import type { LabelIndex } from '../../metrics/label-index.ts';
import { Summary } from '../../metrics/summary.ts';
import type { Series } from '../../model/family.ts';
import { underscoredMetricName } from '../../model/names.ts';
import { seriesSnapshot } from '../../model/snapshot.ts';
import type { MetricsRegistry } from '../../registry/metrics-registry.ts';
import type { StatsdType } from './line-head.ts';

/** What lines become. A set is a gauge, but not one that lines of gauges may set. */
export type InstrumentKind = 'counter' | 'gauge' | 'set' | 'histogram' | 'summary';

/** A metric that is made of lines. */
export type Instrument = Counter<string> | Gauge<string> | Histogram<string> | Summary<string>;

/** How to create one. */
export interface InstrumentOptions {
  readonly kind: InstrumentKind;
  readonly name: string;
  readonly help: string;
  readonly buckets: readonly number[] | undefined;
  readonly quantiles: readonly number[] | undefined;
  readonly idleSeconds: number;
  readonly registry: MetricsRegistry;
}

/** Returns what lines of a type become. */
export function kindOf(type: StatsdType, hasQuantiles: boolean): InstrumentKind {
  if (type === 'counter' || type === 'gauge' || type === 'set') return type;
  return hasQuantiles ? 'summary' : 'histogram';
}

/** Returns a StatsD name as one of Prometheus, with the ending of its type: `api.calls` of a counter is `api_calls_total`. */
export function exposedName(name: string, type: StatsdType): string {
  const legal = underscoredMetricName(/^\d/.test(name) ? `_${name}` : name);
  const ending = type === 'counter' ? '_total' : type === 'timer' ? '_seconds' : '';
  return legal.endsWith(ending) ? legal : legal + ending;
}

/** Creates an instrument in its registry. Throws a RangeError if the registry has a series of this name. */
export function createInstrument(options: InstrumentOptions, labelNames: readonly string[]): Instrument {
  const { kind, registry, buckets, quantiles = [], ...rest } = options;
  // The series of all instruments together are counted by their owner.
  const common = { ...rest, labelNames, maxSeries: Infinity, registers: [registry] };
  switch (kind) {
    case 'counter':
      return new Counter(common);
    case 'gauge':
    case 'set':
      return new Gauge(common);
    case 'histogram':
      return new Histogram(buckets === undefined ? common : { ...common, buckets });
    case 'summary':
      return new Summary({ ...common, percentiles: quantiles });
  }
}

/**
 * Replaces an instrument by one with more labels, empty in the series that there are: a tag may come late, and the label
 * names of a metric are fixed. Calls `onMove` with each child and the one that has its numbers now.
 *
 * Scrapes under way that read the old series find copies in their places.
 */
export function withMoreLabels(
  instrument: Instrument,
  labelNames: readonly string[],
  options: InstrumentOptions,
  onMove: (from: Child, to: Child) => void,
): Instrument {
  options.registry.unregister(instrument);
  const wider = createInstrument(options, labelNames);
  // Its numbers count since then. With a later time, receivers would take them for an increase.
  Object.defineProperty(wider, 'createdSeconds', { value: instrument.createdSeconds });
  const series = instrument.series as unknown as (Child | Series)[];
  for (const [i, one] of series.entries()) {
    const child = one as Child;
    const values = child.texts;
    const to = childOf(
      wider,
      labelNames.map((_, depth) => values[depth] ?? ''),
    );
    series[i] = seriesSnapshot(instrument.type, child);
    child.giveTo(to);
    onMove(child, to);
  }
  return wider;
}

/** Returns the child of label values, created if needed. */
export function childOf(instrument: Instrument, values: readonly string[]): Child {
  return (instrument.labels as (...values: readonly string[]) => Child)(...values);
}

/** Whether there is a child of these label values. */
export function hasChild(instrument: Instrument, values: readonly string[]): boolean {
  const { index } = instrument as unknown as { readonly index: LabelIndex<Child> }; // protected, for lack of other users
  return index.peek(values) !== undefined;
}
