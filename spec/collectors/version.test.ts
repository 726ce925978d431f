import assert from 'node:assert/strict';
import { test } from 'node:test';
import { version } from '../../lib/collectors/version.ts';
import { PLAIN, valueOf } from './value-of.ts';

test('version() shows the version and its parts', async () => {
  const labels = { version: 'v20.19.0', major: '20', minor: '19', patch: '0' };
  assert.equal(await valueOf(version(PLAIN, 'v20.19.0'), 'nodejs_version_info', labels), 1);
});

test('version() shows the numbers of a nightly build', async () => {
  const nightly = 'v26.0.1-nightly20260105ab12cd';
  const labels = { version: nightly, major: '26', minor: '0', patch: '1' };
  assert.equal(await valueOf(version(PLAIN, nightly), 'nodejs_version_info', labels), 1);
});

test('version() shows the Node that runs', async () => {
  const [major, minor, patch] = process.versions.node.split('.') as [string, string, string];
  const labels = { version: process.version, major, minor, patch };
  assert.equal(await valueOf(version(PLAIN), 'nodejs_version_info', labels), 1);
});
