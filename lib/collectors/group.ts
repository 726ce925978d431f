import { Counter } from '../metrics/counter.ts';
import { Gauge } from '../metrics/gauge.ts';
import type { Aggregator } from '../model/family.ts';
import type { LabelValue } from '../model/label-value.ts';
import type { Metric } from '../model/metric.ts';

/** Metrics that are left out together. None of them joins a registry by itself. */
export interface Group {
  readonly metrics: readonly Metric[];
  /** Releases what the group holds between scrapes; most hold nothing. */
  stop?(): void;
}

/** What the names and series of all groups have in common. */
export interface Naming {
  /** Stands before each name. */
  readonly prefix: string;
  /** Labels on every series; a metric's own label of the same name wins. */
  readonly labels: Readonly<Record<string, LabelValue>>;
}

/** A counter or gauge of a group. */
export interface DeclaredMetric {
  readonly type: 'counter' | 'gauge';
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  /** Its own labels; none unless given. */
  readonly labelNames?: readonly string[];
  readonly aggregator?: Aggregator;
}

/** The value of a metric; of one with labels, the series that there are. Undefined if it is not available. */
export type Reading = number | undefined | readonly (readonly [labelValues: readonly LabelValue[], value: number])[];

/**
 * Returns a group of metrics that are read together, so that their values agree: `read` returns the values in the order of
 * `declared`, and is called once for all metrics that are collected in one step.
 *
 * A metric whose value is not available at the start is left out. If it is not available later, the metric's `collect`
 * throws, so the scrape goes on without it and counts the failure: the last value would be wrong, and 0 would too.
 */
export function readTogether(
  naming: Naming,
  declared: readonly DeclaredMetric[],
  read: () => readonly Reading[],
): Group {
  let readings: readonly Reading[] | undefined;
  const current = (): readonly Reading[] => {
    if (readings === undefined) {
      readings = read();
      queueMicrotask(() => (readings = undefined));
    }
    return readings;
  };
  const available = read();
  const metrics = declared.flatMap((one, i) =>
    available[i] === undefined ? [] : [metricOf(naming, one, () => current()[i])],
  );
  return { metrics };
}

/** Options of a metric without its own ones. */
export function commonOptions({ prefix, labels }: Naming, name: string, ownLabelNames: readonly string[] = []) {
  const others = Object.keys(labels).filter((label) => !ownLabelNames.includes(label));
  return { name: prefix + name, labelNames: [...ownLabelNames, ...others], registers: [] };
}

function metricOf(naming: Naming, declared: DeclaredMetric, read: () => Reading): Metric {
  const { type, name, help, labelNames = [], aggregator } = declared;
  const write = (metric: Gauge | TotalCounter): void => {
    const reading = read();
    if (reading === undefined) throw new Error(`${name} is not available any more`);
    const series = typeof reading === 'number' ? [[[], reading] as const] : reading;
    for (const [values, value] of series) {
      const own = Object.fromEntries(labelNames.map((label, i) => [label, values[i]!]));
      metric.set({ ...naming.labels, ...own }, value);
    }
    if (typeof reading !== 'number') removeOthers(metric, reading);
  };
  const options = {
    ...commonOptions(naming, name, labelNames),
    help,
    ...(aggregator === undefined ? {} : { aggregator }),
    collect(): void {
      write(metric);
    },
  };
  const metric = type === 'counter' ? new TotalCounter(options) : new Gauge<string>(options);
  return metric;
}

/** Removes the series that are not in the reading any more. The metric's own labels are its first ones. */
function removeOthers(metric: Gauge | TotalCounter, reading: Exclude<Reading, number | undefined>): void {
  if (metric.series.length === reading.length) return;
  const kept = new Set(reading.map(([values]) => JSON.stringify(values.map(String))));
  for (const { labelValues } of [...metric.series]) {
    const own = labelValues.slice(0, reading[0]?.[0].length);
    if (!kept.has(JSON.stringify(own))) metric.remove(...labelValues);
  }
}

/**
 * A counter of a total that Node keeps since the process began. After a reset it counts from 0, and after an increment of
 * somebody else from there, as every counter does.
 */
class TotalCounter extends Counter<string> {
  readonly #startSeconds = processStartSeconds();
  /** By labels: the total of the last reading, that at which the counter was 0, and the value since then. */
  readonly #totals = new Map<string, { last: number; base: number; shown: number }>();
  #isReset = false;

  override get createdSeconds(): number {
    return this.#isReset ? super.createdSeconds : this.#startSeconds;
  }

  /** Raises the series of these labels to a total. */
  set(labels: Readonly<Record<string, LabelValue>>, total: number): void {
    const key = JSON.stringify(labels);
    const totals = this.#totals.get(key) ?? { last: 0, base: 0, shown: 0 };
    this.#totals.set(key, totals);
    const child = this.labels(labels);
    if (child.value !== totals.shown) {
      this.#isReset ||= child.value < totals.shown;
      totals.base = totals.last - child.value;
    }
    const rise = total - totals.base - child.value;
    if (rise > 0) child.inc(rise);
    totals.last = total;
    totals.shown = child.value;
  }
}

/** Unix time in seconds, to the millisecond, when the process started. */
export function processStartSeconds(): number {
  return Math.round(Date.now() - process.uptime() * 1000) / 1000;
}
