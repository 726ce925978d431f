import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { readFile } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { processHandles, processRequests, processResources } from '../../lib/collectors/active-resources.ts';
import type { Gauge } from '../../lib/metrics/gauge.ts';
import { PLAIN, valueOf } from './value-of.ts';

/** Node's own lists, undocumented: what prom-client counts. */
const internals = process as unknown as Record<'_getActiveHandles' | '_getActiveRequests', () => object[]>;

test('processResources() counts by type and in all, and forgets types that are gone', async () => {
  let types = ['FSReqCallback', 'TCPSocketWrap', 'TCPSocketWrap', 'Timeout'];
  const group = processResources(PLAIN, () => types);
  assert.equal(await valueOf(group, 'nodejs_active_resources_total'), 4);
  assert.equal(await valueOf(group, 'nodejs_active_resources', { type: 'TCPSocketWrap' }), 2);
  assert.equal(await valueOf(group, 'nodejs_active_resources', { type: 'Timeout' }), 1);
  types = ['Timeout', 'Timeout', 'Immediate'];
  assert.equal(await valueOf(group, 'nodejs_active_resources', { type: 'Timeout' }), 2);
  assert.equal(await valueOf(group, 'nodejs_active_resources', { type: 'Immediate' }), 1);
  assert.equal(await valueOf(group, 'nodejs_active_resources', { type: 'TCPSocketWrap' }), undefined);
  types = [];
  assert.equal(await valueOf(group, 'nodejs_active_resources_total'), 0);
  assert.equal(await valueOf(group, 'nodejs_active_resources', { type: 'Timeout' }), undefined);
});

test('processResources() forgets types that are gone, beside the labels of all default metrics', async () => {
  let types = ['Timeout', 'Immediate'];
  const group = processResources({ prefix: 'a_', labels: { shard: 7, zone: 'b' } }, () => types);
  const count = (type: string) => valueOf(group, 'a_nodejs_active_resources', { type, shard: '7', zone: 'b' });
  assert.equal(await count('Timeout'), 1);
  types = ['Immediate', 'Immediate'];
  assert.deepEqual([await count('Timeout'), await count('Immediate')], [undefined, 2]);
});

test('processHandles() and processRequests() count by class, and objects without a class in the total only', async () => {
  class Socket {}
  const objects = [new Socket(), new Socket(), Object.create(null) as object, null];
  const lists = { _getActiveHandles: () => objects, _getActiveRequests: () => objects };
  for (const [group, part] of [
    [processHandles(PLAIN, lists), 'handles'],
    [processRequests(PLAIN, lists), 'requests'],
  ] as const) {
    assert.equal(await valueOf(group, `nodejs_active_${part}`, { type: 'Socket' }), 2);
    assert.equal(group.metrics[0]!.series.length, 1);
    assert.equal(await valueOf(group, `nodejs_active_${part}_total`), 4);
  }
});

test('processHandles() and processRequests() read the lists that Node has at each scrape, which tests replace', async () => {
  class Socket {}
  const lists = { _getActiveHandles: (): object[] => [], _getActiveRequests: (): object[] => [] };
  const [handles, requests] = [processHandles(PLAIN, lists), processRequests(PLAIN, lists)];
  assert.equal(await valueOf(handles, 'nodejs_active_handles_total'), 0);
  lists._getActiveHandles = lists._getActiveRequests = () => [new Socket()];
  assert.equal(await valueOf(handles, 'nodejs_active_handles', { type: 'Socket' }), 1);
  assert.equal(await valueOf(requests, 'nodejs_active_requests_total'), 1);
});

test('processHandles() and processRequests() have no metrics where Node has no such lists', () => {
  const none = { _getActiveHandles: undefined, _getActiveRequests: undefined };
  assert.deepEqual([...processHandles(PLAIN, none).metrics, ...processRequests(PLAIN, none).metrics], []);
});

test("processHandles() and processRequests() agree with Node's own lists, whatever is under way", async () => {
  const handles = processHandles(PLAIN);
  const requests = processRequests(PLAIN);
  const classesOf = (objects: readonly object[]) => objects.map((one) => one.constructor.name).sort();
  const assertAgrees = async (situation: string) => {
    await undefined; // the groups read anew
    for (const [group, objects] of [
      [handles, internals._getActiveHandles()],
      [requests, internals._getActiveRequests()],
    ] as const) {
      const [byType, total] = group.metrics as [Gauge, Gauge];
      void byType.collect?.();
      void total.collect?.();
      const counted = byType.series.flatMap(({ labelValues: [type = ''], value }) => Array<string>(value).fill(type));
      assert.deepEqual(counted.sort(), classesOf(objects), situation);
      assert.equal(total.series[0]!.value, objects.length, situation);
    }
  };
  await assertAgrees('at rest');
  const server = createServer((accepted) => accepted.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await assertAgrees('connecting');
  await once(socket, 'connect');
  await assertAgrees('connected');
  readFile(import.meta.filename, () => {});
  lookup('localhost', () => {});
  await assertAgrees('reading and looking up');
  // More than the system takes at once.
  socket.write(Buffer.alloc(64 << 20));
  await assertAgrees('writing');
  const datagrams = createSocket('udp4').bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  datagrams.send('x', datagrams.address().port, '127.0.0.1');
  await assertAgrees('sending a datagram');
  const child = spawn(process.execPath, ['-e', '']);
  await assertAgrees('running a child process');
  await once(child, 'close');
  socket.end();
  await assertAgrees('ending');
  socket.destroy();
  datagrams.close();
  server.close();
  await once(server, 'close');
});
