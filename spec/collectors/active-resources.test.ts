import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { readFile } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { activeResources } from '../../lib/collectors/active-resources.ts';
import { valueOf } from './value-of.ts';

/** Node's own lists, undocumented: what prom-client counts. */
const internals = process as unknown as Record<'_getActiveHandles' | '_getActiveRequests', () => unknown[]>;

test('activeResources() counts by type, and tells handles, requests and timers apart', () => {
  const types = ['FSReqCallback', 'GetAddrInfoReqWrap', 'TCPSocketWrap', 'TCPSocketWrap', 'Timeout', 'Immediate'];
  const group = activeResources(() => types);
  assert.equal(valueOf(group, 'nodejs_active_resources_total'), 6);
  assert.equal(valueOf(group, 'nodejs_active_resources', { type: 'TCPSocketWrap' }), 2);
  assert.equal(valueOf(group, 'nodejs_active_resources', { type: 'Timeout' }), 1);
  assert.equal(valueOf(group, 'nodejs_active_handles_total'), 2);
  assert.equal(valueOf(group, 'nodejs_active_handles', { type: 'TCPSocketWrap' }), 2);
  assert.equal(valueOf(group, 'nodejs_active_requests_total'), 2);
  assert.equal(valueOf(group, 'nodejs_active_requests', { type: 'FSReqCallback' }), 1);
});

test('activeResources() shows totals of 0 when there is nothing', () => {
  const group = activeResources(() => []);
  assert.equal(valueOf(group, 'nodejs_active_resources_total'), 0);
  assert.equal(valueOf(group, 'nodejs_active_handles_total'), 0);
  assert.equal(valueOf(group, 'nodejs_active_requests_total'), 0);
});

test("activeResources() agrees with Node's own lists of handles and requests, whatever is under way", async () => {
  const group = activeResources();
  const assertAgrees = (situation: string) => {
    const counted = (part: string) => valueOf(group, `nodejs_active_${part}_total`);
    assert.equal(counted('handles'), internals._getActiveHandles().length, `handles, ${situation}`);
    assert.equal(counted('requests'), internals._getActiveRequests().length, `requests, ${situation}`);
  };
  assertAgrees('at rest');
  const server = createServer((accepted) => accepted.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  assertAgrees('connecting');
  await once(socket, 'connect');
  assertAgrees('connected');
  readFile(import.meta.filename, () => {});
  lookup('localhost', () => {});
  assertAgrees('reading and looking up');
  // More than the system takes at once.
  socket.write(Buffer.alloc(64 << 20));
  assertAgrees('writing');
  const datagrams = createSocket('udp4').bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  datagrams.send('x', datagrams.address().port, '127.0.0.1');
  assertAgrees('sending a datagram');
  const child = spawn(process.execPath, ['-e', '']);
  assertAgrees('running a child process');
  await once(child, 'close');
  socket.end();
  assertAgrees('ending');
  socket.destroy();
  datagrams.close();
  server.close();
  await once(server, 'close');
});
