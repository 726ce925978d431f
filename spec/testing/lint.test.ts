import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Counter, Gauge, MetricsRegistry } from '../../lib/core.ts';
import { createFinpilotMetrics } from '../../lib/finpilot/index.ts';
import { collectDefaultMetrics } from '../../lib/index.ts';
import type { Family, MetricType } from '../../lib/model/family.ts';
import testing, { lint, sampleValue } from '../../lib/testing/index.ts';
import { packageRoot } from '../support/package-root.ts';

// Each rule, with what it forbids and what it must let pass. spec/e2e/lint.test.ts asks the real promtool.

const HEAD = { help: 'Help.', unit: '', labelNames: [], constantLabels: [], series: [] };

/** What lint() says of one metric of this name, without its name. */
async function textsOf(name: string, type: MetricType = 'unknown', more: Partial<Family> = {}): Promise<string[]> {
  const family = {
    ...HEAD,
    name,
    type,
    cache: new Map(),
    upperBounds: [],
    quantiles: [],
    ...more,
  } as unknown as Family;
  return (await lint({ gather: async () => [family] })).map(({ metric, text }) => (assert.equal(metric, name), text));
}

test('The entry gives lint() and sampleValue(), by name and by default', () => {
  assert.deepEqual(testing, { lint, sampleValue });
});

test('lint() finds nothing wrong with what the package itself exposes, but what docs/metrics.md explains', async (t) => {
  const registry = new MetricsRegistry();
  const defaults = collectDefaultMetrics(registry);
  t.after(() => defaults.stop());
  createFinpilotMetrics(registry);
  const page = readFileSync(join(packageRoot(), 'docs', 'metrics.md'), 'utf8');
  const explained = /^## What promtool says\n[^#]*?```text\n([^`]*)```/m.exec(page)?.[1]?.trimEnd().split('\n');
  assert.deepEqual(
    (await lint(registry)).map(({ metric, text }) => `${metric} ${text}`),
    explained,
  );
});

test('lint() wants a help text', async () => {
  for (const help of ['', '  \t']) assert.deepEqual(await textsOf('a', 'gauge', { help }), ['no help text']);
  assert.deepEqual(await textsOf('a', 'gauge', { help: '\n' }), []);
});

test('lint() wants base units', async () => {
  for (const [name, unit, baseUnit] of [
    ['a_milliseconds', 'milliseconds', 'seconds'],
    ['a_hours_x', 'hours', 'seconds'],
    ['microdays', 'microdays', 'seconds'],
    ['a_kelvins', 'kelvins', 'kelvin'],
    ['a_fahrenheit', 'fahrenheit', 'celsius'],
    ['a_kilometers', 'kilometers', 'meters'],
    ['a_bits', 'bits', 'bytes'],
    ['a_mibibytes', 'mibibytes', 'bytes'],
    ['a_calories', 'calories', 'joules'],
    ['a_ounces', 'ounces', 'grams'],
    // Two units: the first counts.
    ['a_hours_bits', 'hours', 'seconds'],
  ] as const) {
    assert.deepEqual(await textsOf(name), [`use base unit "${baseUnit}" instead of "${unit}"`], name);
  }
  for (const name of [
    'a_seconds',
    'a_kelvin',
    'thermometers',
    'a_Hours',
    'a_seconds_hours',
    'a_kiloseconds2',
    'millikiloseconds',
  ]) {
    assert.deepEqual(await textsOf(name), [], name);
  }
});

test('lint() wants no abbreviated units', async () => {
  for (const name of [
    'a_ms',
    'a_s_x',
    'a_Kb',
    'a_us',
    'a_ns',
    'a_sec',
    'a_b',
    'a_mb',
    'a_GB',
    'a_tb',
    'a_pb',
    'a_m',
    'a_h',
    'a_d_',
  ]) {
    assert.deepEqual(await textsOf(name), ['metric names should not contain abbreviated units'], name);
  }
  for (const name of ['ms', 'ms_a', 'a_mss', 'a_ams', 'a_secs']) assert.deepEqual(await textsOf(name), [], name);
});

test('lint() wants _total at the end of counters only', async () => {
  assert.deepEqual(await textsOf('a', 'counter'), ['counter metrics should have "_total" suffix']);
  assert.deepEqual(await textsOf('a_total', 'counter'), []);
  assert.deepEqual(await textsOf('a_total', 'unknown'), []);
  for (const type of ['gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'] as const) {
    assert.deepEqual(await textsOf('a_total', type), ['non-counter metrics should not have "_total" suffix'], type);
  }
});

test('lint() wants _timestamp_seconds at the end of gauges only', async () => {
  const text = 'non-gauge metrics should not have "_timestamp_seconds" suffix';
  for (const type of ['gauge', 'unknown', 'info'] as const)
    assert.deepEqual(await textsOf('a_timestamp_seconds', type), [], type);
  for (const type of ['histogram', 'summary'] as const)
    assert.deepEqual(await textsOf('a_timestamp_seconds', type), [text], type);
  assert.ok((await textsOf('a_timestamp_seconds', 'counter')).includes(text));
});

test('lint() wants the suffixes of histograms and summaries left to them', async () => {
  const bucket = 'non-histogram metrics should not have "_bucket" suffix';
  const count = 'non-histogram and non-summary metrics should not have "_count" suffix';
  const sum = 'non-histogram and non-summary metrics should not have "_sum" suffix';
  for (const [name, text] of [
    ['a_bucket', bucket],
    ['a_count', count],
    ['a_sum', sum],
  ] as const) {
    for (const type of ['gauge', 'stateset', 'info'] as const)
      assert.deepEqual(await textsOf(name, type), [text], `${name} ${type}`);
    for (const type of ['histogram', 'gaugehistogram', 'unknown'] as const)
      assert.deepEqual(await textsOf(name, type), [], `${name} ${type}`);
  }
  assert.deepEqual(await textsOf('a_bucket', 'summary'), [bucket]);
  for (const name of ['a_count', 'a_sum']) assert.deepEqual(await textsOf(name, 'summary'), []);
});

test('lint() wants the labels le and quantile left to histograms and summaries', async () => {
  const le = 'non-histogram metrics should not have "le" label';
  const quantile = 'non-summary metrics should not have "quantile" label';
  const labels = { labelNames: ['le'], constantLabels: [['quantile', 'x']] } as const;
  assert.deepEqual(await textsOf('a', 'gauge', labels), [le, quantile]);
  assert.deepEqual(await textsOf('a', 'histogram', labels), [quantile]);
  assert.deepEqual(await textsOf('a', 'summary', labels), [le]);
  assert.deepEqual(await textsOf('a', 'unknown', labels), []);
});

test('lint() wants no type in the name of a metric of that type', async () => {
  for (const [name, type] of [
    ['a_gauge', 'gauge'],
    ['a_GAUGE_x', 'gauge'],
    ['a_counter_total', 'counter'],
    ['a_histogram', 'histogram'],
    ['a_summary_x', 'summary'],
  ] as const) {
    assert.deepEqual(await textsOf(name, type), [`metric name should not include type '${type}'`], name);
  }
  for (const [name, type] of [
    ['a_gauge', 'unknown'],
    ['a_untyped', 'unknown'],
    ['gauge_a', 'gauge'],
    ['a_histogram', 'gauge'],
  ] as const) {
    assert.deepEqual(await textsOf(name, type), [], name);
  }
});

test('lint() wants no colons', async () => {
  assert.deepEqual(await textsOf('job:a:rate5m', 'gauge'), ["metric names should not contain ':'"]);
});

test('lint() wants metrics and labels in snake_case', async () => {
  assert.deepEqual(await textsOf('fooBar', 'gauge'), [
    "metric names should be written in 'snake_case' not 'camelCase'",
  ]);
  for (const labels of [{ labelNames: ['aB', 'cD'] }, { constantLabels: [['aB', '']] }] as const) {
    assert.deepEqual(await textsOf('a', 'gauge', labels), [
      "label names should be written in 'snake_case' not 'camelCase'",
    ]);
  }
  assert.deepEqual(await textsOf('FOO_BAR', 'gauge', { labelNames: ['Ab', 'AB'] }), []);
});

test('lint() wants each series once', async () => {
  const series = ['x', 'y', 'x'].map((value) => ({ labelValues: [value], value: 1 }));
  assert.deepEqual(await textsOf('a', 'gauge', { labelNames: ['b'], series } as Partial<Family>), [
    'metric not unique',
  ]);
  assert.deepEqual(await textsOf('a', 'gauge', { labelNames: ['b'], series: series.slice(1) } as Partial<Family>), []);
});

test('lint() reads names as scrapers get them that know no UTF-8, and reports them as they are', async () => {
  assert.deepEqual(await textsOf('wait.milliseconds', 'gauge', { labelNames: ['the.quantileName'] }), [
    "label names should be written in 'snake_case' not 'camelCase'",
    'use base unit "seconds" instead of "milliseconds"',
  ]);
});

test('lint() reports metrics without series, with the prefix of their registry, sorted by metric and text', async () => {
  const registry = new MetricsRegistry({ prefix: 'shop_' });
  new Gauge({ name: 'waits_ms', help: 'Waits.', labelNames: ['queueName'], registers: [registry] });
  new Counter({ name: 'Sales', help: 'Sales.', labelNames: ['kind'], registers: [registry] });
  assert.deepEqual(await lint(registry), [
    { metric: 'shop_Sales', text: 'counter metrics should have "_total" suffix' },
    { metric: 'shop_waits_ms', text: "label names should be written in 'snake_case' not 'camelCase'" },
    { metric: 'shop_waits_ms', text: 'metric names should not contain abbreviated units' },
  ]);
});

test('lint() refuses what is no registry', async () => {
  const message = 'Cannot lint metrics: expected a registry, got "metrics".';
  await assert.rejects((lint as (registry: unknown) => Promise<unknown>)('metrics'), { name: 'TypeError', message });
});
