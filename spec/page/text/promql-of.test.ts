import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promqlOf } from '../../../lib/page/text/promql-of.ts';

test('promqlOf() asks for a value, a rate, or a percentile', () => {
  assert.equal(promqlOf({ kind: 'gauge', name: 'a', labels: [] }), 'a');
  assert.equal(
    promqlOf({
      kind: 'counter',
      name: 'a_total',
      labels: [
        ['x', '1'],
        ['y', '2'],
      ],
    }),
    'rate(a_total{x="1", y="2"}[5m])',
  );
  assert.equal(promqlOf({ kind: 'histogram', name: 'h', labels: [] }), 'histogram_quantile(0.95, rate(h_bucket[5m]))');
});

test('promqlOf() escapes label values as PromQL reads them', () => {
  assert.equal(promqlOf({ kind: 'gauge', name: 'a', labels: [['x', 'say "\\"\n']] }), 'a{x="say \\"\\\\\\"\\n"}');
});
