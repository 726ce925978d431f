import type {
  Exemplar,
  Family,
  HistogramFamily,
  HistogramSeries,
  NativeHistogram,
  NumberFamily,
  NumberSeries,
  Series,
  SummaryFamily,
  SummarySeries,
} from '../../model/family.ts';
import { copyNative } from '../../model/snapshot.ts';
import type { MessageWriter } from '../message-writer.ts';
import type { SentValue, SentValues } from '../sent-values.ts';
import type { SeriesStarts } from '../series-starts.ts';
import { labelsOf } from '../tagged-name.ts';
import { countedSince, writeScaleAndBuckets } from './exponential-histogram.ts';
import { ucumCode } from './units.ts';

/** The field of Metric that holds the data points of a kind. */
const KINDS = {
  counter: 7,
  info: 7,
  stateset: 7,
  gauge: 5,
  unknown: 5,
  histogram: 9,
  summary: 11,
} as const;
const EXPONENTIAL = 10;

const DELTA = 1;
const CUMULATIVE = 2;

/** Whether OTLP has data points for a family: not for gauge histograms; `target_info` is the resource. */
export function hasDataPoints({ type, name }: Family): boolean {
  return type !== 'gaugehistogram' && !(type === 'info' && name === 'target_info');
}

/** How the data points of one push are written. */
export interface PointOptions {
  /** Unix time of the push in milliseconds. */
  readonly now: number;
  /** Where changes are sent instead of totals: what has been sent, and since when it counts at the earliest. */
  readonly changes: { readonly sent: SentValues; readonly since: number } | undefined;
  /** Since when series count that are younger than their family. */
  readonly starts: SeriesStarts;
  /** Whether native buckets are sent. */
  readonly isNative: boolean;
}

const NONE: readonly SentValue[] = [];

/** Writes metrics with their data points into a message that is open. */
export class DataPoints {
  readonly #writer: MessageWriter;
  readonly #options: PointOptions;
  /** The metric that is open. */
  #family: Family | undefined;
  #kind = 0;

  constructor(writer: MessageWriter, options: PointOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  /** Writes the data point of a series. Returns what counts as sent as soon as the point has arrived. */
  add(family: Family, series: Family['series'][number]): readonly SentValue[] {
    const native =
      family.type === 'histogram' && this.#options.isNative ? (series as HistogramSeries).native : undefined;
    const kind = native === undefined ? KINDS[family.type as keyof typeof KINDS] : EXPONENTIAL;
    if (this.#family !== family || this.#kind !== kind) {
      this.end();
      this.#begin(family, kind);
    }
    switch (family.type) {
      case 'counter':
        return this.#counter(family, series as NumberSeries);
      case 'histogram':
        return native === undefined
          ? this.#histogram(family, series as HistogramSeries)
          : this.#exponential(family, series, native);
      case 'summary':
        this.#beginPoint(family, series, 7, this.#startOf(family, series, undefined));
        writeSummary(this.#writer, family, series as SummarySeries);
        return NONE;
      default:
        // A gauge has no beginning; nor do the sums of an info and a state set, which do not count.
        this.#beginPoint(family, series, 7, undefined);
        this.#writer.double(4, (series as NumberSeries).value);
        this.#writer.end();
        return NONE;
    }
  }

  /** Closes the metric that is open, if one is. */
  end(): void {
    if (this.#family === undefined) return;
    const { type } = this.#family;
    this.#family = undefined;
    const writer = this.#writer;
    if (type === 'counter' || type === 'histogram')
      writer.uint(2, this.#options.changes === undefined ? CUMULATIVE : DELTA);
    else if (type === 'info' || type === 'stateset') writer.uint(2, CUMULATIVE);
    if (type === 'counter') writer.uint(3, 1);
    writer.end();
    writer.end();
  }

  #begin(family: Family, kind: number): void {
    this.#family = family;
    this.#kind = kind;
    const writer = this.#writer;
    writer.begin(2);
    writer.string(1, family.name);
    if (family.help !== '') writer.string(2, family.help);
    if (family.unit !== '') writer.string(3, ucumCode(family.unit));
    writeAttribute(writer, 12, 'prometheus.type', family.type);
    writer.begin(kind);
  }

  #counter(family: NumberFamily, series: NumberSeries): readonly SentValue[] {
    const writer = this.#writer;
    const { value, exemplar } = series;
    const counted = this.#changeOf(family, series, value);
    this.#beginPoint(family, series, 7, this.#startOf(family, series, counted));
    writer.double(4, value - (counted?.sent ?? 0));
    if (family.hasExemplars) writeExemplar(writer, 5, exemplar, this.#options.now);
    writer.end();
    return counted === undefined ? NONE : [counted];
  }

  #histogram(family: HistogramFamily, series: HistogramSeries): readonly SentValue[] {
    const writer = this.#writer;
    const { bucketCounts, sum } = series;
    let count = 0;
    for (let i = 0; i < bucketCounts.length; i++) count += bucketCounts[i]!;
    const counted = this.#changeOf(family, series, count);
    const countedSum = counted && this.#options.changes!.sent.sum(`${keyOf(family, series)}_sum`, sum, counted);
    const before = counted === undefined || counted.sent === 0 ? undefined : counted.buckets;
    if (counted !== undefined) counted.pendingBuckets = [...bucketCounts];
    this.#beginPoint(family, series, 9, this.#startOf(family, series, counted));
    writer.fixed(4, count - (counted?.sent ?? 0));
    writer.double(5, sum - (countedSum?.sent ?? 0));
    writer.begin(6);
    for (let i = 0; i < bucketCounts.length; i++) writer.rawFixed(bucketCounts[i]! - (before?.[i] ?? 0));
    writer.end();
    writer.begin(7);
    for (const bound of family.upperBounds) writer.rawDouble(bound);
    writer.end();
    const exemplars = family.hasExemplars ? (series.exemplars ?? []) : [];
    for (const exemplar of exemplars) writeExemplar(writer, 8, exemplar, this.#options.now);
    writer.end();
    return counted === undefined || countedSum === undefined ? NONE : [counted, countedSum];
  }

  #exponential(family: HistogramFamily, series: Series, native: NativeHistogram): readonly SentValue[] {
    const writer = this.#writer;
    const counted = this.#changeOf(family, series, native.count);
    let sent = native;
    if (counted !== undefined) {
      const since = counted.sent > 0 && counted.native ? countedSince(native, counted.native) : undefined;
      counted.pendingNative = copyNative(native);
      sent = since ?? native;
    }
    this.#beginPoint(family, series, 1, this.#startOf(family, series, counted, native.createdSeconds));
    writer.fixed(4, sent.count);
    writer.double(5, sent.sum);
    writeScaleAndBuckets(writer, sent);
    for (const exemplar of native.exemplars) writeExemplar(writer, 11, exemplar, this.#options.now);
    writer.end();
    return counted === undefined ? NONE : [counted];
  }

  /** Opens a data point; the fields of its times are the same in all kinds. */
  #beginPoint(family: Family, series: Series, attributes: number, start: number | undefined): void {
    const writer = this.#writer;
    const { now } = this.#options;
    writer.begin(1);
    for (const [name, value] of labelsOf(family, series)) writeAttribute(writer, attributes, name, value);
    if (start !== undefined) writer.nanoseconds(2, Math.min(start, now));
    writer.nanoseconds(3, now);
  }

  /** Unix time in milliseconds since when a point counts. */
  #startOf(
    family: Family,
    series: Series,
    counted: SentValue | undefined,
    createdSeconds = family.createdSeconds,
  ): number | undefined {
    const { starts, changes } = this.#options;
    if (counted?.time !== undefined) return counted.time;
    const startsAt = Math.max((createdSeconds ?? -Infinity) * 1000, starts.of(family, series) ?? -Infinity);
    return startsAt === -Infinity ? changes?.since : startsAt;
  }

  #changeOf(family: Family, series: Series, total: number): SentValue | undefined {
    const { changes, now } = this.#options;
    if (changes === undefined) return undefined;
    const counted = changes.sent.count(keyOf(family, series), total);
    counted.pendingTime = now;
    return counted;
  }
}

function keyOf({ name }: Family, { labelValues }: Series): string {
  return name + JSON.stringify(labelValues);
}

function writeSummary(writer: MessageWriter, { quantiles }: SummaryFamily, series: SummarySeries): void {
  const { quantileValues, sum, count } = series;
  writer.fixed(4, count);
  writer.double(5, sum);
  for (let i = 0; i < quantiles.length; i++) {
    writer.begin(6);
    writer.double(1, quantiles[i]!);
    writer.double(2, quantileValues[i]!);
    writer.end();
  }
  writer.end();
}

/** Writes an exemplar; its trace and its span have fields of their own, if they are what OpenTelemetry calls one. */
function writeExemplar(writer: MessageWriter, field: number, exemplar: Exemplar | undefined, now: number): void {
  if (exemplar === undefined) return;
  writer.begin(field);
  const { timestampSeconds } = exemplar;
  writer.nanoseconds(2, timestampSeconds === undefined ? now : timestampSeconds * 1000);
  writer.double(3, exemplar.value);
  for (const [name, value] of Object.entries(exemplar.labels)) {
    if (name === 'span_id' && /^[0-9a-f]{16}$/i.test(value)) writer.bytes(4, Buffer.from(value, 'hex'));
    else if (name === 'trace_id' && /^[0-9a-f]{32}$/i.test(value)) writer.bytes(5, Buffer.from(value, 'hex'));
    else writeAttribute(writer, 7, name, value);
  }
  writer.end();
}

/** Writes a KeyValue with a string. */
export function writeAttribute(writer: MessageWriter, field: number, name: string, value: string): void {
  writer.begin(field);
  writer.string(1, name);
  writer.begin(2);
  writer.string(1, value);
  writer.end();
  writer.end();
}
