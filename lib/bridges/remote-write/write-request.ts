import type { Family, NativeHistogram } from '../../model/family.ts';
import { MessageWriter } from '../message-writer.ts';
import { COUNTING } from '../series-starts.ts';
import { writeNativeCounts } from './native-histogram.ts';

/** A version of the protocol. */
export type Version = 1 | 2;

/** A series as it is sent. */
export interface SentSeries {
  /** Sorted by the bytes of their names, `__name__` among them; none is empty. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number | NativeHistogram;
  /** Whether the series ends: a stale marker is sent instead of the value. */
  readonly isStale: boolean;
  readonly exemplars: readonly SentExemplar[];
}

/** An exemplar as it is sent. */
export interface SentExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix time. */
  readonly milliseconds: number;
}

/** MetricMetadata.MetricType and Metadata.MetricType, which are the same. */
const TYPES = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
} as const;

/**
 * A WriteRequest of version 1.0, or a Request of 2.0, whose texts stand in a table of symbols.
 *
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export class WriteRequest {
  readonly #version: Version;
  readonly #series = new MessageWriter();
  readonly #texts = new MessageWriter();
  readonly #symbols = new Map<string, number>();
  #described: Family | undefined;

  constructor(version: Version) {
    this.#version = version;
    if (version === 2) this.#symbol('');
  }

  /** Bytes before compression. */
  get length(): number {
    return this.#series.length + this.#texts.length;
  }

  /** How many samples there are; stale markers are samples too. */
  samples = 0;
  hasStaleMarkers = false;
  /** How many series of this library they are of, without those that end. */
  seriesCount = 0;

  /**
   * Adds a series with one sample. `now` is in milliseconds since 1970, as is the time since when the series counts, if that is
   * later than its family.
   */
  add(family: Family, series: SentSeries, now: number, startsAt?: number): void {
    const isSecond = this.#version === 2;
    const writer = this.#series;
    this.samples++;
    if (series.isStale) this.hasStaleMarkers = true;
    writer.begin(isSecond ? 5 : 1);
    this.#labels(series.labels);
    this.#sample(family, series, now, startsAt);
    for (const { labels, value, milliseconds } of series.exemplars) {
      writer.begin(isSecond ? 4 : 3);
      this.#labels(Object.entries(labels));
      writer.double(2, value);
      writer.uint(3, milliseconds);
      writer.end();
    }
    if (isSecond) {
      writer.begin(5);
      writer.uint(1, TYPES[family.type]);
      writer.uint(3, this.#symbol(family.help));
      writer.uint(4, this.#symbol(family.unit));
      writer.end();
    } else {
      this.#describe(family);
    }
    writer.end();
  }

  take(): Buffer {
    return Buffer.concat([this.#texts.take(), this.#series.take()]);
  }

  #sample({ type, createdSeconds }: Family, { value, isStale }: SentSeries, now: number, startsAt = 0): void {
    const writer = this.#series;
    const native = typeof value === 'number' ? undefined : value;
    const [timeField, startField] = native === undefined ? [2, 3] : [15, 17];
    if (native === undefined) {
      writer.begin(2);
      if (isStale) writer.staleMarker(1);
      else writer.double(1, value as number);
    } else {
      writer.begin(this.#version === 2 ? 3 : 4);
      if (isStale) writer.staleMarker(3);
      else writeNativeCounts(writer, native);
    }
    writer.uint(timeField, now);
    const start = Math.max(Math.floor((native?.createdSeconds ?? createdSeconds ?? 0) * 1000), startsAt);
    if (this.#version === 2 && COUNTING.has(type) && start > 0) writer.uint(startField, Math.min(start, now));
    writer.end();
  }

  /** Describes a family, where the series do not. */
  #describe(family: Family): void {
    if (this.#described === family) return;
    this.#described = family;
    const { type, name, help, unit } = family;
    this.#texts.begin(3);
    this.#texts.uint(1, TYPES[type]);
    this.#texts.string(2, name);
    this.#texts.string(4, help);
    this.#texts.string(5, unit);
    this.#texts.end();
  }

  /** Writes labels: in version 2.0 as pairs of symbols, in 1.0 as messages. */
  #labels(labels: readonly (readonly [name: string, value: string])[]): void {
    const writer = this.#series;
    if (this.#version === 2) {
      writer.begin(1);
      for (const text of labels.flat()) writer.varint(this.#symbol(text));
      writer.end();
      return;
    }
    for (const [name, value] of labels) {
      writer.begin(1);
      writer.string(1, name);
      writer.string(2, value);
      writer.end();
    }
  }

  #symbol(text: string): number {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const place = this.#symbols.size;
    this.#symbols.set(text, place);
    this.#texts.string(4, text);
    return place;
  }
}
