import { warn } from '../../model/error-text.ts';
import type { Family } from '../../model/family.ts';
import { describe, refuse } from '../../model/names.ts';
import { checkBridgeOptions } from '../check-options.ts';
import { HTTP_OPTIONS, type HttpPushOptions, HttpSender, type Taken } from '../http-sender.ts';
import { MessageWriter } from '../message-writer.ts';
import { type MetricsPush, type PushContext, PushLoop, WorkSlice } from '../push-loop.ts';
import { type SentValue, SentValues } from '../sent-values.ts';
import { SeriesStarts, sentFamiliesOf } from '../series-starts.ts';
import { DataPoints, hasDataPoints, type PointOptions, writeAttribute } from './data-points.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { partialSuccessOf, statusMessageOf } from './otlp-answer.ts';

/** Options for {@link startOtlpPush}. What is not given is as OpenTelemetry's environment variables have it. */
export interface OtlpPushOptions extends HttpPushOptions {
  /**
   * The address, with its path. By default that of `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, or of
   * `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/metrics` behind it, else `http://localhost:4318/v1/metrics`.
   */
  readonly url?: string | URL;
  /** Whether bodies are compressed; by default as `OTEL_EXPORTER_OTLP_COMPRESSION` has it, else true. */
  readonly gzip?: boolean;
  /**
   * Whether counters and histograms are sent as totals, `cumulative`, the default; or as changes since the last push that
   * has arrived, `delta`, for receivers such as Datadog's.
   */
  readonly temporality?: 'cumulative' | 'delta';
  /**
   * Whether histograms that have native buckets are sent with these, as exponential histograms; otherwise with their classic
   * buckets. By default true, unless `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION` is
   * `explicit_bucket_histogram`.
   */
  readonly nativeHistograms?: boolean;
  /** Attributes of the resource, such as `{ 'service.name': 'shop' }`; before those of the environment and of `target_info`. */
  readonly resource?: Readonly<Record<string, string>>;
  /** By default `process.env`. */
  readonly env?: Environment;
}

/** A request has at most about so many bytes before compression: the memory that a push needs. */
const MAX_BATCH_BYTES = 512 * 1024;

const ACTION = 'push metrics to an OTLP receiver';
const OPTIONS = [
  ...HTTP_OPTIONS,
  'url',
  'gzip',
  'temporality',
  'nativeHistograms',
  'resource',
  'env',
] as const satisfies readonly (keyof OtlpPushOptions)[];

const CONTENT = { 'content-type': 'application/x-protobuf' } as const;

/** OTLP 1.x, "Failures": these are asked again, and no others. */
const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Pushes a registry by OTLP over HTTP: to an OpenTelemetry Collector, or to what receives OTLP itself, such as VictoriaMetrics,
 * Prometheus, CloudWatch, Google Cloud and Azure. Every 60 seconds unless told otherwise. Names stay as they are, and
 * metrics are converted by the rules of OpenTelemetry's compatibility specification.
 *
 * Sends nothing if `OTEL_SDK_DISABLED` is `true` or `OTEL_METRICS_EXPORTER` is `none`. Throws a TypeError or RangeError if an
 * option is invalid.
 *
 * @example
 * ```ts
 * const push = startOtlpPush({ url: 'http://localhost:4318/v1/metrics', resource: { 'service.name': 'shop' } });
 * await push.close();
 * ```
 *
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function startOtlpPush(options: OtlpPushOptions = {}): MetricsPush {
  checkBridgeOptions(ACTION, options, OPTIONS);
  const { env = process.env } = options;
  const declared = readEnvironment(env);
  const { url = declared.url ?? 'http://localhost:4318/v1/metrics' } = options;
  const { gzip = declared.isCompressed ?? true, temporality = declared.temporality ?? 'cumulative' } = options;
  const { intervalSeconds = declared.intervalSeconds ?? 60, headers = declared.headers, resource = {} } = options;
  if (temporality !== 'cumulative' && temporality !== 'delta')
    refuse(ACTION, 'temporality "cumulative" or "delta"', temporality, RangeError);
  if (typeof gzip !== 'boolean') refuse(ACTION, 'gzip as true or false', gzip);
  const { nativeHistograms: isNative = declared.isNative } = options;
  if (typeof isNative !== 'boolean') refuse(ACTION, 'nativeHistograms as true or false', isNative);
  if (
    typeof resource !== 'object' ||
    resource === null ||
    Object.values(resource).some((one) => typeof one !== 'string')
  )
    refuse(ACTION, 'resource as an object of strings', resource);
  const timeoutSeconds = options.timeoutSeconds ?? Math.min(declared.timeoutSeconds ?? 10, intervalSeconds);
  const isRetried = (status: number): boolean => RETRIED.has(status);
  const protocol = { receiver: 'OTLP receiver', isRetried, isCompressed: gzip, reasonOf: statusMessageOf };
  const source = options.url === undefined && declared.url !== undefined ? declared.urlVariable : undefined;
  const sender = new HttpSender(url, { ...options, headers }, protocol, source);
  const changes = temporality === 'delta' ? { sent: new SentValues(), since: Date.now() } : undefined;
  const starts = new SeriesStarts();
  const ownInstance = globalThis.crypto.randomUUID();
  let isAdvised = false;
  const onAdvice = (reason: string): void => {
    if (!isAdvised) warn('METRICS_PUSH_ADVICE', `The OTLP receiver took all metrics, and says: ${reason}`);
    isAdvised = true;
  };
  if (declared.isDisabled) return { push: () => Promise.resolve(), close: () => Promise.resolve() };
  if (declared.otherProtocol !== undefined && options.url === undefined) warnOfProtocol(declared.otherProtocol);
  return new PushLoop('otlp', { ...options, timeoutSeconds }, intervalSeconds, async (families, signal, context) => {
    const attributes = {
      'service.name': 'unknown_service:node',
      'service.instance.id': ownInstance,
      ...targetAttributes(families),
      ...declared.resource,
      ...resource,
    };
    const points = { now: Date.now(), changes, starts, isNative };
    await new OtlpExport({ sender, attributes, points, signal, context, onAdvice }).run(families);
  });
}

/** The endpoint of the environment is then probably one for gRPC, which cannot be pushed to. */
function warnOfProtocol(protocol: string): void {
  warn(
    'METRICS_PUSH_PROTOCOL',
    `Metrics are pushed by OTLP over HTTP in protobuf, though OTEL_EXPORTER_OTLP_PROTOCOL asks for ${describe(protocol)}. Set ` +
      'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL to "http/protobuf", and the endpoint to that of HTTP, which usually has port 4318.',
  );
}

/**
 * The labels of `target_info`, but for those that Prometheus adds itself. Those that the compatibility specification made
 * of the service's attributes get their names back, since receivers identify a service by them.
 */
function targetAttributes(families: readonly Family[]): Record<string, string> {
  const target = families.find(({ name, type }) => name === 'target_info' && type === 'info');
  const attributes: Record<string, string> = {};
  for (const series of target?.series ?? []) {
    target!.labelNames.forEach((label, i) => {
      const value = series.labelValues[i]!;
      if (value === '' || label === 'job' || label === 'instance') return;
      const name = label.replace(/^service_(name|namespace|version)$|^service_(instance)_(id)$/, dotted);
      attributes[name] = value;
    });
  }
  return attributes;
}

function dotted(label: string): string {
  return label.replaceAll('_', '.');
}

/** What a push is done with. */
interface ExportOptions {
  readonly sender: HttpSender;
  /** Of the resource. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly points: PointOptions;
  readonly signal: AbortSignal;
  readonly context: PushContext;
  readonly onAdvice: (reason: string) => void;
}

/** One push: requests of bounded size, one after the other. */
class OtlpExport {
  readonly #writer = new MessageWriter();
  readonly #options: ExportOptions;
  #counted: SentValue[] = [];
  #pointCount = 0;

  constructor(options: ExportOptions) {
    this.#options = options;
  }

  async run(families: readonly Family[]): Promise<void> {
    const { points: options, signal, context } = this.#options;
    const { changes, starts, now } = options;
    const writer = this.#writer;
    const points = new DataPoints(writer, options);
    const slice = new WorkSlice();
    changes?.sent.begin();
    // What is added meanwhile is part of the next push.
    const sent = sentFamiliesOf(families);
    for (const _ of starts.update(sent, now)) if (slice.isOver) await slice.next(signal);
    for (const { family, series: all, length } of sent) {
      if (!hasDataPoints(family)) {
        context.taken(length);
        continue;
      }
      for (let i = 0; i < length; i++) {
        const series = all[i]!;
        if (writer.length === 0) this.#begin();
        this.#pointCount++;
        this.#counted.push(...points.add(family, series as Family['series'][number]));
        if (writer.length >= MAX_BATCH_BYTES) {
          points.end();
          await this.#flush();
        }
        if (slice.isOver) await slice.next(signal);
      }
    }
    points.end();
    if (writer.length > 0) await this.#flush();
    changes?.sent.end();
  }

  /** Opens a ResourceMetrics and its ScopeMetrics. */
  #begin(): void {
    const writer = this.#writer;
    writer.begin(1);
    writer.begin(1);
    for (const [name, value] of Object.entries(this.#options.attributes)) writeAttribute(writer, 1, name, value);
    writer.end();
    writer.begin(2);
    writer.begin(1);
    writer.string(1, '@finpilot/metrics');
    writer.end();
  }

  async #flush(): Promise<void> {
    const [counted, pointCount] = [this.#counted, this.#pointCount];
    this.#counted = [];
    this.#pointCount = 0;
    this.#writer.end();
    this.#writer.end();
    const { sender, points, signal, context, onAdvice } = this.#options;
    const { taken, refused } = context;
    let answer: Taken;
    try {
      answer = await sender.send(this.#writer.take(), CONTENT, signal, context);
    } catch (error) {
      if (!sender.isRefusal(error)) throw error;
      return refused(error);
    }
    // What was rejected is not to be sent again: the protocol forbids it.
    points.changes?.sent.confirm(counted);
    const { rejected, reason } = partialSuccessOf(answer);
    taken(Math.max(0, pointCount - rejected));
    const shown = reason === '' ? '' : answer.shown(reason);
    if (rejected > 0) {
      const got = `${rejected} rejected${shown === '' ? '' : ` (${shown})`}`;
      refused(new Error(`Cannot ${ACTION}: expected all data points to be taken, got ${got}`));
    } else if (shown !== '') {
      onAdvice(shown);
    }
  }
}
