import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFinpilotMetrics, type FinpilotMetrics } from '../../lib/finpilot/finpilot-metrics.ts';
import type { Scan } from '../../lib/finpilot/record-scan.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';

const COMPLETED: Scan = {
  strategy: 'momentum',
  durationSeconds: 0.2,
  symbolsScanned: 6,
  symbolsMatched: 3,
  signals: { long: 2, short: 0 },
};

function create(now?: () => number): { registry: MetricsRegistry; metrics: FinpilotMetrics } {
  const registry = new MetricsRegistry();
  return { registry, metrics: createFinpilotMetrics(registry, now === undefined ? {} : { now }) };
}

test('FinpilotMetrics.recordScan() moves every metric that a completed scan has a part in', async () => {
  const { registry, metrics } = create();
  metrics.recordScan(COMPLETED);
  metrics.recordScan({ ...COMPLETED, symbolsMatched: 1, signals: { short: 1 } });
  const families = parseExposition(await registry.metrics());
  const strategy = 'momentum';
  assert.equal(sampleOf(families, 'finpilot_scans_total', { strategy }), 2);
  assert.equal(sampleOf(families, 'finpilot_symbols_scanned_total', { strategy }), 12);
  assert.equal(sampleOf(families, 'finpilot_symbols_matched_total', { strategy }), 4);
  assert.equal(sampleOf(families, 'finpilot_match_rate', { strategy }), 1 / 6);
  assert.equal(sampleOf(families, 'finpilot_signals_generated_total', { strategy, direction: 'long' }), 2);
  assert.equal(sampleOf(families, 'finpilot_signals_generated_total', { strategy, direction: 'short' }), 1);
  assert.equal(sampleOf(families, 'finpilot_scan_duration_seconds_count', { strategy }), 2);
  assert.equal(sampleOf(families, 'finpilot_scan_duration_seconds_sum', { strategy }), 0.4);
  assert.equal(sampleOf(families, 'finpilot_error_rate'), 0);
});

test('FinpilotMetrics.recordScan() of a failed scan counts it and leaves duration and match rate alone', async () => {
  const { registry, metrics } = create();
  metrics.recordScan(COMPLETED);
  metrics.recordScan({ strategy: 'momentum', failureReason: 'rate_limited' });
  const families = parseExposition(await registry.metrics());
  const strategy = 'momentum';
  assert.equal(sampleOf(families, 'finpilot_scans_total', { strategy }), 2);
  assert.equal(sampleOf(families, 'finpilot_failed_scans_total', { strategy, reason: 'rate_limited' }), 1);
  assert.equal(sampleOf(families, 'finpilot_error_rate'), 0.5);
  assert.equal(sampleOf(families, 'finpilot_match_rate', { strategy }), 0.5);
  assert.equal(sampleOf(families, 'finpilot_scan_duration_seconds_count', { strategy }), 1);
});

test('FinpilotMetrics.recordScan() of a scan without symbols gives a match rate of 0', async () => {
  const { registry, metrics } = create();
  metrics.recordScan({ strategy: 'swing', durationSeconds: 0, symbolsScanned: 0, symbolsMatched: 0 });
  assert.equal(sampleOf(parseExposition(await registry.metrics()), 'finpilot_match_rate', { strategy: 'swing' }), 0);
});

test('FinpilotMetrics.recordScan() feeds an error rate that forgets by the clock it was given', async () => {
  let now = 0;
  const { registry, metrics } = create(() => now);
  metrics.recordScan({ strategy: 'swing', failureReason: 'rate_limited' });
  assert.equal(sampleOf(parseExposition(await registry.metrics()), 'finpilot_error_rate'), 1);
  now = 300;
  assert.equal(sampleOf(parseExposition(await registry.metrics()), 'finpilot_error_rate'), 0);
});

const REFUSED: readonly [change: object, error: { name: string; message: string }][] = [
  [{ durationSeconds: -1 }, refusal('RangeError', 'durationSeconds to be a finite number of at least 0', '-1')],
  [{ durationSeconds: NaN }, refusal('RangeError', 'durationSeconds to be a finite number of at least 0', 'NaN')],
  [{ durationSeconds: '1' }, refusal('TypeError', 'durationSeconds to be a finite number of at least 0', '"1"')],
  [
    { durationSeconds: Object.create(null) },
    refusal('TypeError', 'durationSeconds to be a finite number of at least 0', 'a value of type object'),
  ],
  [{ symbolsScanned: 1.5 }, refusal('RangeError', 'symbolsScanned to be an integer of at least 0', '1.5')],
  [{ symbolsScanned: undefined }, refusal('TypeError', 'symbolsScanned to be an integer of at least 0', 'undefined')],
  [{ symbolsMatched: -1 }, refusal('RangeError', 'symbolsMatched to be an integer of at least 0', '-1')],
  [{ symbolsMatched: 7 }, refusal('RangeError', 'symbolsMatched to be at most 6 symbols', '7')],
  [{ signals: { long: -1 } }, refusal('RangeError', 'signals.long to be an integer of at least 0', '-1')],
];

function refusal(name: string, expected: string, got: string): { name: string; message: string } {
  const action = 'Cannot record a scan of strategy "momentum"';
  return { name, message: `${action}: expected ${expected}, got ${got}. Nothing was recorded; correct the call.` };
}

test('FinpilotMetrics.recordScan() throws on what no scan can be, and records nothing of it', async () => {
  const { registry, metrics } = create(() => 0);
  const series = async (): Promise<string> =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => !line.startsWith('finpilot_memory'))
      .join('\n');
  const before = await series();
  for (const [change, error] of REFUSED) {
    assert.throws(() => metrics.recordScan({ ...COMPLETED, ...change } as Scan), error);
  }
  assert.throws(() => metrics.recordScan({ ...COMPLETED, strategy: Symbol('x') } as unknown as Scan), TypeError);
  assert.throws(() => metrics.recordScan({ strategy: Symbol('x'), failureReason: 'x' } as unknown as Scan), TypeError);
  assert.equal(await series(), before);
  assert.throws(
    () => metrics.recordScan({ strategy: 'momentum', failureReason: Symbol('x') } as unknown as Scan),
    TypeError,
  );
  assert.equal(metrics.scansTotal.labels('momentum').value, 0);
});
