import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalNumberText,
  MAX_NUMBER_LENGTH,
  numberText,
  overwriteInteger,
  writeNumber,
} from '../../../lib/exposition/text/number-text.ts';
import { canonicalFloat } from '../../support/canonical-float.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const SPECIAL: readonly number[] = [
  0,
  -0,
  1,
  -1,
  NaN,
  Infinity,
  -Infinity,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2.2250738585072014e-308,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  1e15,
  1e16,
  1e17,
  1e20,
  1e21,
  1e22,
  1e-5,
  1e-6,
  1e-7,
  0.1,
  0.2,
  0.3,
  0.1 + 0.2,
  1 / 3,
  2 / 3,
  5e-324,
  9.5,
  99.99999999999999,
  999999.9999999999,
  0.00001234,
  123456.789,
  4503599627370496.5,
  9007199254740993,
  1.7976931348623157e308,
  -0.0000012345678901234567,
];

/** A double of any bits: any magnitude, many digits. */
function anyDouble(random: SeededRandom): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, random.int(2 ** 32));
  view.setUint32(4, random.int(2 ** 32));
  return view.getFloat64(0);
}

/** Numbers as metrics hold them: whole ones, decimals of a few digits, sums of those, random doubles, neighbours. */
function ordinary(random: SeededRandom): number {
  const sign = random.int(4) === 0 ? -1 : 1;
  switch (random.int(7)) {
    case 0:
      return sign * random.int(10 ** random.int(16));
    case 1:
      return (sign * random.int(10 ** random.int(10))) / 10 ** random.int(10);
    case 2:
      return sign * Array.from({ length: random.int(50) }, () => random.int(1000) / 1000).reduce((a, b) => a + b, 0);
    case 3:
      return sign * random.next() * 10 ** (random.int(40) - 20);
    case 4:
      return sign * 2 ** (random.int(120) - 60);
    case 5:
      return sign * 10 ** (random.int(40) - 20) * (1 + (random.int(5) - 2) * Number.EPSILON);
    default:
      return sign * random.next();
  }
}

test('writeNumber() writes what the engine would, for any number', () => {
  const random = new SeededRandom(5);
  const bytes = new Uint8Array(1 + MAX_NUMBER_LENGTH);
  const decoder = new TextDecoder();
  const check = (value: number): void => {
    const end = writeNumber(bytes, 1, value);
    const text = decoder.decode(bytes.subarray(1, end));
    assert.equal(text, numberText(value));
    assert.ok(end - 1 <= MAX_NUMBER_LENGTH);
  };
  for (const value of SPECIAL) check(value);
  for (let i = 0; i < 150_000; i++) check(ordinary(random));
  for (let i = 0; i < 50_000; i++) check(anyDouble(random));
  for (let exponent = 0; exponent <= 31; exponent++) for (const offset of [-1, 0, 1]) check(2 ** exponent + offset);
  for (let exponent = 0; exponent <= 22; exponent++) for (const offset of [-1, 0, 1]) check(10 ** exponent + offset);
});

test('writeNumber() touches the bytes that must be free and no other', () => {
  const random = new SeededRandom(8);
  const bytes = new Uint8Array(5 + MAX_NUMBER_LENGTH + 5).fill(1);
  for (const value of [...SPECIAL, ...Array.from({ length: 20_000 }, () => ordinary(random))]) {
    writeNumber(bytes, 5, value);
    assert.ok(bytes.subarray(0, 5).every((byte) => byte === 1));
    assert.ok(
      bytes.subarray(5 + MAX_NUMBER_LENGTH).every((byte) => byte === 1),
      `${value}`,
    );
  }
});

test('MAX_NUMBER_LENGTH is the length of the longest number', () => {
  assert.equal(numberText(-0.0000012345678901234567).length, MAX_NUMBER_LENGTH);
});

test('numberText() is the shortest text that reads back as the same number', () => {
  assert.equal(numberText(NaN), 'NaN');
  assert.equal(numberText(Infinity), '+Inf');
  assert.equal(numberText(-Infinity), '-Inf');
  for (const value of SPECIAL.filter(Number.isFinite)) assert.ok(Number(numberText(value)) === value);
});

test('canonicalNumberText() is the form that OpenMetrics lists', () => {
  const canonical = [
    [0, '0.0'],
    [1, '1.0'],
    [10, '10.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [0.0001, '0.0001'],
    [100000, '100000.0'],
    [1e-10, '1e-10'],
    [1e-5, '1e-05'],
    [1e-7, '1e-07'],
    [1e6, '1e+06'],
    [1e10, '1e+10'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [1.5e-7, '1.5e-07'],
    [1234567, '1.234567e+06'],
    [2.5, '2.5'],
    [-1, '-1.0'],
    [-0.005, '-0.005'],
    [-1e6, '-1e+06'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ] as const;
  for (const [value, text] of canonical) assert.equal(canonicalNumberText(value), text);
});

test('canonicalNumberText() agrees with a second writing of it', () => {
  const random = new SeededRandom(6);
  for (let i = 0; i < 20_000; i++) {
    const value = i % 2 === 0 ? ordinary(random) : anyDouble(random);
    if (!Object.is(value, -0)) assert.equal(canonicalNumberText(value), canonicalFloat(value));
  }
});

test('overwriteInteger() writes what writeNumber() does if the length stays the same, otherwise nothing', () => {
  const random = new SeededRandom(9);
  const near = (value: number): number => value + random.int(21) - 10;
  const pairs: [number, number][] = SPECIAL.flatMap((old) => SPECIAL.map((value): [number, number] => [old, value]));
  for (let i = 0; i < 20_000; i++) {
    const old = random.int(10 ** random.int(11));
    pairs.push([old, near(old)], [old, random.int(10 ** random.int(11))], [old, ordinary(random)]);
  }
  let overwritten = 0;
  for (const [old, value] of pairs) {
    const [oldText, text] = [numberText(old), numberText(value)];
    const bytes = Buffer.from(`x ${oldText}\n`);
    const isDone = overwriteInteger(bytes, 2, 2 + oldText.length, old, value);
    const isWanted = /^\d+$/.test(oldText + text) && oldText.length === text.length && Math.max(old, value) < 2 ** 31;
    assert.equal(isDone, isWanted, `${old} by ${value}`);
    assert.equal(bytes.toString(), `x ${isDone ? text : oldText}\n`, `${old} by ${value}`);
    if (isDone) overwritten++;
  }
  assert.ok(overwritten > 10_000);
});
