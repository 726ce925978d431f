import type { Exemplar, Family } from '../../model/family.ts';
import { MessageWriter } from '../message-writer.ts';

/** A version of the protocol. */
export type Version = 1 | 2;

/** A series as it is sent. */
export interface SentSeries {
  /** Sorted by the bytes of their names, `__name__` among them; none is empty. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Undefined for a stale marker. */
  readonly value: number | undefined;
  readonly exemplar?: Exemplar | undefined;
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

/** The types whose series count from a beginning on. */
const COUNTING: ReadonlySet<Family['type']> = new Set(['counter', 'histogram', 'summary']);

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

  /** Adds a series with one sample. `now` is in milliseconds since 1970. */
  add(family: Family, series: SentSeries, now: number): void {
    this.samples++;
    if (this.#version === 1) this.#addFirst(family, series, now);
    else this.#addSecond(family, series, now);
  }

  take(): Buffer {
    return Buffer.concat([this.#texts.take(), this.#series.take()]);
  }

  #addFirst(family: Family, { labels, value, exemplar }: SentSeries, now: number): void {
    const writer = this.#series;
    writer.begin(1);
    for (const [name, text] of labels) writeLabel(writer, name, text);
    writer.begin(2);
    writeValue(writer, value);
    writer.uint(2, now);
    writer.end();
    if (exemplar !== undefined) {
      writer.begin(3);
      for (const [name, text] of Object.entries(exemplar.labels)) writeLabel(writer, name, text);
      writer.double(2, exemplar.value);
      writer.uint(3, timeOf(exemplar, now));
      writer.end();
    }
    writer.end();
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

  #addSecond(family: Family, { labels, value, exemplar }: SentSeries, now: number): void {
    const writer = this.#series;
    writer.begin(5);
    this.#references(labels);
    writer.begin(2);
    writeValue(writer, value);
    writer.uint(2, now);
    if (COUNTING.has(family.type) && family.createdSeconds !== undefined)
      writer.uint(3, Math.min(Math.floor(family.createdSeconds * 1000), now));
    writer.end();
    if (exemplar !== undefined) {
      writer.begin(4);
      this.#references(Object.entries(exemplar.labels));
      writer.double(2, exemplar.value);
      writer.uint(3, timeOf(exemplar, now));
      writer.end();
    }
    writer.begin(5);
    writer.uint(1, TYPES[family.type]);
    writer.uint(3, this.#symbol(family.help));
    writer.uint(4, this.#symbol(family.unit));
    writer.end();
    writer.end();
  }

  #references(labels: readonly (readonly [string, string])[]): void {
    const writer = this.#series;
    writer.begin(1);
    for (const [name, value] of labels) {
      writer.varint(this.#symbol(name));
      writer.varint(this.#symbol(value));
    }
    writer.end();
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

function writeLabel(writer: MessageWriter, name: string, value: string): void {
  writer.begin(1);
  writer.string(1, name);
  writer.string(2, value);
  writer.end();
}

function writeValue(writer: MessageWriter, value: number | undefined): void {
  if (value === undefined) writer.staleMarker(1);
  else writer.double(1, value);
}

function timeOf({ timestampSeconds }: Exemplar, now: number): number {
  return timestampSeconds === undefined ? now : Math.round(timestampSeconds * 1000);
}
