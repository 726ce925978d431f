import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BucketTable } from '../../lib/metrics/bucket-table.ts';
import { Histogram } from '../../lib/metrics/histogram.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** Returns what a histogram has counted, and what a search of one bound after the other counts. */
function countsOf(buckets: readonly number[], values: readonly number[]): [got: readonly number[], wanted: number[]] {
  const child = new Histogram({ name: 'x', help: 'X.', buckets, registers: [] }).series[0]!;
  const wanted = new Array<number>(buckets.length + 1).fill(0);
  for (const value of values) {
    child.observe(value);
    const bucket = buckets.findIndex((bound) => value <= bound);
    wanted[bucket === -1 ? buckets.length : bucket]! += 1;
  }
  return [child.bucketCounts, wanted];
}

/** The doubles at and on both sides of a bound, and those around its power of two and eighths of it. */
function valuesAround(bound: number): number[] {
  const power = 2 ** Math.floor(Math.log2(Math.abs(bound) || 1));
  return [bound, power, ...[1, 2, 3, 4, 5, 6, 7].map((eighths) => power * (1 + eighths / 8)), -power]
    .flatMap((value) => [previousDouble(value), value, -previousDouble(-value)])
    .filter(Number.isFinite);
}

const doubles = new Float64Array(1);
const bits = new BigInt64Array(doubles.buffer);

function previousDouble(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  doubles[0] = value;
  bits[0] = bits[0]! + (value > 0 ? -1n : 1n);
  return doubles[0];
}

const EXTREME = [-Number.MAX_VALUE, -1, -Number.MIN_VALUE, 0, Number.MIN_VALUE, 2 ** -1022, 1e-300, 1, 2 ** 53, 1e300];

for (const [what, buckets] of [
  ['no bounds', []],
  ['one bound', [1]],
  ['only zero', [0]],
  ['only negative bounds', [-3, -2, -1]],
  ['bounds on both sides of zero', [-2.5, -1, -0.5, 0, 0.5, 1, 2.5]],
  ['extreme bounds', [...EXTREME, Number.MAX_VALUE]],
  ['the least numbers', [Number.MIN_VALUE, 2 * Number.MIN_VALUE, 3 * Number.MIN_VALUE]],
  ['adjacent doubles', [1, 1 + Number.EPSILON, 1 + 2 * Number.EPSILON]],
  ['many bounds in one doubling', Array.from({ length: 300 }, (_, i) => 1 + i / 300)],
] as const) {
  test(`Histogram.observe() finds the bucket that a linear search finds: ${what}`, () => {
    const [got, wanted] = countsOf(buckets, [...buckets, ...EXTREME, Number.MAX_VALUE, -0].flatMap(valuesAround));
    assert.deepEqual(got, wanted);
  });
}

test('Histogram.observe() finds the bucket that a linear search finds: 1,000 random histograms', () => {
  const random = new SeededRandom(20);
  const number = (): number => (random.int(4) === 0 ? -1 : 1) * 10 ** (random.int(12) - 6) * random.next();
  for (let round = 0; round < 1000; round++) {
    const buckets = [...new Set(Array.from({ length: random.int(40) }, number))].sort((a, b) => a - b);
    const values = [...buckets.flatMap(valuesAround), ...Array.from({ length: 50 }, number)];
    const [got, wanted] = countsOf(buckets, values);
    assert.deepEqual(got, wanted, `buckets ${buckets.join(', ')}`);
  }
});

test('Histogram.observe() finds the bucket among more bounds than 16 bits can number', () => {
  const buckets = Array.from({ length: 200_000 }, (_, i) => i + 1);
  const child = new Histogram({ name: 'x', help: 'X.', buckets, registers: [] }).series[0]!;
  for (const value of [0.5, 1, 65_536, 199_999.5, 200_001]) child.observe(value);
  const hits = child.bucketCounts.flatMap((count, bucket) => (count > 0 ? [[bucket, count]] : []));
  assert.deepEqual(hits, [
    [0, 2],
    [65_535, 1],
    [199_999, 1],
    [200_000, 1],
  ]);
});

/** The least number in a cell of a table. */
function startOf({ origin, shift }: BucketTable, cell: number): number {
  bits[0] = BigInt((origin + cell) << shift) << 32n;
  return doubles[0]!;
}

test('BucketTable starts each value behind all bounds that are below its cell', () => {
  const random = new SeededRandom(21);
  const positive = (): number => 10 ** (random.int(12) - 6) * random.next();
  for (let round = 0; round < 200; round++) {
    const buckets = [...new Set(Array.from({ length: 1 + random.int(40) }, positive))].sort((a, b) => a - b);
    const table = new BucketTable(buckets);
    const { firstBounds, bounds } = table;
    assert.deepEqual([...bounds], [...buckets, Infinity]);
    const wanted = Array.from(firstBounds, (_, cell) =>
      cell === 0 ? 0 : buckets.filter((bound) => bound < startOf(table, cell)).length,
    );
    assert.deepEqual([...firstBounds], wanted);
    assert.ok(startOf(table, 1) <= buckets[0]!, 'the first bound is in cell 1');
    assert.ok(buckets[0]! < startOf(table, 2), 'the first bound is in cell 1');
    assert.equal(firstBounds.at(-1), buckets.length, 'the last cell is above all bounds');
    assert.ok(firstBounds.at(-2)! < buckets.length, 'and the one before it is not');
  }
});

test('BucketTable has eight cells for a doubling, or as many as 1,024 cells allow', () => {
  for (const [buckets, shift, cells] of [
    [[], 17, 3],
    [[0], 17, 3],
    [[-1], 17, 3],
    [[1, 2], 17, 11],
    [[1, 2 ** 127], 17, 1019],
    [[1, 2 ** 127 * 1.625], 17, 1024],
    [[1, 2 ** 127 * 1.75], 18, 514],
    [[Number.MIN_VALUE, Number.MAX_VALUE], 22, 514],
  ] as const) {
    const table = new BucketTable(buckets);
    assert.deepEqual([table.shift, table.firstBounds.length], [shift, cells], `buckets ${buckets.join(', ')}`);
  }
});

test('BucketTable takes two bytes for a cell unless there are more bounds than these can number', () => {
  const upTo = (count: number): BucketTable => new BucketTable(Array.from({ length: count }, (_, i) => i + 1));
  assert.ok(upTo(0xffff).firstBounds instanceof Uint16Array);
  assert.ok(upTo(0x10000).firstBounds instanceof Uint32Array);
});
