import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyText, SPARE_BYTES, TextPiece } from '../../../lib/exposition/text/family-lines.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

/** What could make a NaN of eight bytes, or comes near: DEL, characters of one to four bytes, the first and last of each. */
const CHARACTERS = [
  '\u007f',
  'a',
  '0',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\uffff',
  '\u{10000}',
  '\u{40000}',
  '\u{fffff}',
  '\u{10ffff}',
  '\0',
];

function textOf(random: SeededRandom): string {
  return Array.from({ length: random.int(60) }, () => CHARACTERS[random.int(CHARACTERS.length)]!).join('');
}

test('copyText() copies every byte of any UTF-8, wherever it stands', () => {
  const random = new SeededRandom(12);
  for (let i = 0; i < 20_000; i++) {
    const source = Buffer.from(`${textOf(random)}${' '.repeat(SPARE_BYTES)}`);
    const start = random.int(8);
    const length = Math.max(0, source.length - start - SPARE_BYTES);
    const target = new Uint8Array(300).fill(1);
    const at = random.int(8);
    const view = new DataView(source.buffer, source.byteOffset, source.length);
    assert.equal(copyText(new DataView(target.buffer), at, view, start, length), at + length);
    assert.deepEqual(Buffer.from(target.subarray(at, at + length)), source.subarray(start, start + length));
    assert.ok(target.subarray(0, at).every((byte) => byte === 1));
    assert.ok(target.subarray(at + length + SPARE_BYTES - 1).every((byte) => byte === 1));
  }
});

test('no eight bytes of UTF-8 are a NaN', () => {
  const random = new SeededRandom(13);
  for (let i = 0; i < 20_000; i++) {
    const bytes = new TextEncoder().encode(textOf(random));
    const view = new DataView(bytes.buffer);
    for (let start = 0; start + 8 <= bytes.length; start++) assert.ok(!Number.isNaN(view.getFloat64(start, true)));
  }
});

test('TextPiece#write() writes the text and returns the position behind it', () => {
  const piece = new TextPiece('le="ü"} ');
  const target = new Uint8Array(30);
  assert.equal(piece.length, 9);
  assert.equal(piece.write(new DataView(target.buffer), 3), 12);
  assert.equal(new TextDecoder().decode(target.subarray(3, 12)), 'le="ü"} ');
});
