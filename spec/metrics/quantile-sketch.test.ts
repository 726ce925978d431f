import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { QuantileSketch, RELATIVE_ERROR } from '../../lib/metrics/quantile-sketch.ts';
import { SeededRandom } from '../support/seeded-random.ts';

// The oracle keeps all numbers, sorts them, and counts off.

const QUANTILES = [0, 0.001, 0.01, 0.05, 0.07, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];
const COUNT = 20_000;

/** A number of the standard normal distribution, by Box and Muller. */
function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

const DISTRIBUTIONS: Readonly<Record<string, (random: SeededRandom, i: number) => number>> = {
  uniform: (random) => random.next(),
  'log-normal': (random) => Math.exp(2 * normal(random)),
  bimodal: (random) => (random.int(2) === 0 ? 0.001 : 10) * (1 + random.next() / 10),
  constant: () => 0.1,
  'sorted, rising': (_, i) => 1e-4 * (i + 1),
  'sorted, falling': (_, i) => 1e-4 * (COUNT - i),
  'few outliers': (random) => (random.int(1000) === 0 ? 1e9 : 0.05) * (1 + random.next()),
  negative: (random) => -Math.exp(normal(random)),
  'around zero': (random) => normal(random),
  'mostly zero': (random) => (random.int(10) === 0 ? random.next() : 0),
  'whole numbers': (random) => random.int(7),
  'over 16 powers of ten': (random) => 10 ** (random.next() * 16 - 8),
  'over 17 powers of ten': (random) => 10 ** (random.next() * 17 - 8),
};

function numbersOf(distribution: string, seed: number): number[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: COUNT }, (_, i) => DISTRIBUTIONS[distribution]!(random, i));
}

/** The smallest number that at least the share `q` of all is not above: the first for which counting says so. */
function exactQuantile(sorted: readonly number[], q: number): number {
  // In whole thousandths, so that no rounding of the product decides.
  const wanted = Math.round(q * 1000) * sorted.length;
  return sorted.find((_, i) => (i + 1) * 1000 >= wanted)!;
}

function assertWithin(estimate: number, exact: number, what: string): void {
  // A number on a bound may be rounded into the bucket beside it: by its last digit further off.
  assert.ok(
    Math.abs(estimate - exact) <= Math.abs(exact) * (RELATIVE_ERROR + 1e-12),
    `${what}: ${estimate}, exactly ${exact}`,
  );
}

function sketchOf(numbers: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const number of numbers) sketch.observe(number);
  return sketch;
}

for (const distribution of Object.keys(DISTRIBUTIONS)) {
  test(`QuantileSketch.quantile() is within 1 % of the exact one: ${distribution}`, () => {
    for (const seed of [1, 2, 3]) {
      const numbers = numbersOf(distribution, seed);
      const sketch = sketchOf(numbers);
      const sorted = numbers.toSorted((a, b) => a - b);
      for (const q of QUANTILES)
        assertWithin(sketch.quantile(q), exactQuantile(sorted, q), `seed ${seed}, quantile ${q}`);
    }
  });
}

test('QuantileSketch.quantile() of 1 to 16 numbers is exact, of 17 to 20 within 1 %, also merged', () => {
  const random = new SeededRandom(4);
  for (let length = 1; length <= 20; length++) {
    const numbers = Array.from({ length }, () => normal(random));
    const sorted = numbers.toSorted((a, b) => a - b);
    const cut = random.int(length + 1);
    const merged = sketchOf(numbers.slice(0, cut));
    merged.merge(sketchOf(numbers.slice(cut)));
    for (const sketch of [sketchOf(numbers), merged]) {
      for (const q of QUANTILES) {
        const [estimate, exact] = [sketch.quantile(q), exactQuantile(sorted, q)];
        if (length <= 16) assert.equal(estimate, exact, `${length} numbers, quantile ${q}`);
        else assertWithin(estimate, exact, `${length} numbers, quantile ${q}`);
      }
      assert.equal(sketch.quantile(0), sorted[0]);
      assert.equal(sketch.quantile(1), sorted.at(-1));
    }
  }
});

test('QuantileSketch.quantile() is NaN before the first number', () => {
  assert.ok(Number.isNaN(new QuantileSketch().quantile(0.5)));
});

test('QuantileSketch.quantile() of the smallest and the largest number is exact among any others', () => {
  for (const numbers of [numbersOf('log-normal', 7), numbersOf('negative', 7)]) {
    const sketch = sketchOf(numbers);
    const sorted = numbers.toSorted((a, b) => a - b);
    assert.deepEqual(
      [0, 1 / COUNT, 1].map((q) => sketch.quantile(q)),
      [sorted[0], sorted[0], sorted.at(-1)],
    );
  }
});

test('QuantileSketch.quantile() is within 1 % down to the smallest normal doubles', () => {
  const smallest = 2 ** -1022;
  const numbers = [-1e16 * smallest, -smallest, 0, smallest, 1e16 * smallest].flatMap((number) =>
    new Array<number>(10).fill(number),
  );
  const sketch = sketchOf(numbers);
  for (let i = 1; i <= 50; i++) assertWithin(sketch.quantile(i / 50), numbers[i - 1]!, `the ${i}th`);
});

test('QuantileSketch takes 4.5 KiB for numbers that span four powers of ten, and 16 KiB for each sign at most', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  /** Buffers are freed by another thread after a collection, so this collects until their number of bytes stays. */
  const bufferBytes = async (): Promise<number> => {
    for (let bytes = NaN; ; ) {
      gc();
      await setTimeout(5);
      const now = process.memoryUsage().arrayBuffers;
      if (now === bytes) return now;
      bytes = now;
    }
  };
  const bytesOf = async (numberOf: (random: SeededRandom) => number): Promise<number> => {
    const before = await bufferBytes();
    const sketches = Array.from({ length: 20 }, (_, seed) => {
      const random = new SeededRandom(seed);
      return sketchOf(Array.from({ length: 500 }, () => numberOf(random)));
    });
    return ((await bufferBytes()) - before) / sketches.length;
  };
  const [onePower, four, positive, both] = [
    await bytesOf((random) => 1e30 * (1 + 9 * random.next())),
    await bytesOf((random) => 10 ** (random.next() * 4)),
    await bytesOf((random) => 10 ** (random.next() * 200)),
    await bytesOf((random) => (random.int(2) - 0.5) * 10 ** (random.next() * 200)),
  ];
  assert.ok(onePower <= 1536, `${onePower} bytes for one power of ten`);
  assert.ok(four > 3072 && four <= 4608, `${four} bytes`);
  // The process has some buffers of its own, shared out over the sketches here.
  assert.ok(Math.abs(positive - 16_384) < 1024, `${positive} bytes of one sign`);
  assert.ok(Math.abs(both - 32_768) < 1024, `${both} bytes of both signs`);
});

test('QuantileSketch takes the smallest and the largest doubles', () => {
  const numbers = [-Number.MAX_VALUE, -1, -Number.MIN_VALUE, 0, Number.MIN_VALUE, 1, Number.MAX_VALUE];
  const sketch = sketchOf([...numbers, ...numbers, ...numbers]);
  const estimates = numbers.map((_, i) => sketch.quantile((i + 1) / numbers.length));
  assert.equal(estimates[0], -Number.MAX_VALUE);
  assert.equal(estimates.at(-1), Number.MAX_VALUE);
  assert.deepEqual(estimates.slice(2, 5), [0, 0, 0]);
  assert.ok(estimates.every((estimate, i) => i === 0 || estimate >= estimates[i - 1]!));
});

test('QuantileSketch keeps the large numbers exact to 1 % when small ones no longer fit', () => {
  const random = new SeededRandom(5);
  // Half of them over 300 powers of ten, the upper half over four.
  const numbers = Array.from(
    { length: COUNT },
    (_, i) => 10 ** (i % 2 === 0 ? random.next() * -300 : random.next() * 4),
  );
  const sketch = sketchOf(numbers);
  const sorted = numbers.toSorted((a, b) => a - b);
  for (const q of [0.51, 0.75, 0.9, 0.999]) assertWithin(sketch.quantile(q), exactQuantile(sorted, q), `quantile ${q}`);
  // What was too small is counted as larger than it is, but below all that is kept.
  assert.ok(sketch.quantile(0.25) > exactQuantile(sorted, 0.25));
  assert.ok(sketch.quantile(0.25) < 1e-12);
});

test('QuantileSketch.merge() tells what one sketch tells that has seen all', () => {
  for (const distribution of Object.keys(DISTRIBUTIONS)) {
    const numbers = numbersOf(distribution, 6);
    const merged = new QuantileSketch();
    for (let part = 0; part < 5; part++) merged.merge(sketchOf(numbers.filter((_, i) => i % 5 === part)));
    const whole = sketchOf(numbers);
    assert.equal(merged.count, whole.count);
    for (const q of QUANTILES) assert.equal(merged.quantile(q), whole.quantile(q), `${distribution}, quantile ${q}`);
  }
});

test('QuantileSketch.merge() tells what one sketch tells of numbers that were too small for it, and collapses no other', () => {
  const random = new SeededRandom(8);
  const wide = Array.from({ length: 2000 }, () => 10 ** (random.next() * 60));
  const narrow = Array.from({ length: 2000 }, () => 10 ** (60 - random.next() * 17.75));
  for (const [first, second] of [
    [narrow, wide],
    [wide, narrow],
    [wide, wide],
    [narrow, narrow],
    [narrow, [0.9e60, 1e60, ...new Array<number>(20).fill(1e60)]],
  ] as const) {
    const merged = sketchOf(first);
    merged.merge(sketchOf(second));
    const whole = sketchOf([...first, ...second]);
    for (let i = 0; i <= 200; i++)
      assert.equal(merged.quantile(i / 200), whole.quantile(i / 200), `quantile ${i / 200}`);
  }
});

test('QuantileSketch.merge() of sketches that are far apart keeps the larger numbers', () => {
  const low = sketchOf([1e-200, 2e-200]);
  low.merge(sketchOf([1e200, 2e200, 3e200]));
  assertWithin(low.quantile(0.6), 1e200, 'quantile 0.6');
  assertWithin(low.quantile(0.8), 2e200, 'quantile 0.8');
  assert.equal(low.quantile(0), 1e-200);
});
