import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, MetricsRegistry } from '../../lib/core.ts';
import { type NativeBucketsOptions, nativeBuckets } from '../../lib/native/index.ts';
import { mergeNative, type NativeCounts } from '../../lib/native/merge.ts';
import { recountNative } from '../support/recount-native.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** The counts of a native histogram of these values. */
function histogramOf(options: NativeBucketsOptions, values: readonly number[]): NativeCounts {
  const buckets = nativeBuckets(options);
  const child = new Histogram({ name: 'x', help: 'X.', registers: [new MetricsRegistry()], buckets }).labels();
  for (const value of values) child.observe(value);
  return child.snapshot();
}

function assertCounts(merged: NativeCounts, values: readonly number[], what?: string): void {
  const { schema, zeroThreshold, zeroCount, positive, negative } = merged;
  const pairsOf = ({ indexes, counts }: NativeCounts['positive']) =>
    Array.from(indexes, (index, i) => [index, counts[i]!] as const);
  const found = { zeroCount, positive: pairsOf(positive), negative: pairsOf(negative) };
  assert.deepEqual(found, recountNative(values, schema, zeroThreshold), what);
}

test('mergeNative() widens the zero bucket only if it has taken a part of a wider bucket of the result', () => {
  for (const [values, expected] of [
    [[0.96875, 0.625, 2], 1], // 0.6 is inside the bucket of 0.625
    [[0.96875, 0.5625, 2], 1], // the bucket of 0.5625 ends below 0.6; in the result, it is one with that of 0.96875
    [[0.96875, 2, 0.375], 0.6], // of the bucket from 0.5 to 1, there is nothing below 0.6
  ] as const) {
    const parts = [histogramOf({}, values), histogramOf({ bucketFactor: 2, zeroThreshold: 0.6 }, [0.5, 1.5])];
    const merged = mergeNative(parts);
    assert.deepEqual([merged.schema, merged.zeroThreshold], [0, expected]);
    assertCounts(merged, [...values, 0.5, 1.5]);
  }
});

test('mergeNative() of a later moment has in no bucket less than of an earlier one, but in those that the zero bucket takes', () => {
  const early = mergeNative([histogramOf({}, [0.5625, 0.96875, 3])]);
  const late = mergeNative([early, histogramOf({ bucketFactor: 2, zeroThreshold: 0.6 }, [0.875])]);
  // As a rate does, and the changes that are sent by OTLP.
  const { zeroCount, positive } = mergeNative([late, early], -1);
  assert.deepEqual([zeroCount, Array.from(positive.counts), late.zeroThreshold], [1, [], 1]);
});

test('mergeNative() widens the zero bucket again where widening cuts a bucket of another part', () => {
  const parts = [
    histogramOf({ zeroThreshold: 0.3 }, [0.1]),
    histogramOf({}, [0.31]), // ends at 2 ** -1.625, 0.324
    histogramOf({ bucketFactor: 2 }, [-0.4, 5]), // ends at 0.5
    histogramOf({ bucketFactor: 16 }, [0.7, 40]), // ends at 1
  ];
  const merged = mergeNative(parts);
  assert.deepEqual([merged.schema, merged.zeroThreshold], [-2, 1]);
  assertCounts(merged, [0.1, 0.31, -0.4, 5, 0.7, 40]);
});

test('mergeNative() leaves a zero bucket alone that ends at a bound, in no populated bucket, or in one of its own', () => {
  for (const [zeroThreshold, value] of [
    [0.5, 0.1],
    [0.3, 0.1],
    [0.3, 0.31],
  ] as const) {
    const merged = mergeNative([histogramOf({ zeroThreshold }, [value]), histogramOf({ bucketFactor: 2 }, [0.2, 0.7])]);
    assert.equal(merged.zeroThreshold, zeroThreshold);
    assertCounts(merged, [value, 0.2, 0.7]);
  }
});

test('mergeNative() is a recount of all observations, of any parts, and without some of them again', () => {
  const random = new SeededRandom(31);
  for (let run = 0; run < 200; run++) {
    const values = Array.from({ length: 1 + random.int(5) }, () =>
      Array.from({ length: random.int(30) }, () => (random.int(3) - 1) * random.next() * 10 ** (random.int(8) - 5)),
    );
    const parts = values.map((one) => {
      const bucketFactor = random.pick([1.003, 1.05, 1.1, 1.5, 2, 4, 70_000]);
      return histogramOf({ bucketFactor, zeroThreshold: random.pick([0, 2 ** -128, 0.001, 0.02, 1]) }, one);
    });
    const merged = mergeNative(parts);
    assertCounts(merged, values.flat(), `run ${run}`);
    assert.equal(merged.schema, Math.min(...parts.map(({ schema }) => schema)));
    const [first, ...others] = parts;
    const rest = mergeNative([merged, ...others], -1);
    assertCounts(rest, values[0]!, `run ${run}, the first`);
    assert.ok(Math.abs(rest.sum - first!.sum) < 1e-6);
  }
});
