import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from './seeded-random.ts';

test('SeededRandom gives the same sequence for the same seed', () => {
  const draw = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 50 }, () => [random.next(), random.int(7), random.text(9)]);
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('SeededRandom.next() spreads evenly over [0, 1)', () => {
  const random = new SeededRandom(3);
  const counts = new Array<number>(10).fill(0);
  for (let round = 0; round < 20_000; round++) {
    const value = random.next();
    assert.ok(value >= 0 && value < 1);
    const tenth = Math.floor(value * 10);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  // 2000 expected, standard deviation 42: five of them
  for (const count of counts) assert.ok(Math.abs(count - 2000) < 212, counts.join(' '));
});

test('SeededRandom.int() and pick() reach every element', () => {
  const random = new SeededRandom(5);
  const picked = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])));
  const drawn = new Set(Array.from({ length: 200 }, () => random.int(4)));
  assert.deepEqual([...picked].sort(), ['a', 'b', 'c']);
  assert.deepEqual([...drawn].sort(), [0, 1, 2, 3]);
});

test('SeededRandom refuses an empty range', () => {
  const random = new SeededRandom(1);
  const message = /expected a whole number of 1 or more, got/;
  for (const n of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => random.int(n), { name: 'RangeError', message });
  assert.throws(() => random.pick([]), { name: 'RangeError', message: /expected an array of 1 or more elements/ });
});

test('SeededRandom.text() has every nasty character, any length up to the maximum, and no lone surrogate', () => {
  const random = new SeededRandom(2);
  const texts = Array.from({ length: 2000 }, () => random.text(12));
  const all = texts.join('');
  for (const nasty of ['"', '\\', '\n', '\0', '|', ',', ':', '😀', '__proto__']) assert.ok(all.includes(nasty), nasty);
  const lengths = [...new Set(texts.map((text) => text.length))].sort((a, b) => a - b);
  assert.deepEqual(lengths, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  for (const text of texts) assert.doesNotMatch(text, /\p{Surrogate}/u);
});

test('SeededRandom.text() has lone surrogates on request', () => {
  const random = new SeededRandom(2);
  const texts = Array.from({ length: 100 }, () => random.text(12, { hasLoneSurrogates: true }));
  assert.ok(texts.some((text) => /\p{Surrogate}/u.test(text)));
  assert.ok(texts.every((text) => text.length <= 12));
});
