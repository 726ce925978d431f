import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionInfo } from '../../lib/collectors/version-info.ts';
import { valueOf } from './value-of.ts';

test('versionInfo() shows the version and its parts', () => {
  const labels = { version: 'v20.19.0', major: '20', minor: '19', patch: '0' };
  assert.equal(valueOf(versionInfo('v20.19.0'), 'nodejs_version_info', labels), 1);
});

test('versionInfo() shows the numbers of a nightly build', () => {
  const version = 'v26.0.1-nightly20260105ab12cd';
  const labels = { version, major: '26', minor: '0', patch: '1' };
  assert.equal(valueOf(versionInfo(version), 'nodejs_version_info', labels), 1);
});

test('versionInfo() shows the Node that runs', () => {
  const [family] = versionInfo().collect();
  assert.equal(family?.series[0]?.labels?.['version'], process.version);
});
