import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from '../../support/files-below.ts';
import { packageRoot } from '../../support/package-root.ts';
import { readYaml } from '../../support/read-yaml.ts';
import { type RealProgram, testOnEach } from '../../support/real-system.ts';
import { runProgram } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Rule, RuleCase } from '../read-rules.ts';
import { inClassicNames } from './classic-names.ts';

const node = join(packageRoot(), 'monitoring', 'node');
const page = readFileSync(join(packageRoot(), 'docs', 'node-monitoring.md'), 'utf8');

const rules = filesBelow(join(node, 'rules')).flatMap((file) => {
  const { groups } = readYaml(join(node, 'rules', file)) as { groups: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap((group) => group.rules);
});
const cases = filesBelow(join(node, 'tests')).flatMap((file) => {
  return (readYaml(join(node, 'tests', file)) as { tests: readonly RuleCase[] }).tests;
});
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
const recorded = [...new Set(rules.flatMap(({ record }) => record ?? []))];

for (const names of ['semconv', 'classic'] as const) {
  testOnEach('promtool', `promtool accepts the rules of any Node service, names ${names}`, (program, t) => {
    const folder = folderOf(names, t);
    const files = filesBelow(join(folder, 'rules')).map((file) => join('rules', file));
    const { status, stdout, stderr } = runProgram(
      program.path,
      ['check', 'rules', '--lint=all', '--lint-fatal', ...files],
      folder,
    );
    assert.equal(status, 0, stdout + stderr);
  });

  testOnEach(
    'promtool',
    `promtool finds the rules of any Node service to do what their cases say, names ${names}`,
    (program, t) => {
      const folder = folderOf(names, t);
      const files = filesBelow(join(folder, 'tests'))
        .filter((file) => file !== 'native.test.yml' || readsNativeHistograms(program))
        .map((file) => join('tests', file));
      const { status, stdout, stderr } = runProgram(program.path, ['test', 'rules', ...files], folder);
      assert.equal(status, 0, stdout + stderr);
      t.diagnostic(`${files.length} files`);
    },
  );
}

function folderOf(names: 'semconv' | 'classic', t: Parameters<typeof temporaryFolder>[0]): string {
  if (names === 'semconv') return node;
  const folder = temporaryFolder(t);
  for (const name of ['rules', 'tests']) {
    cpSync(join(node, name), join(folder, name), { recursive: true });
    for (const file of filesBelow(join(folder, name))) {
      const path = join(folder, name, file);
      writeFileSync(path, inClassicNames(readFileSync(path, 'utf8')));
    }
  }
  return folder;
}

/** Whether its test cases may have native histograms as input: not in Prometheus 2.42, which Debian 12 has. */
function readsNativeHistograms({ path }: RealProgram): boolean {
  const { stdout, stderr } = runProgram(path, ['--version'], node);
  return !/ version 2\./.test(stdout + stderr);
}

test('Each alert for any Node service has a case in which it does not fire yet, fires, and resolves', (t) => {
  for (const { alert } of alerts) {
    const states = cases.flatMap(({ alert_rule_test: tests = [] }) =>
      tests.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length > 0),
    );
    assert.deepEqual(states, [false, true, false], alert);
  }
  t.diagnostic(`${alerts.length} alerts`);
});

test('Each recording rule for any Node service has a case that expects samples of it', (t) => {
  const tested = cases.flatMap(({ promql_expr_test: tests = [] }) =>
    tests.filter(({ exp_samples }) => exp_samples.length > 0).map(({ expr }) => expr),
  );
  assert.deepEqual([...new Set(tested)].sort(), [...recorded].sort());
  t.diagnostic(`${recorded.length} recorded series, ${rules.length - alerts.length} rules`);
});

test('Each alert for any Node service says how bad and what, and has a runbook, and each runbook an alert', () => {
  const headings = [...page.matchAll(/^### (Nodejs\w+)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings.sort(), alerts.map(({ alert }) => alert).sort());
  for (const { alert, for: duration, labels = {}, annotations = {} } of alerts) {
    assert.match(duration ?? '', /^\d+[mh]$/, alert);
    assert.match(labels['severity'] ?? '', /^(critical|warning)$/, alert);
    assert.match(labels['signal'] ?? '', /^(latency|traffic|errors|saturation)$/, alert);
    assert.deepEqual(Object.keys(annotations).sort(), ['description', 'runbook_url', 'summary'], alert);
    assert.equal(annotations['runbook_url'], `docs/node-monitoring.md#${alert.toLowerCase()}`);
  }
});

test('docs/node-monitoring.md counts dashboards, panels, rules and alerts', () => {
  const dashboards = filesBelow(join(node, 'dashboards')).map((file) => {
    return JSON.parse(readFileSync(join(node, 'dashboards', file), 'utf8')) as { panels: readonly { type: string }[] };
  });
  const panels = dashboards.flatMap((dashboard) => dashboard.panels.filter(({ type }) => type !== 'row'));
  const counted =
    `${dashboards.length} dashboards with ${panels.length} panels, ${rules.length - alerts.length} recording rules, ` +
    `${alerts.length} alerts`;
  assert.ok(page.replace(/\s+/g, ' ').includes(counted), counted);
});
