import type { ExemplarLabels, ExemplarSource } from '../model/exemplar.ts';
import { exemplarsFrom } from './exemplar-source.ts';

/** The parts of OpenTelemetry's `SpanContext` that are read. */
interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags?: number | undefined;
}

/** The parts of OpenTelemetry's and Sentry's `Span` that are read. */
interface Span {
  spanContext(): SpanContext;
}

/** The part of `@sentry/node`, or another SDK of Sentry, that {@link sentryExemplars} uses. */
export interface SentryWithSpans {
  getActiveSpan(): Span | undefined;
}

/** Where `@opentelemetry/api` 1 keeps what is registered with it, for all copies of it in the process. */
const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

interface OpenTelemetryGlobal {
  readonly [API]?: { readonly context?: { active(): { getValue(key: symbol): Span | undefined } } };
}

/**
 * A source of exemplars with `trace_id` and `span_id` of OpenTelemetry's active span, if its trace is sampled: nobody could look
 * up another one. Finds OpenTelemetry by its global symbol, so nothing has to be passed or imported, and it may be registered
 * later.
 *
 * @example
 * ```ts
 * const registry = new MetricsRegistry({ exemplars: openTelemetryExemplars() });
 * ```
 */
export function openTelemetryExemplars(): ExemplarSource {
  return exemplarsFrom(() => labelsOf((globalThis as OpenTelemetryGlobal)[API]?.context?.active().getValue(SPAN)));
}

/**
 * A source of exemplars with `trace_id` and `span_id` of Sentry's active span, if its trace is sampled. Throws a TypeError unless
 * `sentry` has `getActiveSpan()`, as all SDKs of Sentry from version 8 have.
 *
 * @example
 * ```ts
 * register.exemplars = sentryExemplars(Sentry); // import * as Sentry from '@sentry/node'
 * ```
 */
export function sentryExemplars(sentry: SentryWithSpans): ExemplarSource {
  if (typeof sentry?.getActiveSpan !== 'function') {
    throw new TypeError(
      'Cannot supply exemplars: expected Sentry with getActiveSpan(), got something else. ' +
        'Pass what `import * as Sentry` of an SDK from version 8 gives.',
    );
  }
  return exemplarsFrom(() => labelsOf(sentry.getActiveSpan()));
}

/** "Trace Context", section 3.2.2.5.1: the lowest flag says that the trace is sampled. */
const SAMPLED = 1;

function labelsOf(span: Span | undefined): ExemplarLabels | undefined {
  const context = span?.spanContext();
  if (context === undefined || ((context.traceFlags ?? 0) & SAMPLED) === 0) return undefined;
  return { trace_id: context.traceId, span_id: context.spanId };
}
