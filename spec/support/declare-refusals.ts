import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExposition } from './parse-exposition.ts';

/** The fault, a text that has it, and the message after `Cannot parse line`. */
export type RefusalCase = readonly [claim: string, text: string, message: string];

/** Declares one test per case: `parseExposition()` refuses the text for the stated reason, at the stated line. */
export function declareRefusals(cases: readonly RefusalCase[]): void {
  for (const [claim, text, message] of cases) {
    test(`parseExposition() refuses ${claim}`, () => {
      assert.throws(() => parseExposition(text), { name: 'SyntaxError', message: `Cannot parse line ${message}` });
    });
  }
}
