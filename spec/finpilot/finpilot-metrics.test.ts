import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import type { Catalogue } from '../../lib/finpilot/catalogue.ts';
import { createFinpilotMetrics } from '../../lib/finpilot/finpilot-metrics.ts';
import entry, * as named from '../../lib/finpilot/index.ts';
import { Gauge } from '../../lib/metrics/gauge.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { register } from '../../lib/registry/register.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';

/** The catalogue as the table has it: each metric's type and labels. */
const TABLE: { readonly [name in keyof Catalogue]: readonly [name: string, type: string, ...labelNames: string[]] } = {
  scansTotal: ['finpilot_scans_total', 'counter', 'strategy'],
  signalsGeneratedTotal: ['finpilot_signals_generated_total', 'counter', 'strategy', 'direction'],
  symbolsScannedTotal: ['finpilot_symbols_scanned_total', 'counter', 'strategy'],
  symbolsMatchedTotal: ['finpilot_symbols_matched_total', 'counter', 'strategy'],
  matchRate: ['finpilot_match_rate', 'gauge', 'strategy'],
  scanDurationSeconds: ['finpilot_scan_duration_seconds', 'histogram', 'strategy'],
  scanDurationP50Seconds: ['finpilot_scan_duration_p50_seconds', 'gauge'],
  scanDurationP95Seconds: ['finpilot_scan_duration_p95_seconds', 'gauge'],
  scanDurationP99Seconds: ['finpilot_scan_duration_p99_seconds', 'gauge'],
  apiLatencySeconds: ['finpilot_api_latency_seconds', 'histogram', 'endpoint', 'method', 'status'],
  activeConnections: ['finpilot_active_connections', 'gauge'],
  memoryUsageBytes: ['finpilot_memory_usage_bytes', 'gauge'],
  failedScansTotal: ['finpilot_failed_scans_total', 'counter', 'strategy', 'reason'],
  errorRate: ['finpilot_error_rate', 'gauge'],
  trainingProgressRatio: ['finpilot_training_progress_ratio', 'gauge', 'model'],
  trainingEpisodesTotal: ['finpilot_training_episodes_total', 'counter', 'model'],
  inferenceDurationSeconds: ['finpilot_inference_duration_seconds', 'histogram', 'model'],
  authAttemptsTotal: ['finpilot_auth_attempts_total', 'counter', 'method', 'outcome'],
  rateLimitRequestsTotal: ['finpilot_rate_limit_requests_total', 'counter', 'endpoint', 'outcome'],
  healthStatus: ['finpilot_health_status', 'gauge', 'check'],
  buildInfo: ['finpilot_build_info', 'gauge', 'version', 'revision', 'node_version'],
};

test('createFinpilotMetrics() declares the catalogue: names, types, labels, each with a help text', () => {
  const registry = new MetricsRegistry();
  const metrics = createFinpilotMetrics(registry);
  for (const [property, row] of Object.entries(TABLE)) {
    const metric = metrics[property as keyof Catalogue];
    assert.deepEqual([metric.name, metric.type, ...metric.labelNames], row);
    assert.match(metric.help, /^[A-Z].{20,}\.$/);
    assert.equal(registry.getSingleMetric(metric.name), metric);
  }
  assert.deepEqual(Object.keys(metrics), [...Object.keys(TABLE), 'recordScan', 'watchHealth']);
});

test('createFinpilotMetrics() names each property after its metric', () => {
  for (const [property, [name]] of Object.entries(TABLE)) {
    const inCamelCase = name.replace('finpilot_', '').replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    assert.equal(property, inCamelCase);
  }
});

test('createFinpilotMetrics() gives the scan duration the bounds 0.1, 0.5 and 1', () => {
  const { scanDurationSeconds } = createFinpilotMetrics(new MetricsRegistry());
  for (const bound of [0.1, 0.5, 1]) assert.ok(scanDurationSeconds.upperBounds.includes(bound));
});

test('createFinpilotMetrics() returns an object that cannot be changed', () => {
  assert.ok(Object.isFrozen(createFinpilotMetrics(new MetricsRegistry())));
});

test('createFinpilotMetrics() exposes what a second parser reads, before anything has happened', async () => {
  const registry = new MetricsRegistry();
  createFinpilotMetrics(registry);
  const families = parseExposition(await registry.metrics());
  assert.equal(sampleOf(families, 'finpilot_active_connections'), 0);
  assert.equal(sampleOf(families, 'finpilot_error_rate'), 0);
  for (const { name, samples } of families) {
    assert.doesNotMatch(name, /_p\d\d_seconds$/);
    for (const { value } of samples) assert.ok(!Number.isNaN(value), name);
  }
});

test('createFinpilotMetrics() reads the percentiles at scrape time, over all strategies', async () => {
  const registry = new MetricsRegistry();
  const { scanDurationSeconds } = createFinpilotMetrics(registry);
  await registry.metrics(); // there are none yet
  for (let i = 0; i < 90; i++) scanDurationSeconds.observe({ strategy: 'momentum' }, 0.3);
  for (let i = 0; i < 10; i++) scanDurationSeconds.observe({ strategy: 'swing' }, 0.7);
  const families = parseExposition(await registry.metrics());
  // 90 observations in (0.25, 0.5], 10 in (0.5, 1]: by interpolation within the bucket
  const quantiles = [0.25 + 0.25 * (50 / 90), 0.5 + 0.5 * (5 / 10), 0.5 + 0.5 * (9 / 10)];
  ['p50', 'p95', 'p99'].forEach((p, i) => {
    const estimate = sampleOf(families, `finpilot_scan_duration_${p}_seconds`);
    assert.ok(Math.abs(estimate - quantiles[i]!) < 1e-12, `${p}: ${estimate}`);
  });
});

test('createFinpilotMetrics() reads the resident memory at scrape time', async () => {
  const registry = new MetricsRegistry();
  createFinpilotMetrics(registry);
  const bytes = sampleOf(parseExposition(await registry.metrics()), 'finpilot_memory_usage_bytes');
  const now = process.memoryUsage.rss();
  assert.ok(bytes > now / 2 && bytes < now * 2, `${bytes} against ${now}`);
});

test('createFinpilotMetrics() exposes the build as labels of a 1', async () => {
  const registry = new MetricsRegistry();
  createFinpilotMetrics(registry, { version: '1.4.0', revision: '3f2c1ab' });
  const families = parseExposition(await registry.metrics());
  const labels = { version: '1.4.0', revision: '3f2c1ab', node_version: process.version };
  assert.equal(sampleOf(families, 'finpilot_build_info', labels), 1);
});

test('createFinpilotMetrics() says unknown of a build that it is not told about', () => {
  const { buildInfo } = createFinpilotMetrics(new MetricsRegistry());
  assert.deepEqual(buildInfo.series[0]?.labelValues, ['unknown', 'unknown', process.version]);
});

test('FinpilotMetrics.watchHealth() adds a check that each scrape runs', async () => {
  const registry = new MetricsRegistry();
  const metrics = createFinpilotMetrics(registry);
  let isHealthy = true;
  metrics.watchHealth('scanner', () => isHealthy);
  const read = async (): Promise<number> =>
    sampleOf(parseExposition(await registry.metrics()), 'finpilot_health_status', { check: 'scanner' });
  assert.equal(await read(), 1);
  isHealthy = false;
  assert.equal(await read(), 0);
});

test('createFinpilotMetrics() uses the default registry unless given one', () => {
  const { scansTotal } = createFinpilotMetrics();
  assert.equal(register.getSingleMetric('finpilot_scans_total'), scansTotal);
  register.clear();
});

test('createFinpilotMetrics() takes over the maxSeries of its registry', () => {
  const { scansTotal } = createFinpilotMetrics(new MetricsRegistry({ maxSeries: 1 }));
  scansTotal.inc({ strategy: 'momentum' });
  scansTotal.inc({ strategy: 'swing' });
  assert.deepEqual(
    scansTotal.series.map((series) => series.labelValues[0]),
    ['momentum', 'overflow'],
  );
});

test('createFinpilotMetrics() registers nothing when one of its names is taken', async () => {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'finpilot_health_status', help: 'Somebody else.', registers: [registry] });
  assert.throws(() => createFinpilotMetrics(registry), { name: 'RangeError', message: /finpilot_health_status/ });
  assert.deepEqual(
    (await registry.gather()).map((family) => family.name),
    ['finpilot_health_status'],
  );
});

test('The entry /finpilot has a default export with the names of its named exports', () => {
  const { default: _, ...exports } = named;
  assert.deepEqual({ ...entry }, { ...exports });
});
