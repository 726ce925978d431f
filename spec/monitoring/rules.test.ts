import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { type PromqlExpression, parsePromql } from '../support/parse-promql.ts';
import { checkExpression } from './check-expression.ts';
import { scrapedSeries } from './known-series.ts';
import { readRuleCases, readRules } from './read-rules.ts';
import { withRecorded } from './recorded-series.ts';

const rules = readRules();
const recordings = rules.flatMap((rule) => (rule.record === undefined ? [] : [{ ...rule, record: rule.record }]));
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
const known = withRecorded(scrapedSeries(), rules);
const runbook = readFileSync(join(packageRoot(), 'docs', 'monitoring.md'), 'utf8');

test('The rules ask for series and labels that there are', (t) => {
  const faults = rules.flatMap(({ file, record, alert, expr }) =>
    checkExpression(expr, known).faults.map((fault) => `${file}: ${record ?? alert}: ${fault}`),
  );
  assert.deepEqual(faults, []);
  t.diagnostic(`${recordings.length} recording rules, ${alerts.length} alerts`);
});

test('Recording rules are named level:metric:operations, and the level says their labels', () => {
  for (const { record } of recordings) {
    assert.match(record, /^[a-z]+(_[a-z]+)*:[a-z_]+:[a-z0-9_]+$/, record);
    const level = record.split(':')[0]!.split('_');
    assert.deepEqual(level.sort(), [...known.get(record)!.labels].sort(), record);
  }
});

test('The rules for instances read what is scraped, those for the service only what is recorded', () => {
  const metricsOf = (file: string): string[] => {
    return rules.filter((rule) => rule.file === file).flatMap(({ expr }) => metricNames(parsePromql(expr)));
  };
  const isRecorded = (name: string): boolean => name.includes(':');
  // Each Prometheus has `up` of what it scrapes itself, the one above several shards of the shards.
  for (const file of ['ratios.yml', 'slo.yml', 'service-alerts.yml']) {
    assert.deepEqual(
      metricsOf(file).filter((name) => name !== 'up' && !isRecorded(name)),
      [],
      `${file}: not there above several shards`,
    );
  }
  const ofShards = new Set(
    rules.filter(({ file }) => ['limits.yml', 'sums.yml'].includes(file)).map(({ record }) => record),
  );
  for (const file of ['sums.yml', 'instance-alerts.yml']) {
    assert.deepEqual(
      metricsOf(file).filter((name) => isRecorded(name) && !ofShards.has(name)),
      [],
      file,
    );
  }
});

function metricNames(expression: PromqlExpression): string[] {
  switch (expression.kind) {
    case 'selector':
      return [expression.metric];
    case 'call':
    case 'aggregation':
      return expression.args.flatMap(metricNames);
    case 'binary':
      return [...metricNames(expression.left), ...metricNames(expression.right)];
    case 'literal':
      return [];
  }
}

test('Each alert says how long, how bad and what, with labels that it has', () => {
  for (const { alert, expr, for: duration, labels = {}, annotations = {} } of alerts) {
    assert.match(duration ?? '', /^\d+[mh]$/, alert);
    assert.match(labels['severity'] ?? '', /^(critical|warning)$/, alert);
    assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url'], alert);
    const there = checkExpression(expr, known).labels;
    for (const [, label = ''] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)) {
      assert.ok(there.has(label), `${alert}: there is no label ${label}`);
    }
  }
});

test('Each alert has a runbook in docs/monitoring.md, and each runbook an alert', () => {
  const headings = [...runbook.matchAll(/^### (Finpilot\w+)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings.sort(), alerts.map(({ alert }) => alert).sort());
  for (const { alert, annotations } of alerts) {
    assert.equal(annotations?.['runbook_url'], `docs/monitoring.md#${alert.toLowerCase()}`);
  }
});

test('Each of the four golden signals has an alert', () => {
  const signals = new Set(alerts.flatMap(({ labels }) => labels?.['signal'] ?? []));
  assert.deepEqual([...signals].sort(), ['errors', 'latency', 'saturation', 'traffic']);
});

test('Each alert has a case in which it fires and one in which it does not', (t) => {
  const cases = readRuleCases().flatMap(({ alert_rule_test: tests = [] }) => tests);
  const expected = (isFiring: boolean): string[] => {
    return [
      ...new Set(cases.filter((one) => one.exp_alerts.length > 0 === isFiring).map((one) => one.alertname)),
    ].sort();
  };
  const names = alerts.map(({ alert }) => alert).sort();
  assert.deepEqual(expected(true), names);
  assert.deepEqual(expected(false), names);
  t.diagnostic(`${names.length} alerts, ${cases.length} expectations`);
});

test('Each recording rule has a case that expects samples of it', (t) => {
  const cases = readRuleCases().flatMap(({ promql_expr_test: tests = [] }) => tests);
  const tested = cases
    .filter((one) => one.exp_samples.length > 0)
    .flatMap(({ expr }) => metricNames(parsePromql(expr)));
  const names = [...new Set(recordings.map(({ record }) => record))];
  assert.deepEqual([...new Set(tested)].sort(), names.sort());
  t.diagnostic(`${names.length} recorded series, ${recordings.length} rules`);
});
