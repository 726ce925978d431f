import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MappingRules, type StatsdRule } from '../../../lib/bridges/statsd/mapping-rules.ts';
import { received } from './received.ts';

test('StatsdRule maps the parts of a name to a name and labels', async () => {
  const rules: StatsdRule[] = [
    { match: 'api.*.requests.*', name: 'api_requests', labels: { route: '$1', status: '$2', source: 'statsd' } },
    { match: '*.db.*', name: '${1}_db_$2', labels: { both: '$1-${2}' } },
  ];
  const lines =
    'api.users.requests.200:3|c\napi.users.requests.500:1|c|#route:other,zone:a\nshop.db.wait:5|g\napi.x:1|g';
  assert.deepEqual(await received(lines, { rules }), [
    'api_requests_total{route="users",source="statsd",status="200"} 3',
    'api_requests_total{route="users",source="statsd",status="500",zone="a"} 1',
    'api_x 1',
    'shop_db_wait{both="shop-wait"} 5',
  ]);
});

test('StatsdRule: the first rule that matches counts, by name and by type', async () => {
  const rules: StatsdRule[] = [
    { match: 'a.*', type: 'gauge', name: 'gauges' },
    { match: 'a.secret', drop: true },
    { match: 'a.*', name: 'others' },
  ];
  assert.deepEqual(await received('a.secret:1|c\na.secret:2|g\na.b:4|c', { rules }), ['gauges 2', 'others_total 4']);
});

test('StatsdRule without a name keeps the one of the line, even if it has a dollar sign', async () => {
  assert.deepEqual(await received('pay.$1:1|c', { rules: [{ match: 'pay.*', labels: { what: 'x$1' } }] }), [
    'pay__1_total{what="x$1"} 1',
  ]);
});

test('StatsdRule gives observations buckets or quantiles of their own', async () => {
  const rules: StatsdRule[] = [
    { match: 'size', buckets: [10, 20] },
    { match: 'time', quantiles: [0.5], help: 'Times.' },
    { match: 'plain', quantiles: [] },
  ];
  assert.deepEqual(
    await received('size:15|h\ntime:1000|ms\nplain:5|d', { rules }),
    [
      'plain_count 1',
      'plain_sum 5',
      'size_bucket 1',
      'size_count 1',
      'size_sum 15',
      'time_seconds_count 1',
      'time_seconds_sum 1',
      'time_seconds{quantile="0.5"} 1',
    ].sort(),
  );
});

test('unmapped: "drop" drops what no rule matches', async () => {
  const rules = [{ match: 'a.*' }];
  assert.deepEqual(await received('a.b:1|c\nb:1|c\na:1|c\na.b.c:1|c', { rules, unmapped: 'drop' }), ['a_b_total 1']);
});

test('MappingRules refuses rules that it cannot follow, and names them', () => {
  const refused = (rule: unknown): RegExp | undefined => {
    try {
      new MappingRules([{ match: 'ok' }, rule as StatsdRule], true);
      return undefined;
    } catch (error) {
      const { message } = error as Error;
      assert.match(message, /^Cannot (start a StatsD server|create histogram|use label)/);
      return new RegExp(message);
    }
  };
  const wrong: readonly unknown[] = [
    null,
    'a.*',
    {},
    { match: '' },
    { match: 'a*.b' },
    { match: 'a', nme: 'typo' },
    { match: 'a', type: 'c' },
    { match: 'a', drop: 1 },
    { match: 'a', name: '' },
    { match: 'a.*', name: 'b_$2' },
    { match: 'a.*', labels: { x: '$0' } },
    { match: 'a.*', labels: { x: 1 } },
    { match: 'a.*', labels: { 'x-y': '$1' } },
    { match: 'a.*', labels: { le: '$1' } },
    { match: 'a', help: ' ' },
    { match: 'a', buckets: [2, 1] },
    { match: 'a', quantiles: [1.5] },
    { match: 'a', quantiles: [0.5], buckets: [1] },
  ];
  for (const rule of wrong) assert.notEqual(refused(rule), undefined, JSON.stringify(rule));
  assert.throws(() => new MappingRules('a' as unknown as [], true), /expected rules as an array/);
});
