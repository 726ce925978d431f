import { join } from 'node:path';
import { filesBelow } from '../support/files-below.ts';
import { packageRoot } from '../support/package-root.ts';
import { readYaml } from '../support/read-yaml.ts';

/** A rule of monitoring/prometheus/rules: either `record` or `alert` is there. */
export interface Rule {
  /** The file, without folder. */
  readonly file: string;
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A case of monitoring/prometheus/tests, as promtool reads it. */
export interface RuleCase {
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
}

const prometheus = join(packageRoot(), 'monitoring', 'prometheus');

/** All rules; what a recording rule reads comes before it. */
export function readRules(): readonly Rule[] {
  const files = filesBelow(join(prometheus, 'rules'));
  const inOrder = ['limits.yml', 'sums.yml', 'ratios.yml', ...files];
  return [...new Set(inOrder)].flatMap((file) => {
    const { groups } = readYaml(join(prometheus, 'rules', file)) as { groups: readonly { rules: readonly Rule[] }[] };
    return groups.flatMap(({ rules }) => rules.map((rule) => ({ ...rule, file })));
  });
}

/** The cases of all files. */
export function readRuleCases(): readonly RuleCase[] {
  return filesBelow(join(prometheus, 'tests')).flatMap((file) => {
    return (readYaml(join(prometheus, 'tests', file)) as { tests: readonly RuleCase[] }).tests;
  });
}
