import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardQueries, readDashboards } from '../../monitoring/stack/dashboard-queries.ts';
import { type PromqlBinary, type PromqlExpression, parsePromql } from '../support/parse-promql.ts';
import { startRealServer } from '../support/real-server.ts';
import { testOnEach } from '../support/real-system.ts';
import { readRules } from './read-rules.ts';

/** A node of the tree that Prometheus 3 makes of an expression, as far as it is needed here. */
interface PrometheusNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

testOnEach('prometheus', 'parsePromql() reads every rule and panel as Prometheus does', async (program, t) => {
  const cleanup = { after: t.after.bind(t) };
  const server = await startRealServer(cleanup, program, {
    readyPath: '/-/ready',
    args: (port, folder) => {
      writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
      const store = `--storage.tsdb.path=${join(folder, 'data')}`;
      return [`--config.file=${join(folder, 'prometheus.yml')}`, store, `--web.listen-address=127.0.0.1:${port}`];
    },
  });
  const expressions = [...readRules(), ...dashboardQueries(readDashboards())].map(({ expr }) => expr);
  for (const expr of expressions) {
    const response = await fetch(`${server.url}/api/v1/parse_query?query=${encodeURIComponent(expr)}`);
    if (response.status === 404) return t.skip('this version has no parse_query');
    const { data, error } = (await response.json()) as { data: PrometheusNode; error?: string };
    assert.equal(error, undefined, expr);
    assert.deepEqual(inSeconds(parsePromql(expr)), ofPrometheus(data), expr);
  }
  t.diagnostic(`${expressions.length} expressions agree`);
});

/** With durations in seconds, since Prometheus has no other. */
function inSeconds(expression: PromqlExpression): unknown {
  return JSON.parse(JSON.stringify(expression), (key, value: unknown) => {
    return (key === 'range' || key === 'offset') && typeof value === 'string' ? secondsOf(value) : value;
  });
}

function secondsOf(duration: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? assert.fail(duration);
  return Number(count) * SECONDS[unit]!;
}

/** What parsePromql() would have made of it. */
function ofPrometheus(node: PrometheusNode): unknown {
  const child = (field: string): unknown => ofPrometheus(node[field] as PrometheusNode);
  switch (node.type) {
    case 'parenExpr':
      return child('expr');
    case 'numberLiteral':
    case 'stringLiteral':
      return { kind: 'literal', value: node['val'] };
    case 'vectorSelector':
    case 'matrixSelector':
      return ofSelector(node);
    case 'call': {
      const args = (node['args'] as readonly PrometheusNode[]).map(ofPrometheus);
      return { kind: 'call', function: (node['func'] as { name: string }).name, args };
    }
    case 'aggregation': {
      const args = [...(node['param'] === null ? [] : [child('param')]), child('expr')];
      const grouping = node['without'] === true ? 'without' : 'by';
      return { kind: 'aggregation', operator: node['op'], grouping, labels: node['grouping'], args };
    }
    case 'binaryExpr':
      return { kind: 'binary', operator: node['op'], left: child('lhs'), right: child('rhs'), ...matchingOf(node) };
    default:
      return assert.fail(`no such node is known: ${node.type}`);
  }
}

function ofSelector(node: PrometheusNode): unknown {
  const all = node['matchers'] as readonly { name: string; type: string; value: string }[];
  const matchers = all
    .filter(({ name }) => name !== '__name__')
    .map(({ name, type, value }) => ({ label: name, operator: type, value }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
  const [range, offset] = [node['range'], node['offset']].map((milliseconds) => Number(milliseconds ?? 0) / 1000);
  return {
    kind: 'selector',
    metric: node['name'],
    matchers,
    ...(range === 0 ? {} : { range }),
    ...(offset === 0 ? {} : { offset }),
  };
}

function matchingOf(node: PrometheusNode): Pick<PromqlBinary, 'matching' | 'group'> {
  const matching = node['matching'] as { card: string; include: string[]; labels: string[]; on: boolean } | null;
  if (matching === null || (!matching.on && matching.labels.length === 0)) return {};
  const found = { kind: matching.on ? ('on' as const) : ('ignoring' as const), labels: matching.labels };
  if (matching.card !== 'many-to-one') return { matching: found };
  return { matching: found, group: { kind: 'group_left', labels: matching.include } };
}
