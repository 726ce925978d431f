import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentEncodingOf } from '../../../lib/server/http/compression.ts';

test('contentEncodingOf() gives what the client prefers of what there is', () => {
  const cases: readonly (readonly [
    acceptEncoding: string | undefined,
    both: string | undefined,
    gzipAlone: string | undefined,
  ])[] = [
    [undefined, undefined, undefined],
    ['', undefined, undefined],
    ['gzip', 'gzip', 'gzip'],
    ['identity', undefined, undefined],
    ['gzip, deflate, br, zstd', 'zstd', 'gzip'],
    ['zstd;q=0.5, gzip', 'gzip', 'gzip'],
    ['zstd;q=0.5, gzip;q=0.4', 'zstd', 'gzip'],
    ['gzip;q=0', undefined, undefined],
    ['*', 'zstd', 'gzip'],
    ['*;q=0.1, zstd;q=0', 'gzip', 'gzip'],
    ['gzip;q=0.5, identity;q=0.8', undefined, undefined],
    ['identity;q=0', undefined, undefined],
    ['identity;q=0, *', 'zstd', 'gzip'],
    [' GZIP ; Q = 0.7 ', 'gzip', 'gzip'],
    ['br, deflate', undefined, undefined],
    [';;,,=;q=,gzip;;', 'gzip', 'gzip'],
    [','.repeat(10_000), undefined, undefined],
  ];
  for (const [acceptEncoding, both, gzipAlone] of cases) {
    assert.equal(contentEncodingOf(acceptEncoding, ['zstd', 'gzip']), both, acceptEncoding);
    assert.equal(contentEncodingOf(acceptEncoding, ['gzip']), gzipAlone, acceptEncoding);
  }
});
