import type { Family, Series } from '../../model/family.ts';
import { describe } from '../../model/names.ts';
import type { PushAnswer } from '../../push/send-request.ts';
import { checkBridgeOptions } from '../check-options.ts';
import { HTTP_OPTIONS, type HttpPushOptions, HttpSender } from '../http-sender.ts';
import { type MetricsPush, type PushContext, PushLoop, WorkSlice } from '../push-loop.ts';
import { DepartedSeries } from './departed-series.ts';
import { type ExternalLabels, seriesOf } from './series-of.ts';
import { BLOCK_BYTES, snappyBlock, snappyHead, snappyTable } from './snappy.ts';
import { type Version, WriteRequest } from './write-request.ts';

/** Options for {@link startRemoteWrite}. */
export interface RemoteWriteOptions extends HttpPushOptions {
  /** The address, with its path: that of Prometheus ends in `/api/v1/write`. */
  readonly url: string | URL;
  /**
   * Labels of all series, which tell this process from others: `job` and `instance` at least, as a scrape would add them.
   * A series' own label of the same name counts.
   */
  readonly labels: Readonly<Record<string, string>> & { readonly job: string; readonly instance: string };
}

/** A request has at most about so many bytes before compression: the memory that a push needs. */
const MAX_BATCH_BYTES = 512 * 1024;

const ACTION = 'push metrics by remote write';

const OPTIONS = [...HTTP_OPTIONS, 'url', 'labels'] as const satisfies readonly (keyof RemoteWriteOptions)[];

const CONTENT_TYPES = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;
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
  const { url, labels } = options;
  const external = readLabels(labels);
  const isRetried = (status: number): boolean => status >= 500 || status === 429;
  const reasonOf = (body: string): string => Buffer.from(body, 'latin1').toString();
  const protocol = { receiver: 'remote-write receiver', isRetried, reasonOf, isCompressed: false };
  const remote = new RemoteWriter(new HttpSender(url, options, protocol), external);
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

/** The result of a request. */
type Outcome = 'taken' | 'not understood';

/** Sends pushes, and remembers what the receiver understands and has. */
class RemoteWriter {
  readonly #sender: HttpSender;
  readonly #external: ExternalLabels;
  readonly #departed = new DepartedSeries();
  readonly #table = snappyTable();
  #version: Version = 2;

  constructor(sender: HttpSender, external: ExternalLabels) {
    this.#sender = sender;
    this.#external = external;
  }

  async push(families: readonly Family[], signal: AbortSignal, context: PushContext): Promise<void> {
    const now = Date.now();
    const version = this.#version;
    const outcome = await this.#write(this.#changesOf(families), now, signal, context);
    if (outcome === 'not understood') {
      this.#version = 1;
      if (version === 1)
        throw new Error(`Cannot ${ACTION}: expected a receiver of 1.0 or 2.0, got one that understands none`);
      return this.push(families, signal, context);
    }
    this.#departed.remember(families);
    if (!context.isLast) return;
    await this.#write(this.#ends(this.#departed.missingFrom([])), now + 1, signal, context);
  }

  *#changesOf(families: readonly Family[]): Generator<Work> {
    yield* this.#ends(this.#departed.missingFrom(families));
    for (const family of families) {
      const { series } = family;
      const { length } = series; // what is added meanwhile is part of the next push
      for (let i = 0; i < length; i++) yield { family, series: series[i]!, isStale: false };
    }
  }

  *#ends(missing: Iterable<readonly [Family, Series] | undefined>): Generator<Work> {
    for (const one of missing) yield one === undefined ? undefined : { family: one[0], series: one[1], isStale: true };
  }

  async #write(all: Iterable<Work>, now: number, signal: AbortSignal, context: PushContext): Promise<Outcome> {
    const slice = new WorkSlice();
    let request = new WriteRequest(this.#version);
    for (const work of all) {
      if (work !== undefined) {
        for (const sent of seriesOf(work.family, work.series, this.#external, work.isStale))
          request.add(work.family, sent, now);
      }
      if (request.length >= MAX_BATCH_BYTES) {
        if ((await this.#send(request, slice, signal, context)) === 'not understood') return 'not understood';
        request = new WriteRequest(this.#version);
      }
      if (slice.isOver) await slice.next(signal);
    }
    return request.samples === 0 ? 'taken' : this.#send(request, slice, signal, context);
  }

  async #send(request: WriteRequest, slice: WorkSlice, signal: AbortSignal, context: PushContext): Promise<Outcome> {
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
      answer = await this.#sender.send(Buffer.concat(blocks), headers, signal, context);
    } catch (error) {
      if (version === 2 && (error as { status?: unknown }).status === 415) return 'not understood';
      throw error;
    }
    if (version === 1) return 'taken';
    const written = answer.resp.headers['x-prometheus-remote-write-samples-written'];
    // 2.0: an answer that does not say how much was written comes from a receiver that did not understand the message.
    if (written === undefined) return 'not understood';
    if (Number(written) >= request.samples) return 'taken';
    throw new Error(`Cannot ${ACTION}: expected ${request.samples} samples to be written, got ${written}`);
  }
}

/** A series to be sent; undefined is a place for a pause. */
type Work = { readonly family: Family; readonly series: Series; readonly isStale: boolean } | undefined;
