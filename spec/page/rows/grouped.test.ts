import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped } from '../../../lib/page/rows/grouped.ts';

const titles = (...names: readonly string[]): (readonly [string, string[]])[] =>
  [...grouped(names.map((name) => ({ name })))].map(
    ([title, group]) => [title, group.map(({ name }) => name)] as const,
  );

test('grouped() has FinPilot’s rows first, in their order, then prefixes as they came', () => {
  const names = [
    'nodejs_a',
    'finpilot_auth_attempts_total',
    'http_a',
    'nodejs_b',
    'finpilot_build_info',
    'http_b',
    'finpilot_scans_total',
  ];
  assert.deepEqual(titles(...names), [
    ['System Overview', ['finpilot_build_info']],
    ['Scanner', ['finpilot_scans_total']],
    ['Auth & Security', ['finpilot_auth_attempts_total']],
    ['Node.js', ['nodejs_a', 'nodejs_b']],
    ['http', ['http_a', 'http_b']],
  ]);
});

test('grouped() puts what stands alone under its prefix together, at the end', () => {
  assert.deepEqual(titles('up', 'http_a', 'http_b', 'price'), [
    ['http', ['http_a', 'http_b']],
    ['Other', ['up', 'price']],
  ]);
});
