import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { embeddedPage } from '../../../lib/server/page/embedded.ts';
import { packageRoot } from '../../support/package-root.ts';
import { runProgram } from '../../support/run-program.ts';

const root = packageRoot();
const isBundlerThere = existsSync(join(root, '.ci', 'bundle', 'node_modules', 'esbuild'));
const skip = isBundlerThere ? false : 'the bundler is not installed: node .ci/build.mjs';

test('embeddedPage() returns what npm run page makes of lib/page', { skip }, () => {
  const { stdout, stderr, status } = runProgram(process.execPath, [join('.ci', 'page.mjs'), '--print'], root);
  assert.equal(status, 0, stderr);
  const kept = Object.entries(embeddedPage()).map(([name, base64]) => [
    name,
    gunzipSync(Buffer.from(base64, 'base64')),
  ]);
  for (const [name, bytes] of kept) {
    const isUpToDate = JSON.parse(stdout)[String(name)] === String(bytes);
    assert.ok(isUpToDate, `the ${name} in lib/server/page/embedded.ts is older than lib/page: run npm run page`);
  }
  assert.deepEqual(
    kept.map(([name]) => name),
    Object.keys(JSON.parse(stdout) as object),
  );
});
