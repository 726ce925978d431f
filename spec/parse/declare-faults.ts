import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';

/** What is wrong with the text, the text, and the message behind the format's name. */
export type FaultCase = readonly [claim: string, text: string, message: string];

/** Declares one test per case: `parse()` refuses the text with exactly this message. */
export function declareFaults(contentType: string, format: string, cases: readonly FaultCase[]): void {
  for (const [claim, text, message] of cases) {
    test(`parse() refuses ${claim} in ${format}`, () => {
      const error = { name: 'SyntaxError', message: `Cannot parse ${format}: expected ${message}` };
      assert.throws(() => parse(text, contentType), error);
    });
  }
}
