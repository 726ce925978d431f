import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../lib/metrics/histogram.ts';
import type { NativeBucketCounts } from '../../lib/model/family.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import type { NativeHistogramChild } from '../../lib/native/native-child.ts';
import { SeededRandom } from '../support/seeded-random.ts';

// Native buckets and the classic ones, which are sums of them, come from one reading as long as the series does not change.

const BOUNDS = [0.25, 1, 4];

function createSeries(maxBuckets: number): readonly NativeHistogramChild[] {
  const buckets = nativeBuckets({ classicBounds: BOUNDS, zeroThreshold: 0, maxBuckets });
  const histogram = new Histogram({ name: 'x', help: 'X.', labelNames: ['i'], registers: [], buckets });
  return ['a', 'b'].map((i) => histogram.labels(i));
}

function pairsOf({ indexes, counts }: NativeBucketCounts): [number, number][] {
  return Array.from(indexes, (index, i) => [index, counts[i]!]);
}

test('NativeHistogramChild.bucketCounts and native have every observation, however reading and observing alternate', () => {
  const random = new SeededRandom(3);
  // With few buckets, the resolution falls to the lowest, from where on no observation takes the short way.
  for (const maxBuckets of [1, 3, 160]) {
    const series = createSeries(maxBuckets);
    const observed = series.map(() => 0);
    for (let i = 0; i < 5_000; i++) {
      const at = random.int(2);
      const child = series[at]!;
      switch (random.int(4)) {
        case 0:
          assert.equal(child.native.count, observed[at]);
          break;
        case 1:
          assert.equal(
            child.bucketCounts.reduce((a, b) => a + b),
            observed[at],
          );
          break;
        case 2:
          if (random.int(100) === 0) {
            child.reset();
            observed[at] = 0;
          }
          break;
        default:
          child.observe(random.pick([0, 0.3, -0.3, 0.3, 2, 2, 2, 5e-324, -1e300, 1e300, random.next()]));
          observed[at]!++;
      }
    }
  }
});

test('NativeHistogramChild.bucketCounts does not read again what native has just read', () => {
  const [child, other] = createSeries(160) as [NativeHistogramChild, NativeHistogramChild];
  for (const value of [0.2, 3, 3, -1]) child.observe(value);
  other.observe(100);
  const { positive } = child.native;
  (positive.counts as Float64Array)[1] = 7; // shows which reading the classic buckets come from
  assert.deepEqual(child.bucketCounts, [2, 0, 7, 0]);
  assert.deepEqual(other.bucketCounts, [0, 0, 0, 1]);
  assert.deepEqual(child.bucketCounts, [2, 0, 2, 0]);
});

test('NativeHistogramChild.native has buckets of both signs in order, whatever their distance', () => {
  const random = new SeededRandom(4);
  for (let round = 0; round < 60; round++) {
    const [child] = createSeries(Infinity) as [NativeHistogramChild];
    const widest = random.pick([1, 10, 300]);
    const values = Array.from({ length: 1 + random.int(40) }, () => 10 ** (widest * (2 * random.next() - 1)));
    const signed = values.map((value) => (random.int(2) === 0 ? value : -value));
    for (const value of signed) child.observe(value);
    for (const sign of [1, -1]) {
      // What a series of its own has for each value alone.
      const expected = new Map<number, number>();
      for (const value of signed.filter((one) => one * sign > 0)) {
        const [alone] = createSeries(1) as [NativeHistogramChild];
        alone.observe(Math.abs(value));
        const [[index]] = pairsOf(alone.native.positive) as [[number, number]];
        expected.set(index, (expected.get(index) ?? 0) + 1);
      }
      const sorted = [...expected].sort(([a], [b]) => a - b);
      assert.deepEqual(pairsOf(sign > 0 ? child.native.positive : child.native.negative), sorted);
    }
  }
});
