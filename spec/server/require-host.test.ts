import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { MetricsServerOptions } from '../../lib/server/metrics-server-options.ts';
import { connectRaw } from './raw-client.ts';
import { startServer } from './start-server.ts';

/** Returns the status of a request with these lines for `Host`, to a server with these options. */
async function statusOf(t: TestContext, port: number, ...lines: readonly string[]): Promise<string> {
  const client = await connectRaw(t, port);
  client.socket.end(['GET /health HTTP/1.1', ...lines, 'Connection: close', '', ''].join('\r\n'));
  await client.ended;
  return client.text().slice(9, 12);
}

test('A server on a loopback address answers requests for names of this machine only', async (t) => {
  const { port } = await startServer(t, {
    host: '127.0.0.1',
    allowedHosts: ['Metrics.Example.com', '192.0.2.7', '2001:db8::7'],
  });
  const ours = [
    'localhost',
    `localhost:${port}`,
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    '127.0.0.1:8000',
    '127.9.9.9',
    '[::1]:1',
    '[0:0::1]',
    '[::ffff:127.0.0.1]',
    '192.0.2.7:8000',
    '[2001:DB8::7]',
    'metrics.example.com',
    '',
  ];
  for (const host of ours) assert.equal(await statusOf(t, port, `Host: ${host}`), '200', host);
  const foreign = [
    '10.0.0.1',
    '192.0.2.70',
    '[::2]',
    '0.0.0.0',
    '[2001:db8::70]',
    '[::ffff:10.0.0.1]',
    '[127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '127.1',
    '127.0.0.256',
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    'x.metrics.example.com',
    'a b',
    '[::1',
    'localhost:80:80',
    '.localhost',
    '..localhost',
    'a..localhost',
    '@localhost',
  ];
  for (const host of foreign) assert.equal(await statusOf(t, port, `Host: ${host}`), '421', host);
});

test('A server on a name that resolves to a loopback address checks Host too', async (t) => {
  const { port } = await startServer(t, { host: 'localhost' });
  const client = await connectRaw(t, port, undefined).catch(() => undefined);
  if (client === undefined) return; // localhost is ::1 only on this machine
  assert.equal(await statusOf(t, port, 'Host: evil.example'), '421');
});

test('A server on all interfaces answers for any name, unless allowedHosts names them', async (t) => {
  const all: MetricsServerOptions = { host: '0.0.0.0' };
  const open = await startServer(t, all);
  assert.equal(await statusOf(t, open.port, 'Host: node-7.internal'), '200');
  const named = await startServer(t, { ...all, allowedHosts: ['node-7.internal'] });
  assert.equal(await statusOf(t, named.port, 'Host: node-7.internal:8000'), '200');
  assert.equal(await statusOf(t, named.port, 'Host: evil.example'), '421');
});

test('Any server refuses a second Host header, and takes the name of an absolute target before the header', async (t) => {
  const { port } = await startServer(t, { host: '127.0.0.1' });
  assert.equal(await statusOf(t, port, 'Host: localhost', 'Host: localhost'), '400');
  assert.equal(await statusOf(t, port, 'Host: localhost', 'hOST: evil.example'), '400');
  const ask = async (target: string): Promise<string> => {
    const client = await connectRaw(t, port);
    client.socket.end(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await client.ended;
    return client.text().slice(9, 12);
  };
  assert.equal(await ask('http://localhost/health'), '200');
  assert.equal(await ask('http://evil.example/health'), '421');
});

test('MetricsServer() refuses allowedHosts that cannot be host names', async (t) => {
  for (const allowedHosts of ['localhost', [7], {}])
    await assert.rejects(startServer(t, { allowedHosts } as object), { name: 'TypeError' });
  for (const name of ['a:8000', 'http://a', '', '*', '[::1]'])
    await assert.rejects(startServer(t, { allowedHosts: [name] }), { name: 'RangeError' });
});
