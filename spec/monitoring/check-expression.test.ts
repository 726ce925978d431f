import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExpression } from './check-expression.ts';
import { scrapedSeries } from './known-series.ts';

const known = scrapedSeries();

function faultsOf(expr: string): readonly string[] {
  return checkExpression(expr, known).faults;
}

test('checkExpression() finds names and labels that the library does not expose', () => {
  assert.deepEqual(faultsOf('finpilot_scan_total'), ['finpilot_scan_total: there is no such series']);
  assert.deepEqual(faultsOf('finpilot_scan_duration_seconds'), [
    'finpilot_scan_duration_seconds: there is no such series',
  ]);
  assert.deepEqual(faultsOf('finpilot_scans_total{model="direction"}'), [
    'finpilot_scans_total: there is no label model',
  ]);
  assert.deepEqual(faultsOf('sum by (model) (finpilot_scans_total)'), ['sum: there is no label model']);
  assert.deepEqual(faultsOf('sum by (job, strategy) (finpilot_scans_total{strategy="swing"})'), []);
});

test('checkExpression() finds rate() of a gauge, and what is for gauges of a counter', () => {
  assert.deepEqual(faultsOf('rate(finpilot_match_rate[5m])'), ['rate() of the gauge finpilot_match_rate']);
  assert.deepEqual(faultsOf('predict_linear(finpilot_scans_total[1h], 60)'), [
    'predict_linear() of the counter finpilot_scans_total',
  ]);
  assert.deepEqual(faultsOf('rate(finpilot_api_latency_seconds_count[5m])'), []);
});

test('checkExpression() finds a quantile without le', () => {
  const sum = (by: string): string => `sum by (${by}) (rate(finpilot_scan_duration_seconds_bucket[5m]))`;
  assert.deepEqual(faultsOf(`histogram_quantile(0.9, ${sum('strategy')})`), [
    'histogram_quantile: there is no label le',
  ]);
  assert.deepEqual(faultsOf(`histogram_quantile(0.9, ${sum('strategy, le')})`), []);
});

test('checkExpression() finds two sides that nothing matches', () => {
  assert.deepEqual(faultsOf('finpilot_match_rate > finpilot_error_rate'), ['>: only one side has strategy']);
  assert.deepEqual(faultsOf('finpilot_match_rate > on (strategy) group_left () finpilot_error_rate'), [
    '>: there is no label strategy',
  ]);
  assert.deepEqual(faultsOf('finpilot_match_rate > on (job) group_left () finpilot_error_rate'), []);
});

test('checkExpression() tells the labels of the series', () => {
  const labelsOf = (expr: string): string[] => [...checkExpression(expr, known).labels].sort();
  assert.deepEqual(labelsOf('finpilot_failed_scans_total'), ['instance', 'job', 'reason', 'strategy']);
  assert.deepEqual(labelsOf('sum without (instance, reason) (finpilot_failed_scans_total)'), ['job', 'strategy']);
  assert.deepEqual(labelsOf('histogram_quantile(0.5, finpilot_inference_duration_seconds_bucket)'), [
    'instance',
    'job',
    'model',
  ]);
  assert.deepEqual(labelsOf('absent(up{job="finpilot"}) or vector(0)'), ['job']);
  assert.deepEqual(labelsOf('1 - finpilot_error_rate / on (job) finpilot_error_rate'), ['job']);
});
