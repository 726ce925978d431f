import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import { Counter, Histogram, type MetricsRegistry } from '../../lib/core.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { everyKind } from '../bridges/every-kind.ts';
import { decodeOtlp } from '../bridges/otlp/decode-otlp.ts';
import { fakeGateway } from '../push/fake-gateway.ts';
import { freePort } from '../support/free-port.ts';
import { findPrograms } from '../support/real-system.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

// OTLP through an OpenTelemetry Collector, which decodes it and writes it anew. Building one takes a quarter of an hour, so
// the spec runs only where there is one: .ci/collector.sh.

const [collector] = findPrograms('otelcol');
const skip = collector === undefined && 'expected the program otelcol in $FINPILOT_REAL_SYSTEMS/bin or $PATH, got none';

/** A registry with all that OTLP can carry. */
function everything(): MetricsRegistry {
  const { registry } = everyKind();
  const registers = [registry];
  const traced = new Counter({ name: 'traced_total', help: 'Traced.', registers, enableExemplars: true });
  const trace = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7', user: 'ann' };
  traced.inc({ value: 3, exemplarLabels: trace });
  const about = { name: 'run_seconds', help: 'Run.', unit: 'seconds', labelNames: ['kind'], registers } as const;
  const run = new Histogram({ ...about, buckets: nativeBuckets() });
  for (const value of [0.0041, 0.11, 0.11, 1, 2, 30.5, 4e9, -2.6, 0]) run.labels({ kind: 'a' }).observe(value, trace);
  run.labels({ kind: 'empty' });
  return registry;
}

/** The same without integers that are 0, and messages that are empty: Protocol Buffers do not tell them from none. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, withoutDefaults(inner)] as const);
  const isDefault = (name: string, inner: unknown): boolean =>
    inner === 0n ||
    (inner === 0 && (name === 'scale' || name === 'offset')) ||
    (typeof inner === 'object' && Object.keys(inner ?? {}).length === 0);
  return Object.fromEntries(entries.filter(([name, inner]) => !isDefault(name, inner)));
}

test('startOtlpPush() sends what an OpenTelemetry Collector reads and writes without a difference', {
  skip,
}, async (t) => {
  const direct = await fakeGateway(t);
  const behind = await fakeGateway(t);
  const [port, folder] = [await freePort(), temporaryFolder(t)];
  const config = join(folder, 'collector.yml');
  const exporter = `{ endpoint: "${behind.url}", compression: none, sending_queue: { enabled: false } }`;
  writeFileSync(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters: { otlp_http: ${exporter} }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { metrics: { receivers: [otlp], exporters: [otlp_http] } }
`,
  );
  const program = new StartedProgram(t, { program: collector!.path, args: [`--config=file:${config}`] });
  await until('the Collector to listen', () => {
    program.requireRunning();
    return program.output.includes('Everything is ready') || undefined;
  });
  t.mock.method(Date, 'now', () => 1_764_288_000_250);
  const registry = everything();
  for (const temporality of ['cumulative', 'delta'] as const) {
    const resource = { 'service.name': 'shop', 'service.instance.id': 'a' };
    const options = { registry, resource, temporality, intervalSeconds: Infinity, env: {}, retryDelay: 1 };
    // Gathered once, so that the bridge's own metrics are the same in both.
    const families = await registry.gather();
    const source = { gather: () => Promise.resolve(families) };
    await startOtlpPush({ ...options, registry: source, url: direct.url, gzip: false }).push();
    await startOtlpPush({ ...options, registry: source, url: `http://127.0.0.1:${port}/v1/metrics` }).push();
    const [sent, arrived] = [direct, behind].map(({ seen }) => decodeOtlp(seen.at(-1)!.body));
    assert.equal(behind.seen.at(-1)!.path, '/v1/metrics');
    assert.deepEqual(withoutDefaults(arrived), withoutDefaults(sent));
    const kinds = sent!.metrics.map(({ name, description, unit, metadata, ...data }) => Object.keys(data)[0]);
    assert.deepEqual([...new Set(kinds)].sort(), ['exponential', 'gauge', 'histogram', 'sum', 'summary']);
  }
});
