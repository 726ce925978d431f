import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import type { ExemplarSource } from '../../lib/model/exemplar.ts';
import { openTelemetryExemplars, sentryExemplars } from '../../lib/service/index.ts';

// With the real OpenTelemetry and Sentry: spec/runtimes/tracing.test.ts.

const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const CONTEXT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const LABELS = { trace_id: CONTEXT.traceId, span_id: CONTEXT.spanId };

const labelsFrom = (exemplars: ExemplarSource): unknown => {
  const registry = new MetricsRegistry({ exemplars });
  const child = new Counter({ name: 'a_total', help: 'H.', labelNames: ['a'], registers: [registry] }).labels('1');
  child.inc();
  return child.exemplar?.labels;
};
const spanOf = (traceFlags: number | undefined) => ({ spanContext: () => ({ ...CONTEXT, traceFlags }) });

test('openTelemetryExemplars() finds the active span whenever OpenTelemetry is registered, if the trace is sampled', (t) => {
  const holder = globalThis as unknown as Record<symbol, unknown>;
  t.after(() => delete holder[API]);
  const source = openTelemetryExemplars();
  assert.equal(labelsFrom(source), undefined);
  for (const [active, labels] of [
    [undefined, undefined],
    [spanOf(0), undefined],
    [spanOf(2), undefined],
    [spanOf(undefined), undefined],
    [spanOf(1), LABELS],
    [spanOf(3), LABELS],
  ] as const) {
    holder[API] = { context: { active: () => ({ getValue: (key: symbol) => (key === SPAN ? active : undefined) }) } };
    assert.deepEqual(labelsFrom(source), labels);
  }
  holder[API] = { version: '1.9.1' };
  assert.equal(labelsFrom(source), undefined);
});

test('sentryExemplars() asks the SDK for its active span, if the trace is sampled', () => {
  assert.deepEqual(labelsFrom(sentryExemplars({ getActiveSpan: () => spanOf(1) })), LABELS);
  assert.equal(labelsFrom(sentryExemplars({ getActiveSpan: () => spanOf(0) })), undefined);
  assert.equal(labelsFrom(sentryExemplars({ getActiveSpan: () => undefined })), undefined);
  assert.throws(
    () => sentryExemplars({} as never),
    /^TypeError: Cannot supply exemplars: expected Sentry with getActiveSpan\(\)/,
  );
});
