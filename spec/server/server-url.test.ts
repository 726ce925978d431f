import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl } from '../../lib/server/server-url.ts';

test('serverUrl() is the loopback name for a server on all interfaces', () => {
  for (const host of [undefined, '', '0.0.0.0', '::'])
    assert.equal(serverUrl('http', host, 8000), 'http://localhost:8000');
});

test('serverUrl() keeps a host name or address, an IPv6 address in brackets', () => {
  assert.equal(serverUrl('http', 'localhost', 80), 'http://localhost:80');
  assert.equal(serverUrl('http', '127.0.0.1', 9100), 'http://127.0.0.1:9100');
  assert.equal(serverUrl('http', '::1', 8000), 'http://[::1]:8000');
});
