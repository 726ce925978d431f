import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { MetricsServerOptions } from '../../../lib/server/metrics-server-options.ts';
import { until } from '../../support/until.ts';
import { ask } from '../ask.ts';
import { connectRaw, get } from '../raw-client.ts';
import { startServer } from '../start-server.ts';

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
    '127.0.0.1%evil.example',
    '[::1%evil.example]',
    '[::1%25lo]',
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
  const ask = async (target: string, host = 'localhost'): Promise<string> => {
    const client = await connectRaw(t, port);
    client.socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await client.ended;
    return client.text().slice(9, 12);
  };
  assert.equal(await ask('http://localhost/health'), '200');
  assert.equal(await ask('http://evil.example/health'), '421');
  assert.equal(await ask('https:///health'), '200');
  assert.equal(await ask('https:///health', 'evil.example'), '421'); // a target without a name overrides none
});

test('MetricsServer() refuses allowedHosts that cannot be host names', async (t) => {
  for (const allowedHosts of ['localhost', [7], {}])
    await assert.rejects(startServer(t, { allowedHosts } as object), { name: 'TypeError' });
  for (const name of ['a:8000', 'http://a', '', '*', '[::1]'])
    await assert.rejects(startServer(t, { allowedHosts: [name] }), { name: 'RangeError' });
});

const onLinux = { skip: process.platform === 'linux' ? false : 'only Linux has the whole of 127.0.0.0/8' };

test('MetricsServer answers 414 to a URL that is too long', async (t) => {
  const server = await startServer(t, { limits: { maxUrlLength: 50 } });
  const path = `/metrics?${'x'.repeat(41)}`;
  assert.equal((await ask(server.url + path)).status, 200);
  const { status, body } = await ask(`${server.url}${path}x`);
  assert.deepEqual([status, body], [414, 'Cannot answer: expected a URL of at most 50 characters.\n']);
});

test('MetricsServer answers 431 to headers that are too large', async (t) => {
  const server = await startServer(t, { limits: { maxHeaderBytes: 2_000 } });
  assert.equal((await ask(`${server.url}/metrics`, { headers: { x: 'x'.repeat(1_000) } })).status, 200);
  const client = await connectRaw(t, server.port);
  client.socket.write(`GET /metrics HTTP/1.1\r\nHost: localhost\r\nx: ${'x'.repeat(3_000)}\r\n\r\n`);
  assert.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 431 /);
  await client.ended;
});

test('MetricsServer refuses a body without reading it, and ends the connection', async (t) => {
  const server = await startServer(t);
  const bodies = ['Content-Length: 1000000\r\n\r\nx', 'Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n'];
  for (const [method, status] of [
    ['GET', 413],
    ['POST', 405],
  ] as const) {
    for (const body of bodies) {
      const client = await connectRaw(t, server.port);
      client.socket.write(`${method} /metrics HTTP/1.1\r\nHost: localhost\r\n${body}`);
      await client.ended;
      assert.match(client.text(), new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(client.text(), /^Connection: close\r$/m);
    }
  }
});

test('MetricsServer does not ask for a body that a client announces with Expect', async (t) => {
  const server = await startServer(t);
  const client = await connectRaw(t, server.port);
  client.socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await client.ended;
  assert.match(client.text(), /^HTTP\/1\.1 413 /);
});

test('MetricsServer closes a connection whose headers take too long', async (t) => {
  const server = await startServer(t, { limits: { headersTimeoutSeconds: 0.05 } });
  const client = await connectRaw(t, server.port);
  client.socket.write('GET /metrics HTTP/1.1\r\n');
  await client.ended;
  assert.match(client.text(), /^HTTP\/1\.1 408 /);
});

test('MetricsServer closes the connection that was idle for longest when one too many comes', async (t) => {
  const server = await startServer(t, { limits: { maxConnections: 2 } });
  const slow = await connectRaw(t, server.port);
  slow.socket.write('GET /metrics HTTP/1.1\r\n');
  const used = await connectRaw(t, server.port);
  used.socket.write(get('/health'));
  await used.until(/"ok"/);
  assert.equal((await ask(`${server.url}/metrics`)).status, 200);
  assert.match(await slow.ended, /^(end|close|ECONNRESET)$/);
  used.socket.write(get('/ready'));
  await used.until(/"ok"[^]*"ok"/);
});

test('MetricsServer takes no further connection while all of them wait for an answer', async (t) => {
  const server = await startServer(t, { limits: { maxConnections: 1 } });
  let answer!: () => void;
  let begun!: () => void;
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  server.addHealthCheck('pending', () => {
    begun();
    return new Promise<void>((resolve) => (answer = resolve));
  });
  const busy = await connectRaw(t, server.port);
  busy.socket.write(get('/health'));
  await hasBegun;
  const refused = await connectRaw(t, server.port);
  assert.match(await refused.ended, /^(end|close|ECONNRESET)$/);
  answer();
  await busy.until(/"ok"/);
});

test('MetricsServer answers 100 requests that are sent ahead of their answers, and closes the connection at one more', async (t) => {
  const server = await startServer(t);
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  server.addHealthCheck('pending', () => answered, { timeoutSeconds: 1000 });
  const most = await connectRaw(t, server.port);
  most.socket.write(get('/health').repeat(100));
  for (const count of [101, 150]) {
    const tooMany = await connectRaw(t, server.port);
    tooMany.socket.write(get('/health').repeat(count));
    assert.match(await tooMany.ended, /^(end|close|ECONNRESET|EPIPE)$/, `${count} requests`);
    assert.equal(tooMany.text(), '');
  }
  assert.equal((await ask(`${server.url}/metrics`)).status, 200);
  answer();
  await until('100 answers', () => most.text().match(/HTTP\/1\.1 200 /g)?.length === 100 || undefined);
});

test('MetricsServer refuses options that it does not know, and limits that are none', async (t) => {
  await assert.rejects(startServer(t, { prot: 1 } as object), {
    name: 'TypeError',
    message: /^Cannot create a metrics server: expected options to have port, host, .*, got "prot"\. Is it misspelt\?$/,
  });
  await assert.rejects(startServer(t, { limits: { maxHeaders: 5 } } as object), {
    name: 'TypeError',
    message: /got "maxHeaders"/,
  });
  await assert.rejects(startServer(t, { limits: [] as object }), {
    name: 'TypeError',
    message: /expected limits to be an object, got an array\.$/,
  });
  for (const maxConnections of [0, -1, 1.5, NaN, Infinity]) {
    await assert.rejects(startServer(t, { limits: { maxConnections } }), {
      name: 'RangeError',
      message: `Cannot create a metrics server: expected limits.maxConnections to be an integer of at least 1, got ${maxConnections}.`,
    });
  }
  await assert.rejects(startServer(t, { limits: { maxNames: '5' } } as object), {
    name: 'TypeError',
    message: /got "5"\.$/,
  });
  await assert.rejects(startServer(t, { limits: { stallTimeoutSeconds: 0 } }), {
    name: 'RangeError',
    message: /limits\.stallTimeoutSeconds/,
  });
});

test(
  "MetricsServer that is full closes a connection of the client with the most idle ones, not the scraper's",
  onLinux,
  async (t) => {
    const server = await startServer(t, { limits: { maxConnections: 4 } });
    const scraper = await connectRaw(t, server.port);
    for (let i = 0; i < 6; i++) {
      // Another address of the loopback interface, which Linux has without being told.
      const other = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
      t.after(() => other.destroy());
      await new Promise((resolve) => other.once('connect', resolve));
    }
    scraper.socket.write(get('/health'));
    await scraper.until(/"ok"/);
  },
);

test('MetricsServer answers a request with an unknown Expect like any other, with its limits', async (t) => {
  const server = await startServer(t);
  const one = await connectRaw(t, server.port);
  one.socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nExpect: nonsense\r\n\r\n');
  assert.match(await one.until(/"ok"/), /^HTTP\/1\.1 200 /);
  const named = await connectRaw(t, server.port);
  named.socket.write('GET /health HTTP/1.1\r\nHost: evil.example\r\nExpect: nonsense\r\n\r\n');
  await named.until(/^HTTP\/1\.1 421 /);
});
