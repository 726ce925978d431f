import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePromql } from './parse-promql.ts';

test('parsePromql() reads selectors with their matchers, window and offset', () => {
  assert.deepEqual(parsePromql('a_total{x="1", b=~"p|q\\"r"}[5m] offset 1h'), {
    kind: 'selector',
    metric: 'a_total',
    matchers: [
      { label: 'b', operator: '=~', value: 'p|q"r' },
      { label: 'x', operator: '=', value: '1' },
    ],
    range: '5m',
    offset: '1h',
  });
  assert.deepEqual(parsePromql('job:a:rate5m'), { kind: 'selector', metric: 'job:a:rate5m', matchers: [] });
});

test('parsePromql() binds operators as PromQL does', () => {
  const shape = (text: string): unknown => shapeOf(parsePromql(text));
  assert.deepEqual(shape('a + b * c'), ['+', 'a', ['*', 'b', 'c']]);
  assert.deepEqual(shape('a - b - c'), ['-', ['-', 'a', 'b'], 'c']);
  assert.deepEqual(shape('(a - b) > c and d or e unless f'), [
    'or',
    ['and', ['>', ['-', 'a', 'b'], 'c'], 'd'],
    ['unless', 'e', 'f'],
  ]);
  assert.deepEqual(shape('a / 2 > on (x) group_left () b'), ['>', ['/', 'a', '2'], 'b']);
});

function shapeOf(expression: ReturnType<typeof parsePromql>): unknown {
  if (expression.kind === 'binary') return [expression.operator, shapeOf(expression.left), shapeOf(expression.right)];
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'selector' ? expression.metric : expression.kind;
}

test('parsePromql() reads the labels of an aggregation before and after it', () => {
  const sum = { kind: 'aggregation', operator: 'sum', grouping: 'by', labels: ['x', 'y'] };
  const args = [{ kind: 'selector', metric: 'a', matchers: [] }];
  assert.deepEqual(parsePromql('sum by (x, y) (a)'), { ...sum, args });
  assert.deepEqual(parsePromql('sum(a) by (x, y)'), { ...sum, args });
  assert.deepEqual(parsePromql('sum(a)'), { ...sum, labels: [], args });
});

test('parsePromql() refuses what is no PromQL, and what it does not know', () => {
  assert.throws(() => parsePromql('rate(a[5m]'), {
    name: 'SyntaxError',
    message: 'Cannot read PromQL: expected ",", got "the end" as token 7.',
  });
  for (const text of ['', 'a{', 'a{x}', 'a[5m', 'sum by x (a)', 'a b', 'a +', '$job', 'a[5m:1m]', '-a']) {
    assert.throws(() => parsePromql(text), SyntaxError, text);
  }
});
