import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeShortestDecimal } from '../../lib/exposition/shortest-decimal.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const bytes = new Uint8Array(40);
const decoder = new TextDecoder();

/** The text that is written, or undefined where the work is left to the engine. */
function textOf(value: number): string | undefined {
  const end = writeShortestDecimal(bytes, 3, value);
  return end === -1 ? undefined : decoder.decode(bytes.subarray(3, end));
}

test('writeShortestDecimal() writes what String() gives, or nothing', () => {
  const random = new SeededRandom(13);
  let written = 0;
  const check = (value: number): void => {
    const text = textOf(value);
    if (text === undefined) return;
    assert.equal(text, String(value));
    written++;
  };
  for (let i = 0; i < 60_000; i++) {
    check(random.next() * 10 ** (random.int(24) - 6)); // 16 or 17 digits
    const decimal = random.int(10 ** (1 + random.int(9))) / 10 ** random.int(12); // few digits
    for (const neighbour of [-2, -1, 0, 1, 2]) check(decimal * (1 + neighbour * Number.EPSILON));
    check(random.int(2 ** 52) / 2 ** random.int(60)); // exact in binary
  }
  assert.ok(written > 200_000);
});

test('writeShortestDecimal() leaves powers of two, and what is below 1e-5 or from 1e17 on, to the engine', () => {
  for (let exponent = -20; exponent < 60; exponent++) assert.equal(textOf(2 ** exponent), undefined);
  for (const value of [0, -1.5, NaN, Infinity, -Infinity, Number.MIN_VALUE, 9.999999e-6, 1e17, 1e300]) assert.equal(textOf(value), undefined);
  assert.equal(textOf(1e-5), '0.00001');
  assert.equal(textOf(99_999_999_999_999_980), '99999999999999980');
});

test('writeShortestDecimal() touches the 23 bytes that must be free and no other', () => {
  const random = new SeededRandom(14);
  for (let i = 0; i < 50_000; i++) {
    bytes.fill(1);
    writeShortestDecimal(bytes, 3, random.next() * 10 ** (random.int(24) - 6));
    assert.ok(bytes[2] === 1 && bytes[3 + 23] === 1);
  }
});
