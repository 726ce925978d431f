import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeShortestDecimal } from '../../../lib/exposition/text/shortest-decimal.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const ENGINE = -1;
const decoder = new TextDecoder();
const bytes = new Uint8Array(32);

function textOf(value: number): string | undefined {
  const end = writeShortestDecimal(bytes, 4, value);
  return end === ENGINE ? undefined : decoder.decode(bytes.subarray(4, end));
}

test('writeShortestDecimal() writes numbers at the edge of its two halves of digits', () => {
  const random = new SeededRandom(8);
  for (let i = 0; i < 20_000; i++) {
    const edge = Number(`${1 + random.int(9)}.${String(random.int(1e8)).padStart(8, '0')}e${random.int(20) - 4}`);
    for (const value of [edge, edge * (1 + 2 ** -52), edge * (1 - 2 ** -53), edge - 2 ** -40]) {
      const text = textOf(value);
      if (text !== undefined) assert.equal(text, String(value));
    }
  }
});

test('writeShortestDecimal() leaves powers of two, ties and what it has no power of ten for to the engine', () => {
  for (const value of [0.5, 1, 1024, 2 ** 52, 9.9e-6, 1e17, 5e-324, Number.MAX_VALUE, 133054536551048.125]) {
    assert.equal(textOf(value), undefined, String(value));
  }
});

test('writeShortestDecimal() leaves few ordinary numbers to the engine', () => {
  const random = new SeededRandom(9);
  let left = 0;
  for (let i = 0; i < 10_000; i++) if (textOf(random.next() * 1000) === undefined) left++;
  assert.ok(left < 10, `${left} of 10,000`);
});
