import {
  type Family,
  type HistogramSeries,
  type NumberSeries,
  type SummarySeries,
  seriesNow,
} from '../model/family.ts';
import { describe, refuse } from '../model/names.ts';
import { checkBridgeOptions, PUSH_OPTIONS } from './check-options.ts';
import { type MetricsPush, PushLoop, type PushOptions, WorkSlice } from './push-loop.ts';
import { type SentValue, SentValues } from './sent-values.ts';
import { type Label, labelsOf } from './tagged-name.ts';

export type { MetricsPush, PushOptions } from './push-loop.ts';

/** Options for {@link startCloudwatchPush}. */
export interface CloudwatchPushOptions extends PushOptions {
  /** The CloudWatch namespace of the metrics, such as `Shop`. */
  readonly namespace: string;
  /** Takes each line, which ends with a line feed; may return a promise. Standard output unless given. */
  readonly write?: (line: string) => unknown;
}

const OPTIONS = [...PUSH_OPTIONS, 'namespace', 'write'] as const satisfies readonly (keyof CloudwatchPushOptions)[];

/** Limits of the embedded metric format: metrics of a directive, dimensions of a set, values of a metric. */
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;
const MAX_VALUES = 100;
/** Values of all histograms of a line: about 170 KB of the 256 KB that a log event may have. */
const MAX_LINE_VALUES = 4000;
/** CloudWatch refuses larger numbers, of either sign. */
const MAX_NUMBER = 2 ** 360;

/**
 * Writes a registry to standard output in CloudWatch's embedded metric format, 60 seconds apart unless told otherwise. AWS
 * Lambda, and the CloudWatch agent in containers, make metrics of these lines, so nothing is called over the network.
 *
 * Counters are written as changes since the last line, histograms as the values and counts of their buckets. In Lambda, set
 * `intervalSeconds: Infinity` and await `push()` at the end of each call.
 *
 * Throws a TypeError or RangeError if an option is invalid.
 *
 * @example
 * ```ts
 * const push = startCloudwatchPush({ namespace: 'Shop', intervalSeconds: Infinity, write: () => undefined });
 * await push.push();
 * ```
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function startCloudwatchPush(options: CloudwatchPushOptions): MetricsPush {
  checkBridgeOptions('push metrics to CloudWatch', options, OPTIONS);
  const { namespace, write = writeToStandardOutput } = options;
  if (typeof namespace !== 'string' || !/^(?!AWS\/)[\w.\-/#: ]{1,255}$/.test(namespace) || namespace.trim() === '') {
    throw new RangeError(
      'Cannot push metrics to CloudWatch: expected namespace as up to 255 letters, digits, spaces and "_.-/#:", not ' +
        `beginning with "AWS/", got ${describe(namespace)}.`,
    );
  }
  if (typeof write !== 'function') {
    refuse('push metrics to CloudWatch', 'write as a function', write);
  }
  const sent = new SentValues();
  const writeLine = async (document: Document): Promise<void> => {
    await write(`${lineOf(namespace, document, Date.now())}\n`);
    sent.confirm(document.metrics.flatMap(({ counted = [] }) => counted));
  };
  // While one hangs no other line is begun: it may still be written, and would be counted twice.
  let writing: Promise<void> = Promise.resolve();
  return new PushLoop('cloudwatch', options, 60, async (families, signal) => {
    await writing.catch(() => undefined);
    signal.throwIfAborted();
    const slice = new WorkSlice();
    sent.begin();
    for (const document of documentsOf(families, sent)) {
      if (document !== undefined) {
        writing = writeLine(document);
        await writing;
        signal.throwIfAborted(); // the next push may be under way
      }
      if (slice.isOver) await slice.next(signal);
    }
    sent.end();
  });
}

/** Resolves when the system has taken the line, so that a reader that is slow holds up the push and not the memory. */
function writeToStandardOutput(line: string): Promise<void> {
  const { stdout } = process;
  // That nobody reads is told by an event too, behind the callback, and would end the program if nobody listened.
  if (linesUnderWay++ === 0) stdout.on('error', ignore);
  const end = (): void => {
    if (--linesUnderWay === 0) stdout.off('error', ignore);
  };
  return new Promise((resolve, reject) => {
    stdout.write(line, (error) => {
      if (error == null) {
        end();
        resolve();
      } else {
        setImmediate(end);
        reject(error);
      }
    });
  });
}

let linesUnderWay = 0;

function ignore(): void {}

/** A metric of a line. */
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly value: number | { readonly Values: readonly number[]; readonly Counts: readonly number[] };
  /** What has arrived with the line. */
  readonly counted?: readonly SentValue[];
}

/** The metrics of one line, which have the same dimensions. */
interface Document {
  readonly dimensions: readonly Label[];
  readonly metrics: Metric[];
  /** Of all histograms. */
  valueCount: number;
}

function lineOf(Namespace: string, { dimensions, metrics }: Document, Timestamp: number): string {
  const Metrics = metrics.map(({ name, unit }) => ({ Name: name, Unit: unit }));
  const Dimensions = [dimensions.slice(0, MAX_DIMENSIONS).map(([name]) => name)];
  return JSON.stringify({
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace, Dimensions, Metrics }] },
    ...Object.fromEntries(dimensions),
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  });
}

/**
 * How many sets of labels wait for further metrics. With more, all are written, which bounds the memory, and what the garbage
 * collector has to copy: with 10,000 it stalled the process for 5 to 10 ms.
 */
const MAX_OPEN = 1000;

/**
 * Generates the lines of one push: series with the same labels share a line, up to 100 of them. Yields undefined behind each
 * series, where the push may pause.
 */
function* documentsOf(families: readonly Family[], sent: SentValues): Generator<Document | undefined> {
  const open = new Map<string, Document>();
  for (const family of families) {
    // What is added meanwhile is part of the next push.
    for (const series of seriesNow(family)) {
      const labels = labelsOf(family, series);
      const key = family.name + JSON.stringify(series.labelValues);
      for (const [metric, extra] of metricsOf(family, series as AnySeries, key, sent)) {
        const dimensions = dimensionsOf([...labels, ...extra], metric.name);
        const place = JSON.stringify(dimensions);
        const document = open.get(place) ?? { dimensions, metrics: [], valueCount: 0 };
        open.set(place, document);
        // A name may come twice where a histogram has more buckets than one metric may have values.
        if (document.metrics.some(({ name }) => name === metric.name)) {
          yield { dimensions, metrics: [metric], valueCount: 0 };
          continue;
        }
        document.metrics.push(metric);
        if (typeof metric.value === 'object') document.valueCount += metric.value.Values.length;
        if (document.metrics.length < MAX_METRICS && document.valueCount < MAX_LINE_VALUES) continue;
        open.delete(place);
        yield document;
      }
      if (open.size > MAX_OPEN) {
        yield* open.values();
        open.clear();
      }
      yield undefined;
    }
  }
  yield* open.values();
}

type AnySeries = NumberSeries & HistogramSeries & SummarySeries;

/** Generates the metrics of a series, each with the labels that it has besides those of the series. */
function* metricsOf(
  family: Family,
  series: AnySeries,
  key: string,
  sent: SentValues,
): Generator<readonly [Metric, readonly Label[]]> {
  const name = metricNameOf(family);
  const unit = unitOf(family);
  switch (family.type) {
    case 'counter': {
      const counted = sent.count(key, series.value);
      const value = counted.pending - counted.sent;
      if (value > 0 && isWritable(value)) yield [{ name, unit: unit ?? 'Count', value, counted: [counted] }, []];
      return;
    }
    case 'histogram': {
      const { bucketCounts } = series;
      const counted = sent.count(
        key,
        bucketCounts.reduce((total, inBucket) => total + inBucket, 0),
      );
      counted.pendingBuckets = bucketCounts;
      const { sent: sentCount, buckets = [] } = counted;
      const changes = bucketCounts.map((inBucket, i) => inBucket - (sentCount === 0 ? 0 : (buckets[i] ?? 0)));
      const full = changes
        .map((count, i) => ({ value: middleOf(family.upperBounds, i), count }))
        .filter(({ value, count }) => count > 0 && isWritable(value));
      for (let i = 0; i < full.length; i += MAX_VALUES) {
        const part = full.slice(i, i + MAX_VALUES);
        const value = { Values: part.map((one) => one.value), Counts: part.map(({ count }) => count) };
        const isLast = i + MAX_VALUES >= full.length;
        yield [{ name, unit: unit ?? 'None', value, ...(isLast ? { counted: [counted] } : {}) }, []];
      }
      return;
    }
    case 'summary': {
      const count = sent.count(key, series.count);
      const sum = sent.sum(`${key}_sum`, series.sum, count);
      const change = sum.pending - sum.sent;
      if (count.pending > count.sent) {
        yield [{ name: `${name}_count`, unit: 'Count', value: count.pending - count.sent, counted: [count] }, []];
        if (isWritable(change))
          yield [{ name: `${name}_sum`, unit: unit ?? 'None', value: change, counted: [sum] }, []];
      }
      for (const [i, quantile] of family.quantiles.entries()) {
        const value = series.quantileValues[i]!;
        if (isWritable(value)) yield [{ name, unit: unit ?? 'None', value }, [['quantile', String(quantile)]]];
      }
      return;
    }
    case 'gaugehistogram':
      return; // no metric of CloudWatch has buckets that fall
    default:
      if (isWritable(series.value)) yield [{ name, unit: unit ?? 'None', value: series.value }, []];
  }
}

/** The value that stands for the observations of a bucket: its middle, or the highest bound for those above all. */
function middleOf(upperBounds: readonly number[], bucket: number): number {
  const upper = upperBounds[bucket];
  if (upper === undefined) return upperBounds.at(-1) ?? 0;
  const lower = upperBounds[bucket - 1] ?? Math.min(0, upper);
  const width = upper - lower;
  return width < Infinity ? lower + width / 2 : 0; // its bounds are those of all numbers, nearly
}

function isWritable(value: number): boolean {
  return Math.abs(value) <= MAX_NUMBER;
}

/** CloudWatch's name of a unit; undefined where it has none. */
function unitOf({ name, unit }: Family): string | undefined {
  const word =
    unit ||
    name
      .replace(/_total$/, '')
      .split('_')
      .at(-1)!;
  return UNITS.get(word);
}

const UNITS: ReadonlyMap<string, string> = new Map([
  ['seconds', 'Seconds'],
  ['milliseconds', 'Milliseconds'],
  ['bytes', 'Bytes'],
  ['bits', 'Bits'],
  ['percent', 'Percent'],
]);

/** The name of a family as CloudWatch takes it, with room for what is added to it; `_aws` is what a line begins with. */
function metricNameOf({ name }: Family): string {
  return name === METADATA ? 'metric__aws' : name.replace(/[^\x21-\x7e]/gu, '_').slice(0, 1000);
}

/** Names and values that CloudWatch takes: ASCII, not longer than it says, and no name that the line has already. */
function dimensionsOf(labels: readonly Label[], metricName: string): readonly Label[] {
  const taken = new Set([metricName, METADATA]);
  return labels.map(([label, value]) => {
    const legal = label.replace(/[^\x21-\x7e]|^:/gu, '_').slice(0, 250);
    let name = legal;
    for (let i = 1; taken.has(name); i++) name = `label${i === 1 ? '' : i}_${legal}`.slice(0, 250);
    taken.add(name);
    const ascii = value.replace(/[^\x20-\x7e]/gu, '_').slice(0, 1024);
    return [name, ascii.trim() === '' ? '_' : ascii] as const;
  });
}

/** The key of the metadata of a line. */
const METADATA = '_aws';

/** The same names as the named exports. */
export default { startCloudwatchPush };
