import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../support/package-root.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

/** Bytes of each file after gzip, and about a tenth more. What both need for HTTP is in `http-bridges.js`. */
const BUDGETS = { otlp: 7030, 'remote-write': 5300, 'http-bridges': 3100 } as const;

test('The entries for OTLP and remote write stay small', { skip: whyNotBuilt() }, () => {
  for (const [name, budget] of Object.entries(BUDGETS)) {
    const bytes = gzipSync(readFileSync(join(packageRoot(), 'dist', 'bundle', `${name}.js`)), { level: 9 }).length;
    assert.ok(bytes <= budget, `${name}.js: expected ${budget} bytes at most, got ${bytes}`);
  }
});
