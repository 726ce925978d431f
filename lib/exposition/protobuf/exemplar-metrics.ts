import type { Exemplar } from '../../model/exemplar.ts';
import type { HistogramFamily, HistogramSeries, NumberFamily, NumberSeries, Series } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { COUNTER_START_FIELD, HISTOGRAM_START_FIELD, METRIC_FIELD, VALUE_FIELDS } from './fields.ts';
import { labelPair, LabelPairs } from './label-pairs.ts';
import { type ProtobufMetrics, SERIES_PER_STEP } from './metrics.ts';
import { countField, doubleField, messageField, timestampField } from './wire.ts';

/**
 * Writes a family of which some series have exemplars. These change all the time and with them the length of a series, so
 * what has been measured is held until it is written. Made for one scrape.
 */
export class ExemplarMetrics implements ProtobufMetrics {
  readonly series: readonly Series[];
  readonly #family: NumberFamily | HistogramFamily;
  readonly #labels: LabelPairs;
  readonly #createdSeconds: number | undefined;
  readonly #composed: Uint8Array[] = [];

  constructor(family: NumberFamily | HistogramFamily, names: NameScheme) {
    this.series = family.series;
    this.#family = family;
    this.#labels = new LabelPairs(family, names);
    this.#createdSeconds = family.createdSeconds;
  }

  stepBytes(step: number, count: number): number {
    const first = step * SERIES_PER_STEP;
    let bytes = 0;
    for (let i = first; i < first + count; i++) bytes += (this.#composed[i] ??= this.#compose(i)).length;
    return bytes;
  }

  writeStep(step: number, count: number, bytes: Uint8Array, at: number): void {
    const first = step * SERIES_PER_STEP;
    let end = at;
    for (let i = first; i < first + count; i++) {
      bytes.set(this.#composed[i]!, end);
      end += this.#composed[i]!.length;
    }
  }

  #compose(index: number): Uint8Array {
    const family = this.#family;
    const series = this.series[index]!;
    const { labelValues } = series;
    const labels = new Uint8Array(this.#labels.maxBytes(labelValues));
    const end = this.#labels.write(labelValues, labels, 0);
    const message = isHistogram(family)
      ? histogramMessage(family, series as HistogramSeries, this.#createdSeconds)
      : numberMessage(family, series as NumberSeries, this.#createdSeconds);
    return messageField(METRIC_FIELD, labels.subarray(0, end), messageField(VALUE_FIELDS[family.type], ...message));
  }
}

function isHistogram(family: NumberFamily | HistogramFamily): family is HistogramFamily {
  return family.type === 'histogram' || family.type === 'gaugehistogram';
}

function numberMessage({ type }: NumberFamily, series: NumberSeries, createdSeconds: number | undefined): Uint8Array[] {
  const { value, exemplar } = series;
  const message = [doubleField(1, value)];
  if (type !== 'counter') return message;
  if (exemplar !== undefined) message.push(exemplarField(2, exemplar));
  if (createdSeconds !== undefined) message.push(timestampField(COUNTER_START_FIELD, createdSeconds));
  return message;
}

function histogramMessage(family: HistogramFamily, series: HistogramSeries, createdSeconds: number | undefined): Uint8Array[] {
  const { type, upperBounds } = family;
  const { bucketCounts, sum, exemplars } = series;
  let count = 0;
  const buckets = [...upperBounds, Infinity].map((bound, i) => {
    count += bucketCounts[i]!;
    const exemplar = exemplars?.[i];
    return messageField(3, countField(1, count), doubleField(2, bound), ...(exemplar === undefined ? [] : [exemplarField(3, exemplar)]));
  });
  const hasStart = createdSeconds !== undefined && type === 'histogram';
  const start = hasStart ? [timestampField(HISTOGRAM_START_FIELD, createdSeconds)] : [];
  return [countField(1, count), doubleField(2, sum), ...buckets, ...start];
}

function exemplarField(field: number, { labels, value, timestampSeconds }: Exemplar): Uint8Array {
  const pairs = Object.entries(labels).map(([name, text]) => labelPair(name, text));
  const timestamp = timestampSeconds === undefined ? [] : [timestampField(3, timestampSeconds)];
  return messageField(field, ...pairs, doubleField(2, value), ...timestamp);
}
