import { errorText } from '../../model/error-text.ts';
import type { Family, Series } from '../../model/family.ts';
import { describe, refuse } from '../../model/names.ts';
import type { PushAnswer } from '../../push/send-request.ts';
import { checkBridgeOptions } from '../check-options.ts';
import { HTTP_OPTIONS, type HttpPushOptions, HttpSender, statusOf } from '../http-sender.ts';
import { type MetricsPush, type PushContext, PushLoop, WorkSlice } from '../push-loop.ts';
import { type SentFamily, SeriesStarts, sentFamiliesOf } from '../series-starts.ts';
import { type Departed, DepartedSeries } from './departed-series.ts';
import { type ExemplarTimes, type ExternalLabels, type SeriesOptions, seriesOf } from './series-of.ts';
import { BLOCK_BYTES, snappyBlock, snappyHead, snappyTable } from './snappy.ts';
import { type SentSeries, type Version, WriteRequest } from './write-request.ts';

/** Options for {@link startRemoteWrite}. */
export interface RemoteWriteOptions extends HttpPushOptions {
  /** The address, with its path: that of Prometheus ends in `/api/v1/write`. */
  readonly url: string | URL;
  /**
   * Labels of all series, which tell this process from others: `job` and `instance` at least, as a scrape would add them.
   * A series' own label of the same name counts.
   */
  readonly labels: Readonly<Record<string, string>> & { readonly job: string; readonly instance: string };
  /** Whether histograms that have native buckets are sent with these, true unless given; otherwise as classic ones. */
  readonly nativeHistograms?: boolean;
}

/** A request has at most about so many bytes before compression: the memory that a push needs. */
const MAX_BATCH_BYTES = 512 * 1024;

const ACTION = 'push metrics by remote write';

const OPTIONS = [
  ...HTTP_OPTIONS,
  'url',
  'labels',
  'nativeHistograms',
] as const satisfies readonly (keyof RemoteWriteOptions)[];

const CONTENT_TYPES = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;
/** What Prometheus before 3.8 says, with status 500, if it was started without `--enable-feature=native-histograms`. */
const NO_NATIVE = /native histograms are disabled/;
const WRITTEN = ['samples', 'histograms'] as const;
const VERSIONS = { 1: '0.1.0', 2: '2.0.0' } as const;

/**
 * Pushes a registry by Prometheus' remote write, every 15 seconds unless told otherwise: to Prometheus
 * (`--web.enable-remote-write-receiver`), VictoriaMetrics, Mimir and others. Writes version 2.0, and 1.0 as soon as a
 * receiver does not understand it. Series that are removed, and all of them with `close()`, end with a stale marker.
 *
 * Throws a TypeError or RangeError if an option is invalid.
 *
 * @example
 * ```ts
 * const push = startRemoteWrite({ url: 'http://localhost:9090/api/v1/write', labels: { job: 'shop', instance: 'shop-1' } });
 * await push.close();
 * ```
 *
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export function startRemoteWrite(options: RemoteWriteOptions): MetricsPush {
  checkBridgeOptions(ACTION, options, OPTIONS);
  const { url, labels, nativeHistograms: isNative = true } = options;
  const external = readLabels(labels);
  if (typeof isNative !== 'boolean') refuse(ACTION, 'nativeHistograms as true or false', isNative);
  const isRetried = (status: number, reason: string): boolean =>
    (status >= 500 && !NO_NATIVE.test(reason)) || status === 429;
  const reasonOf = (body: string): string => Buffer.from(body, 'latin1').toString();
  const protocol = { receiver: 'remote-write receiver', isRetried, reasonOf, isCompressed: false };
  const remote = new RemoteWriter(new HttpSender(url, options, protocol), { external, isNative });
  return new PushLoop('remote-write', options, 15, (families, signal, context) =>
    remote.push(families, signal, context),
  );
}

function readLabels(labels: unknown): ExternalLabels {
  const isObject = typeof labels === 'object' && labels !== null;
  const { job, instance } = (isObject ? labels : {}) as Readonly<Record<string, unknown>>;
  if (!job || !instance) {
    throw new TypeError(
      `Cannot ${ACTION}: expected labels with job and instance, such as { job: "shop", instance: "shop-1" }, got ` +
        `${describe(labels)}. Without them, processes would overwrite each other's series.`,
    );
  }
  const pairs = Object.entries(labels as Readonly<Record<string, unknown>>);
  const wrong = pairs.find(([name, value]) => typeof value !== 'string' || name === '' || name.startsWith('__'));
  if (wrong === undefined) return pairs as [string, string][];
  throw new TypeError(
    `Cannot ${ACTION}: expected labels as texts whose names do not begin with "__", got ${describe(wrong[1])} for ` +
      `${describe(wrong[0])}.`,
  );
}

/** The result of a request. What was refused has been reported. */
type Outcome = 'taken' | 'refused' | 'not understood' | 'no native histograms';

/** What is to be known of a push. */
interface Push extends PushContext {
  readonly signal: AbortSignal;
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly exemplarTimes: ExemplarTimes;
}

/** Sends pushes, and remembers what the receiver understands and has. */
class RemoteWriter {
  readonly #sender: HttpSender;
  #series: SeriesOptions;
  readonly #departed = new DepartedSeries((family, series) => this.#keysOf(family, series));
  readonly #starts = new SeriesStarts();
  readonly #table = snappyTable();
  #version: Version = 2;
  #exemplarsUntil = 0;

  constructor(sender: HttpSender, series: SeriesOptions) {
    this.#sender = sender;
    this.#series = series;
  }

  async push(families: readonly Family[], signal: AbortSignal, context: PushContext): Promise<void> {
    const now = Date.now();
    const push: Push = { ...context, signal, now, exemplarTimes: { after: this.#exemplarsUntil, until: now } };
    // Exemplars are sent once, whatever becomes of them: some of a push that fails may have arrived.
    this.#exemplarsUntil = now;
    // What is added meanwhile is part of the next push, and what is removed meanwhile ends with it.
    const sent = sentFamiliesOf(families);
    const slice = new WorkSlice();
    for (const _ of this.#starts.update(sent, now)) if (slice.isOver) await slice.next(signal);
    const areEnded = await this.#write(() => this.#changesOf(sent), push);
    // Stale markers that did not arrive are sent again.
    if (areEnded) this.#departed.remember(sent);
    if (context.isLast) await this.#write(() => this.#departed.missingFrom([]), { ...push, now: now + 1 });
  }

  *#changesOf(families: readonly SentFamily[]): Generator<Work> {
    yield* this.#departed.missingFrom(families);
    for (const { family, series, length } of families) {
      for (let i = 0; i < length; i++) yield { family, series: series[i]! };
    }
  }

  *#keysOf(family: Family, series: Series): Generator<string> {
    for (const sent of seriesOf(family, series, this.#series, NO_EXEMPLARS, true)) yield keyOf(sent);
  }

  /** Sends all series, again if the receiver understands less than it got. Returns whether all stale markers arrived. */
  async #write(seriesToSend: () => Iterable<Work>, push: Push): Promise<boolean> {
    const slice = new WorkSlice();
    let areEnded = true;
    let request = new WriteRequest(this.#version);
    const flush = async (): Promise<boolean> => {
      const outcome = await this.#send(request, slice, push);
      if (outcome === 'refused' && request.hasStaleMarkers) areEnded = false;
      request = new WriteRequest(this.#version);
      return outcome === 'taken' || outcome === 'refused' || this.#fallBack(outcome);
    };
    for (const work of seriesToSend()) {
      if (work !== undefined) {
        const { family, series, present } = work;
        const isStale = present !== undefined;
        if (!isStale) request.seriesCount++;
        const startsAt = isStale ? undefined : this.#starts.of(family, series);
        for (const sent of seriesOf(family, series, this.#series, push.exemplarTimes, isStale))
          if (!isStale || present.size === 0 || !present.has(keyOf(sent)))
            request.add(family, sent, push.now, startsAt);
      }
      if (request.length >= MAX_BATCH_BYTES && !(await flush())) return this.#write(seriesToSend, push);
      if (slice.isOver) await slice.next(push.signal);
    }
    if (request.samples > 0 && !(await flush())) return this.#write(seriesToSend, push);
    return areEnded;
  }

  /** Returns false: all has to be sent again. */
  #fallBack(outcome: 'not understood' | 'no native histograms'): false {
    if (outcome === 'no native histograms') this.#series = { ...this.#series, isNative: false };
    else if (this.#version === 2) this.#version = 1;
    else throw new Error(`Cannot ${ACTION}: expected a receiver of 1.0 or 2.0, got one that understands none`);
    return false;
  }

  async #send(request: WriteRequest, slice: WorkSlice, push: Push): Promise<Outcome> {
    const { signal, taken, refused } = push;
    const version = this.#version;
    const plain = request.take();
    const blocks = [snappyHead(plain.length)];
    for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
      blocks.push(snappyBlock(plain.subarray(at, at + BLOCK_BYTES), this.#table));
      if (slice.isOver) await slice.next(signal);
    }
    const headers = {
      'content-type': CONTENT_TYPES[version],
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': VERSIONS[version],
    };
    let answer: PushAnswer;
    try {
      answer = await this.#sender.send(Buffer.concat(blocks), headers, signal, push);
    } catch (error) {
      const status = statusOf(error);
      if (version === 2 && status === 415) return 'not understood';
      if (status !== undefined && this.#series.isNative && NO_NATIVE.test(errorText(error)))
        return 'no native histograms';
      if (!this.#sender.isRefusal(error)) throw error;
      refused(error);
      return 'refused';
    }
    if (version === 2) {
      const counts = WRITTEN.map((kind) => answer.resp.headers[`x-prometheus-remote-write-${kind}-written`]);
      // An answer that does not say how much was written comes from a receiver that did not understand the message.
      if (counts.every((count) => count === undefined)) return 'not understood';
      const written = counts.reduce((total, count = '0') => total + Number(count), 0);
      const missing = request.samples - written;
      if (missing > 0) {
        refused(new Error(`Cannot ${ACTION}: expected ${request.samples} samples to be written, got ${written}`));
        taken(Math.max(0, request.seriesCount - missing));
        return 'refused';
      }
    }
    taken(request.seriesCount);
    return 'taken';
  }
}

/** A series to be sent, or one that ends; undefined is a place for a pause. */
type Work = Departed | { readonly family: Family; readonly series: Series; readonly present?: never } | undefined;

/** What tells a series of a receiver from others. */
function keyOf({ labels }: SentSeries): string {
  return JSON.stringify(labels);
}

const NO_EXEMPLARS: ExemplarTimes = { after: 0, until: 0 };
