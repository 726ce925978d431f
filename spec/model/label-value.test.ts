import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelValueText, wellFormed } from '../../lib/model/label-value.ts';
import { SeededRandom } from '../support/seeded-random.ts';

test('labelValueText() turns numbers and booleans into their text', () => {
  const texts = ['a', '', 1, -0, 1.5, 1e21, NaN, true, false].map((value) => labelValueText(value, 'l', 'm'));
  assert.deepEqual(texts, ['a', '', '1', '0', '1.5', '1e+21', 'NaN', 'true', 'false']);
});

test('labelValueText() refuses what has no text, naming label and metric', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'null'],
    [{}, 'object'],
    [[1], 'object'],
    [new Date(), 'object'],
    [() => 'a', 'function'],
    [Symbol('a'), 'symbol'],
  ];
  for (const [value, got] of cases) {
    assert.throws(() => labelValueText(value, 'l', 'm'), {
      name: 'TypeError',
      message: `Cannot use label "l" of metric "m": expected a string, number or boolean, got ${got}. Pass its text.`,
    });
  }
});

test('wellFormed() leaves text that UTF-8 can carry as it is', () => {
  for (const text of [
    '',
    'a',
    '😀',
    'é漢\0\n',
    '\ufffd',
    '\ufffdabc',
    '\ufffdfffd',
    'fffdd800',
    '\ufffdd7ff',
    '\ufffde000',
  ]) {
    assert.equal(wellFormed(text), text);
  }
});

test('wellFormed() replaces each lone surrogate by U+FFFD and its digits', () => {
  assert.equal(wellFormed('\ud800'), '\ufffdd800');
  assert.equal(wellFormed('a\udfffb'), 'a\ufffddfffb');
  assert.equal(wellFormed('\ud83d\ud83d\ude00'), '\ufffdd83d😀');
});

test('wellFormed() gives no two texts the same result', () => {
  const random = new SeededRandom(1);
  // Short texts of the pieces that replacements are made of: here collisions would be frequent.
  const pieces = ['\ud800', '\udfff', '\ufffd', 'd800', 'dfff', 'fffd', 'd', '8', '😀'];
  const sources = new Map<string, string>();
  for (let i = 0; i < 50_000; i++) {
    let text = '';
    for (let n = random.int(6); n >= 0; n--) text += random.pick(pieces);
    const result = wellFormed(text);
    assert.doesNotMatch(result, /\p{Surrogate}/u);
    assert.equal(sources.get(result) ?? text, text, `${JSON.stringify(result)} has two sources`);
    sources.set(result, text);
  }
});
