import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readingsOf, seriesKey } from '../../../lib/page/history/readings.ts';
import { parse } from '../../../lib/parse/parse.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const readings = (exposition: string) => parse(exposition).flatMap(readingsOf);

test('readingsOf() returns counters as counters, and gauges and untyped samples as gauges', () => {
  const text = '# TYPE a_total counter\na_total{x="1"} 3\n# TYPE b gauge\nb -2\nc 7\n';
  assert.deepEqual(readings(text), [
    { kind: 'counter', key: 'a_total,x=1:1', name: 'a_total', labels: [['x', '1']], value: 3 },
    { kind: 'gauge', key: 'b', name: 'b', labels: [], value: -2 },
    { kind: 'gauge', key: 'c', name: 'c', labels: [], value: 7 },
  ]);
});

test('readingsOf() makes one reading of a histogram’s samples, with a count per bucket', () => {
  const text = `# TYPE h histogram
h_bucket{x="1",le="0.5"} 2
h_bucket{x="1",le="2.0"} 5
h_bucket{x="1",le="+Inf"} 6
h_sum{x="1"} 9.5
h_count{x="1"} 6
`;
  assert.deepEqual(readings(text), [
    {
      kind: 'histogram',
      key: 'h,x=1:1',
      name: 'h',
      labels: [['x', '1']],
      upperBounds: [0.5, 2],
      bucketCounts: [2, 3, 1],
      sum: 9.5,
    },
  ]);
});

test('readingsOf() separates the series of a histogram, whatever the order of their samples', () => {
  const text = `# TYPE h histogram
h_sum{x="1"} 1
h_bucket{x="1",le="1"} 1
h_bucket{x="2",le="1"} 0
h_bucket{x="2",le="inf"} 4
h_bucket{x="1",le="+Inf"} 1
h_count{x="2"} 4
h_count{x="1"} 1
`;
  assert.deepEqual(readings(text), [
    {
      kind: 'histogram',
      key: 'h,x=1:1',
      name: 'h',
      labels: [['x', '1']],
      upperBounds: [1],
      bucketCounts: [1, 0],
      sum: 1,
    },
    {
      kind: 'histogram',
      key: 'h,x=1:2',
      name: 'h',
      labels: [['x', '2']],
      upperBounds: [1],
      bucketCounts: [0, 4],
      sum: NaN,
    },
  ]);
});

test('readingsOf() returns the quantiles of a summary as gauges, sum and count as counters', () => {
  const text = '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 9\ns_count 4\n';
  assert.deepEqual(
    readings(text).map(({ kind, name }) => `${kind} ${name}`),
    ['gauge s', 'counter s_sum', 'counter s_count'],
  );
});

test('readingsOf() returns the other types of OpenMetrics as gauges', () => {
  const text = `# TYPE i info
i_info{v="1"} 1
# TYPE s stateset
s{s="on"} 1
# TYPE g gaugehistogram
g_bucket{le="+Inf"} 3
g_gcount 3
g_gsum 1
# EOF
`;
  const kinds = parse(text, 'application/openmetrics-text')
    .flatMap(readingsOf)
    .map(({ kind }) => kind);
  assert.deepEqual([...new Set(kinds)], ['gauge']);
});

test('seriesKey() differs for different series, whatever the label values contain', () => {
  const random = new SeededRandom(5);
  const seriesByKey = new Map<string, string>();
  for (let i = 0; i < 20_000; i++) {
    const labels = Array.from({ length: 1 + random.int(2) }, (_, at) => ['ab'[at]!, random.text(4)] as const);
    const series = JSON.stringify(labels);
    const key = seriesKey('m', labels);
    assert.equal(seriesByKey.get(key) ?? series, series);
    seriesByKey.set(key, series);
  }
  assert.equal(new Set(seriesByKey.values()).size, seriesByKey.size);
  assert.notEqual(
    seriesKey('m', [['a', '1,b=1:2']]),
    seriesKey('m', [
      ['a', '1'],
      ['b', '2'],
    ]),
  );
});
