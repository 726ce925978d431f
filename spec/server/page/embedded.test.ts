import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../support/package-root.ts';
import { runProgram } from '../../support/run-program.ts';

const root = packageRoot();
const isBundlerThere = existsSync(join(root, '.ci', 'bundle', 'node_modules', 'esbuild'));
const skip = isBundlerThere ? false : 'the bundler is not installed: node .ci/build.mjs';

test('EMBEDDED is what npm run page makes of lib/page', { skip }, () => {
  const { stdout, stderr, status } = runProgram(process.execPath, [join('.ci', 'page.mjs'), '--print'], root);
  assert.equal(status, 0, stderr);
  const kept = readFileSync(join(root, 'lib', 'server', 'page', 'embedded.ts'), 'utf8');
  assert.ok(stdout === kept, 'lib/server/page/embedded.ts is older than lib/page: run npm run page');
});
