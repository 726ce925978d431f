import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validLength } from '../../lib/parse/line-input.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** The first and last byte of every range that UTF-8 treats alike. */
const BYTES = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0,
  0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

const CHARACTERS = ['a', 'é', '\u07ff', '\u0800', '漢', '\ud7ff', '\ue000', '😀', '\u{10ffff}'];

test("validLength() ends where the engine's decoder finds the first fault", () => {
  const random = new SeededRandom(9);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const lengths = new Set<number>();
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from(Array.from({ length: 1 + random.int(8) }, () => randomBytes(random)).flat());
    // Nothing here makes the replacement character itself: it would take the byte 0xbd.
    const [valid = ''] = decoder.decode(bytes).split('\ufffd');
    const expected = new TextEncoder().encode(valid).length;
    assert.equal(validLength(bytes), expected, String(bytes));
    lengths.add(expected);
  }
  assert.ok(lengths.size > 20, `${lengths.size}`);
});

function randomBytes(random: SeededRandom): number[] {
  return random.int(4) === 0 ? [random.pick(BYTES)] : [...new TextEncoder().encode(random.pick(CHARACTERS))];
}
