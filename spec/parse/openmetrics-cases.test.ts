import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { packageRoot } from '../support/package-root.ts';

// The parser cases of the OpenMetrics project (see openmetrics-cases/NOTICE): each text, and whether a strict parser
// takes it.

interface Case {
  readonly name: string;
  readonly shouldParse: boolean;
  readonly textBase64: string;
}

const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const file = join(packageRoot(), 'spec', 'parse', 'openmetrics-cases', 'parser-cases.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Case[];

for (const { name, shouldParse, textBase64 } of cases) {
  test(`parse() ${shouldParse ? 'reads' : 'refuses'} OpenMetrics case ${name}`, () => {
    const bytes = Buffer.from(textBase64, 'base64');
    if (shouldParse) {
      assert.deepEqual(parse(bytes.toString(), CONTENT_TYPE), parse(bytes, CONTENT_TYPE));
    } else {
      const message = /^Cannot parse OpenMetrics 1\.0\.0: expected .+, got .+ at line \d+, column \d+\./;
      assert.throws(() => parse(bytes, CONTENT_TYPE), { name: 'SyntaxError', message });
    }
  });
}

test('The OpenMetrics cases are all there', () => {
  assert.equal(cases.length, 211);
  assert.equal(cases.filter(({ shouldParse }) => !shouldParse).length, 167);
});
