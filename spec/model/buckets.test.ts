import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponentialBuckets, exponentialBucketsRange, Histogram, linearBuckets } from '../../lib/core.ts';
import { canonicalNumberText } from '../../lib/exposition/text/number-text.ts';
import { checkBuckets, DEFAULT_BUCKETS } from '../../lib/model/buckets.ts';
import { SeededRandom } from '../support/seeded-random.ts';

test('linearBuckets() gives count bounds, width apart, from start on', () => {
  assert.deepEqual(linearBuckets(0, 5, 4), [0, 5, 10, 15]);
  assert.deepEqual(linearBuckets(-10, 10, 3), [-10, 0, 10]);
  assert.deepEqual(linearBuckets(1, 0.5, 1), [1]);
});

test('linearBuckets() refuses what gives no increasing bounds, naming the argument', () => {
  assert.throws(() => linearBuckets(NaN, 1, 1), /Cannot make buckets by linearBuckets\(\): expected start .* got NaN/);
  assert.throws(() => linearBuckets(0, 0, 1), /expected width to be a finite number above 0, got 0/);
  assert.throws(() => linearBuckets(0, -1, 1), RangeError);
  assert.throws(() => linearBuckets(0, Infinity, 1), RangeError);
  for (const count of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => linearBuckets(0, 1, count), /expected count to be an integer from 1 to 1000000/);
  }
  assert.throws(() => linearBuckets('0' as unknown as number, 1, 1), RangeError);
});

test('exponentialBuckets() gives count bounds, each factor times the one before', () => {
  assert.deepEqual(exponentialBuckets(1, 2, 4), [1, 2, 4, 8]);
  assert.deepEqual(exponentialBuckets(0.125, 2, 3), [0.125, 0.25, 0.5]);
});

test('exponentialBuckets() multiplies step by step, as prom-client does, to the last digit', () => {
  // From prom-client 15.1.3; 0.1 * 1.3 ** 2 would be 0.16900000000000004.
  const bounds = [0.1, 0.13, 0.169, 0.21970000000000003, 0.28561000000000003, 0.37129300000000004];
  assert.deepEqual(exponentialBuckets(0.1, 1.3, 6), bounds);
});

test('exponentialBuckets() refuses what gives no increasing bounds, naming the argument', () => {
  assert.throws(() => exponentialBuckets(0, 2, 1), /expected start to be a finite number above 0, got 0/);
  assert.throws(() => exponentialBuckets(1, 1, 1), /expected factor to be a finite number above 1, got 1/);
  assert.throws(() => exponentialBuckets(1, 0.5, 1), RangeError);
  assert.throws(() => exponentialBuckets(1, Infinity, 1), RangeError);
  assert.throws(() => exponentialBuckets(1, 2, 0), /expected count to be an integer from 1 to 1000000, got 0/);
});

test('exponentialBucketsRange() begins at min, ends at max exactly, and grows by one factor', () => {
  assert.deepEqual(exponentialBucketsRange(1, 100, 3), [1, 10, 100]);
  for (const [min, max, count] of [
    [0.001, 10, 7],
    [1e-9, 3, 20],
    [5, 6, 2],
  ] as const) {
    const bounds = exponentialBucketsRange(min, max, count);
    assert.equal(bounds.length, count);
    assert.equal(bounds[0], min);
    assert.equal(bounds.at(-1), max);
    const factor = (max / min) ** (1 / (count - 1));
    for (let i = 1; i < count; i++) assert.ok(Math.abs(bounds[i]! / bounds[i - 1]! / factor - 1) < 1e-12);
  }
});

test('exponentialBucketsRange() refuses what is no range, naming the argument', () => {
  assert.throws(() => exponentialBucketsRange(0, 1, 2), /expected min to be a finite number above 0, got 0/);
  assert.throws(() => exponentialBucketsRange(2, 2, 2), /expected max to be a finite number above 2, got 2/);
  assert.throws(() => exponentialBucketsRange(1, 2, 1), /expected count to be an integer from 2 to 1000000, got 1/);
  assert.throws(() => exponentialBucketsRange(1, Infinity, 2), RangeError);
});

test('the bucket helpers refuse bounds that rounding makes equal or infinite', () => {
  const cases: readonly (readonly [make: () => number[], message: RegExp])[] = [
    [
      () => linearBuckets(1e16, 1, 3),
      /by linearBuckets\(\): expected finite bounds in strictly increasing order, got 10000000000000000 after 10000000000000000\. Ask for fewer/,
    ],
    [() => linearBuckets(-1e16, 1, 3), /strictly increasing/],
    [() => linearBuckets(0, 1e308, 3), /got Infinity after 1e\+308/],
    [() => linearBuckets(1, Number.MIN_VALUE, 2), /got 1 after 1/],
    [() => linearBuckets(2 ** 53 - 2, 1, 6), /after 9007199254740992/],
    [() => exponentialBuckets(1, 2, 1100), /by exponentialBuckets\(\): .* got Infinity after 8\.98/],
    [() => exponentialBuckets(1e308, 10, 2), /got Infinity after 1e\+308/],
    [() => exponentialBuckets(5e-324, 1.1, 3), /got 5e-324 after 5e-324/],
    [() => exponentialBucketsRange(1, 1 + Number.EPSILON, 3), /by exponentialBucketsRange\(\): .* got 1 after 1/],
    [() => exponentialBucketsRange(5e-324, 1e-323, 3), /strictly increasing/],
  ];
  for (const [make, message] of cases) assert.throws(make, { name: 'RangeError', message });
  assert.equal(exponentialBuckets(1, 2, 1024).length, 1024);
});

test('exponentialBucketsRange() spans ranges wider than the largest number', () => {
  assert.deepEqual(exponentialBucketsRange(1e-300, 1e300, 2), [1e-300, 1e300]);
  for (const [min, max] of [
    [1e-300, 1e300],
    [5e-324, Number.MAX_VALUE],
  ] as const) {
    const [first, middle, last, ...rest] = exponentialBucketsRange(min, max, 3);
    assert.deepEqual([first, last, rest], [min, max, []]);
    // In logarithms, which do not overflow, the middle is as far from one end as from the other.
    assert.ok(Math.abs(2 * Math.log(middle!) - Math.log(min) - Math.log(max)) < 1e-9, `${middle}`);
  }
});

test('the bucket helpers refuse more bounds than memory holds', () => {
  for (const count of [1_000_001, 1e9, 1e12]) {
    for (const make of [linearBuckets, exponentialBuckets, exponentialBucketsRange]) {
      assert.throws(() => make(1, 2, count), {
        name: 'RangeError',
        message: new RegExp(`to be an integer from [12] to 1000000, got ${count}`),
      });
    }
  }
  assert.equal(linearBuckets(0, 1, 1_000_000).at(-1), 999_999);
});

test('the bucket helpers give bounds whose le texts differ, whatever the arguments', () => {
  const random = new SeededRandom(17);
  let made = 0;
  for (let i = 0; i < 3000; i++) {
    const [first, second, count] = [10 ** (random.int(640) - 330), 10 ** (random.int(34) - 17), 1 + random.int(50)];
    for (const make of [
      () => linearBuckets(first, second * first, count),
      () => exponentialBuckets(first, 1 + second, count),
      () => exponentialBucketsRange(first, first * (1 + second), count + 1),
    ]) {
      let bounds: number[];
      try {
        bounds = make();
      } catch (error) {
        assert.ok(error instanceof RangeError);
        continue;
      }
      made++;
      assert.deepEqual(checkBuckets(bounds, 'h'), bounds);
      assert.equal(new Set(bounds.map(canonicalNumberText)).size, bounds.length);
    }
  }
  assert.ok(made > 1000);
});

test('the bucket helpers give bounds that a histogram takes', () => {
  for (const buckets of [
    linearBuckets(-3, 0.1, 50),
    exponentialBuckets(1e-6, 1.7, 40),
    exponentialBucketsRange(0.01, 9, 30),
  ]) {
    assert.deepEqual(new Histogram({ name: 'h', help: 'H.', buckets, registers: [] }).upperBounds, buckets);
  }
});

test('DEFAULT_BUCKETS are those of the other clients, frozen', () => {
  assert.deepEqual(DEFAULT_BUCKETS, [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  assert.ok(Object.isFrozen(DEFAULT_BUCKETS));
  assert.deepEqual(new Histogram({ name: 'h', help: 'H.', registers: [] }).upperBounds, DEFAULT_BUCKETS);
});

test('checkBuckets() takes finite, strictly increasing bounds and drops a final +Inf', () => {
  assert.deepEqual(checkBuckets([1, 2, Infinity], 'h'), [1, 2]);
  assert.deepEqual(checkBuckets([-1, 0, 1], 'h'), [-1, 0, 1]);
  assert.deepEqual(checkBuckets([Infinity], 'h'), []);
  assert.deepEqual(checkBuckets([], 'h'), []);
});

test('checkBuckets() returns a frozen copy', () => {
  const given = [1, 2];
  const bounds = checkBuckets(given, 'h');
  given.push(3);
  assert.deepEqual(bounds, [1, 2]);
  assert.ok(Object.isFrozen(bounds));
});

test('checkBuckets() refuses bounds that are not finite numbers in strictly increasing order', () => {
  const cases: readonly (readonly [buckets: unknown, got: RegExp])[] = [
    [[2, 1], /got 1 after 2/],
    [[1, 1], /got 1 after 1/],
    [[0, -0], /got 0 after 0/],
    [[Infinity, 1], /got Infinity/],
    [[1, Infinity, Infinity], /got Infinity after 1/],
    [[-Infinity, 1], /got -Infinity/],
    [[NaN], /got NaN/],
    [[1, NaN, 2], /got NaN after 1/],
    [['1', '2'], /got "1"/],
    [[null], /got null/],
    [[1, , 3], /got undefined after 1/],
    [[1, , Infinity], /got undefined after 1/],
  ];
  for (const [buckets, got] of cases) {
    assert.throws(() => checkBuckets(buckets, 'h'), { name: 'RangeError', message: got });
    assert.throws(() => checkBuckets(buckets, 'h'), /Cannot create histogram "h": expected buckets as finite numbers/);
  }
  for (const buckets of ['1,2', 5, {}, new Float64Array([1, 2])]) {
    assert.throws(() => checkBuckets(buckets, 'h'), {
      name: 'TypeError',
      message: /expected buckets as an array of numbers/,
    });
  }
});
