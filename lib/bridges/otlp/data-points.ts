import type {
  Exemplar,
  Family,
  HistogramFamily,
  HistogramSeries,
  NumberSeries,
  SummaryFamily,
  SummarySeries,
} from '../../model/family.ts';
import type { MessageWriter } from '../message-writer.ts';
import type { SentValue, SentValues } from '../sent-values.ts';
import { labelsOf } from '../tagged-name.ts';
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

const DELTA = 1;
const CUMULATIVE = 2;

/** Whether OTLP has data points for a family: not for gauge histograms; `target_info` is the resource. */
export function hasDataPoints({ type, name }: Family): boolean {
  return type !== 'gaugehistogram' && !(type === 'info' && name === 'target_info');
}

/** Opens the message of a metric, so that data points can follow. */
export function beginMetric(writer: MessageWriter, family: Family, field: number): void {
  writer.begin(field);
  writer.string(1, family.name);
  if (family.help !== '') writer.string(2, family.help);
  if (family.unit !== '') writer.string(3, ucumCode(family.unit));
  writer.begin(12);
  writer.string(1, 'prometheus.type');
  writer.begin(2);
  writer.string(1, family.type);
  writer.end();
  writer.end();
  writer.begin(KINDS[family.type as keyof typeof KINDS]);
}

/** Closes it. */
export function endMetric(writer: MessageWriter, { type }: Family, isDelta: boolean): void {
  if (type === 'counter' || type === 'histogram') writer.uint(2, isDelta ? DELTA : CUMULATIVE);
  else if (type === 'info' || type === 'stateset') writer.uint(2, CUMULATIVE);
  if (type === 'counter') writer.uint(3, 1);
  writer.end();
  writer.end();
}

/** How the data points of one push are written. */
export interface PointOptions {
  /** Unix time of the push in milliseconds. */
  readonly now: number;
  /** Where changes are sent instead of totals: what has been sent, and since when it counts at the earliest. */
  readonly changes: { readonly sent: SentValues; readonly since: number } | undefined;
}

const NONE: readonly SentValue[] = [];

/** Writes the data point of a series. Returns what counts as sent as soon as the point has arrived. */
export function writePoint(
  writer: MessageWriter,
  family: Family,
  series: Family['series'][number],
  { now, changes }: PointOptions,
): readonly SentValue[] {
  const startsAt = family.createdSeconds === undefined ? undefined : family.createdSeconds * 1000;
  const labels = labelsOf(family, series);
  const begin = (attributes: number, start: number | undefined): void => {
    writer.begin(1);
    for (const [name, value] of labels) writeAttribute(writer, attributes, name, value);
    if (start !== undefined) writer.nanoseconds(2, Math.min(start, now));
    writer.nanoseconds(3, now);
  };
  const changeOf = (total: number): SentValue | undefined => {
    if (changes === undefined) return undefined;
    const counted = changes.sent.count(family.name + JSON.stringify(series.labelValues), total);
    counted.pendingTime = now;
    return counted;
  };
  const startOf = (counted: SentValue | undefined): number | undefined =>
    counted === undefined ? startsAt : (counted.time ?? startsAt ?? changes?.since);
  switch (family.type) {
    case 'counter': {
      const { value, exemplar } = series as NumberSeries;
      const counted = changeOf(value);
      begin(7, startOf(counted));
      writer.double(4, value - (counted?.sent ?? 0));
      if (family.hasExemplars) writeExemplar(writer, 5, exemplar, now);
      writer.end();
      return counted === undefined ? NONE : [counted];
    }
    case 'histogram': {
      return writeHistogram(writer, family, series as HistogramSeries, now, changes?.sent, (count) => {
        const change = changeOf(count);
        begin(9, startOf(change));
        return change;
      });
    }
    case 'summary': {
      begin(7, startsAt);
      writeSummary(writer, family, series as SummarySeries);
      return NONE;
    }
    case 'gaugehistogram':
      return NONE; // has none, by hasDataPoints()
    default: {
      // A gauge has no beginning; nor do the sums of an info and a state set, which do not count.
      begin(7, undefined);
      writer.double(4, (series as NumberSeries).value);
      writer.end();
      return NONE;
    }
  }
}

function writeHistogram(
  writer: MessageWriter,
  family: HistogramFamily,
  series: HistogramSeries,
  now: number,
  sent: SentValues | undefined,
  begin: (count: number) => SentValue | undefined,
): readonly SentValue[] {
  const { bucketCounts, sum } = series;
  let count = 0;
  for (let i = 0; i < bucketCounts.length; i++) count += bucketCounts[i]!;
  const counted = begin(count);
  const key = `${family.name}${JSON.stringify(series.labelValues)}_sum`;
  const countedSum = counted === undefined ? undefined : sent?.sum(key, sum, counted);
  const before = counted === undefined || counted.sent === 0 ? undefined : counted.buckets;
  if (counted !== undefined) counted.pendingBuckets = [...bucketCounts];
  writer.fixed(4, count - (counted?.sent ?? 0));
  writer.double(5, sum - (countedSum?.sent ?? 0));
  writer.begin(6);
  for (let i = 0; i < bucketCounts.length; i++) writer.rawFixed(bucketCounts[i]! - (before?.[i] ?? 0));
  writer.end();
  writer.begin(7);
  for (const bound of family.upperBounds) writer.rawDouble(bound);
  writer.end();
  if (family.hasExemplars) for (const exemplar of series.exemplars ?? []) writeExemplar(writer, 8, exemplar, now);
  writer.end();
  return counted === undefined || countedSum === undefined ? [] : [counted, countedSum];
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
