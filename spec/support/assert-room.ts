import assert from 'node:assert/strict';
import { freshModule } from './fresh-module.ts';

/** What a writer of lines composes them in at first. It grows when more is needed. */
const FIRST_BYTES = 2048;

/**
 * Asserts that a writer makes room for all that it writes: for texts with which the lines come to a little less or more than its
 * first memory. `linesOf` takes a fresh copy of its module, which has not written anything.
 */
export async function assertRoom<M>(
  path: string,
  linesOf: (fresh: M, text: string) => Uint8Array,
  expectedLinesOf: (text: string) => string,
): Promise<void> {
  const byteCountOf = (text: string): number => Buffer.byteLength(expectedLinesOf(text));
  // Characters of three bytes, the most that a UTF-16 unit takes.
  const fitting = Math.floor((FIRST_BYTES - byteCountOf('')) / (byteCountOf('漢') - byteCountOf('')));
  assert.ok(fitting > 0, 'the text makes the difference');
  for (let count = Math.max(0, fitting - 8); count < fitting + 40; count++) {
    const text = '漢'.repeat(count);
    const lines = new TextDecoder().decode(linesOf(await freshModule<M>(path), text));
    assert.equal(lines, expectedLinesOf(text), `${byteCountOf(text)} bytes`);
  }
}
