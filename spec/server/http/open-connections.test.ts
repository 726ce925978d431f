import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ListenerGuard } from '../../../lib/server/http/exchange.ts';
import { OpenConnections, type OpenConnectionsOptions } from '../../../lib/server/http/open-connections.ts';
import { until } from '../../support/until.ts';
import { connectRaw, get, type RawClient } from '../raw-client.ts';
import { turn } from '../turn.ts';

const OPTIONS = { allow: undefined, maxConnections: 100, maxConnectionsPerAddress: 100, stallTimeoutSeconds: 30 };

async function serve(t: TestContext, listener: RequestListener, options: Partial<OpenConnectionsOptions> = {}) {
  const server = createServer();
  const connections = new OpenConnections(server, { ...OPTIONS, ...options }, new ListenerGuard());
  server.on('request', (request, response) => {
    if (connections.owe(request, response)) listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let isClosed = false;
  const close = () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    connections.closeWhenAnswered();
    return closed.then(() => (isClosed = true));
  };
  t.after(() => {
    server.close();
    connections.destroyAll();
  });
  return { server, connections, port, close, isClosed: () => isClosed };
}

test('OpenConnections.closeWhenAnswered() lets a response that was ended reach a slow reader whole', async (t) => {
  const body = Buffer.alloc(8_000_000, 'x');
  let ended = () => {};
  const responseEnded = new Promise<void>((resolve) => (ended = resolve));
  const { port, close } = await serve(t, (_, response) => {
    response.setHeader('Content-Length', body.length);
    response.end(body);
    ended();
  });
  const client = await connectRaw(t, port);
  client.socket.pause();
  client.socket.write(get('/'));
  await responseEnded;
  await turn();
  const closed = close();
  client.socket.resume();
  assert.equal(await client.ended, 'end');
  assert.equal(client.text().split('\r\n\r\n')[1]?.length, body.length);
  await closed;
});

test('OpenConnections.closeWhenAnswered() closes idle keep-alive connections at once', async (t) => {
  const { port, close } = await serve(t, (_, response) => void response.end('done'));
  const client = await connectRaw(t, port);
  client.socket.write(get('/'));
  await client.until(/done/);
  const unused = await connectRaw(t, port);
  await turn();
  await close();
  assert.equal(await client.ended, 'end');
  assert.equal(await unused.ended, 'end');
});

test('OpenConnections.closeWhenAnswered() tells the client that its connection ends with the response', async (t) => {
  let answer = () => {};
  const { port, server, close } = await serve(t, (_, response) => (answer = () => void response.end('done')));
  const requested = new Promise((resolve) => server.once('request', resolve));
  const client = await connectRaw(t, port);
  client.socket.write(get('/'));
  await requested;
  const closed = close();
  answer();
  await closed;
  assert.equal(await client.ended, 'end');
  assert.match(client.text(), /^Connection: close\r$/m);
  assert.match(client.text(), /done/);
});

test('OpenConnections.closeWhenAnswered() lets a begun response go on, then closes its connection', async (t) => {
  let answer = () => {};
  const { port, close, isClosed } = await serve(t, (_, response) => {
    response.write('begun');
    answer = () => void response.end('done');
  });
  const client = await connectRaw(t, port);
  client.socket.write(get('/'));
  await client.until(/begun/);
  const closed = close();
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(isClosed(), false);
  answer();
  await closed;
  assert.equal(await client.ended, 'end');
  assert.match(client.text(), /done/);
});

test('OpenConnections.closeWhenAnswered() answers the pipelined requests that it has taken', async (t) => {
  const answers: (() => void)[] = [];
  const { port, server, close } = await serve(t, (_, response) => {
    answers.push(() => void response.end(`answer ${answers.length}\n`));
  });
  const allRequested = new Promise<void>((resolve) => {
    server.on('request', () => {
      if (answers.length === 3) resolve();
    });
  });
  const client = await connectRaw(t, port);
  client.socket.write(get('/').repeat(3));
  await allRequested;
  const closed = close();
  for (const answer of answers) answer();
  await closed;
  assert.equal(await client.ended, 'end');
  assert.equal(client.text().match(/answer/g)?.length, 3);
  assert.equal(client.text().match(/Connection: close/g)?.length, 1);
});

test('OpenConnections announces the end of the connection to requests that come after the close', async (t) => {
  const answers: (() => void)[] = [];
  const { port, server, close } = await serve(t, (_, response) => {
    response.write('begun');
    answers.push(() => void response.end('done'));
  });
  const client = await connectRaw(t, port);
  client.socket.write(get('/'));
  await client.until(/begun/);
  const closed = close();
  const requested = new Promise((resolve) => server.once('request', resolve));
  client.socket.write(get('/'));
  await requested;
  for (const answer of answers) answer();
  await closed;
  assert.equal(await client.ended, 'end');
  assert.equal(client.text().match(/begun/g)?.length, 2);
  assert.equal(client.text().match(/Connection: close/g)?.length, 1);
});

test('OpenConnections.destroyAll() closes connections whatever they owe', async (t) => {
  const { port, server, connections, close } = await serve(t, () => {});
  const requested = new Promise((resolve) => server.once('request', resolve));
  const client = await connectRaw(t, port);
  client.socket.write(get('/'));
  await requested;
  const closed = close();
  connections.destroyAll();
  await closed;
  assert.notEqual(await client.ended, '');
});

/** Opens connections, from one loopback address each, and waits until the server has seen them. */
async function connectFrom(t: TestContext, port: number, localAddress: string, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i++) clients.push(await connectRaw(t, port, localAddress));
  await turn();
  return clients;
}

test('OpenConnections bounds the connections of one address, busy ones too, and leaves room for others', async (t) => {
  const { port } = await serve(t, (request, response) => request.url === '/busy' || void response.end('done'), {
    maxConnections: 8,
    maxConnectionsPerAddress: 4,
  });
  const busy = await connectFrom(t, port, '127.0.0.2', 4);
  for (const { socket } of busy) socket.write(get('/busy'));
  await turn();
  for (const { ended } of await connectFrom(t, port, '127.0.0.2', 20)) assert.notEqual(await ended, '');
  for (let i = 0; i < 10; i++) {
    const [other] = await connectFrom(t, port, '127.0.0.3', 1);
    other!.socket.write(get('/'));
    await other!.until(/done/);
  }
  for (const { socket } of busy) assert.equal(socket.destroyed, false);
});

test('OpenConnections closes an idle connection of the address that has too many, not one of another address', async (t) => {
  const { port } = await serve(t, (_, response) => void response.end('done'), {
    maxConnections: 8,
    maxConnectionsPerAddress: 2,
  });
  const [scraper] = await connectFrom(t, port, '127.0.0.3', 1);
  const idle = await connectFrom(t, port, '127.0.0.2', 12);
  for (const { ended } of idle.slice(0, -2)) assert.notEqual(await ended, '');
  for (const { socket } of idle.slice(-2)) assert.equal(socket.destroyed, false);
  scraper!.socket.write(get('/'));
  await scraper!.until(/done/);
});

test('OpenConnections.owe() refuses requests that come when the connection is gone, or too many at once', async (t) => {
  let asked = 0;
  const { port } = await serve(t, () => void asked++);
  const client = await connectRaw(t, port);
  client.socket.write(get('/').repeat(150));
  assert.notEqual(await client.ended, '');
  assert.equal(asked, 100);
});

test('OpenConnections cuts a client off that takes nothing within the stall timeout and a fifth of it', async (t) => {
  const stallTimeoutSeconds = 2;
  const body = Buffer.alloc(50_000_000, 'x');
  const { port, server } = await serve(t, (_, response) => void response.end(body), { stallTimeoutSeconds });
  const socketOpened = new Promise<Socket>((resolve) => void server.once('connection', resolve));
  const client = await connectRaw(t, port);
  client.socket.pause();
  client.socket.write(get('/'));
  const socket = await socketOpened;
  const closed = new Promise((resolve) => void socket.once('close', resolve));
  await until('data that the client does not take', () => socket.writableLength > 0 || undefined);
  const startedAt = performance.now();
  await closed;
  const seconds = (performance.now() - startedAt) / 1000;
  assert.ok(seconds > 0.8 * stallTimeoutSeconds, `${seconds} s`);
  // A fifth is the precision; the rest is for a busy machine, and below the two timeouts that one long interval would take.
  assert.ok(seconds < 1.9 * stallTimeoutSeconds, `${seconds} s`);
});

test('OpenConnections cuts a stalled client off although the host blocks the event loop again and again', async (t) => {
  const stallTimeoutSeconds = 0.5;
  const { port, server } = await serve(t, (_, response) => void response.end(Buffer.alloc(50_000_000, 'x')), {
    stallTimeoutSeconds,
  });
  const socketOpened = new Promise<Socket>((resolve) => void server.once('connection', resolve));
  const client = await connectRaw(t, port);
  client.socket.pause();
  client.socket.write(get('/'));
  const socket = await socketOpened;
  await until('data that the client does not take', () => socket.writableLength > 0 || undefined);
  let blocks = 0;
  while (!socket.destroyed) {
    // Longer than the 50 ms between two checks.
    for (const until = performance.now() + 120; performance.now() < until; );
    blocks++;
    await turn();
    assert.ok(blocks < 40, 'still open after ten stall timeouts');
  }
  assert.ok(blocks > 2, `${blocks} blocks`);
});

test('OpenConnections lets a client go on that takes a little at a time, for longer than the stall timeout', async (t) => {
  const body = Buffer.alloc(60_000_000, 'x');
  const { port } = await serve(t, (_, response) => void response.end(body), { stallTimeoutSeconds: 1 });
  const client = await connectRaw(t, port);
  let bytes = 0;
  client.socket.on('data', (chunk) => (bytes += chunk.length));
  client.socket.pause();
  client.socket.write(get('/'));
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2500) {
    const before = bytes;
    client.socket.resume();
    await until('another megabyte', () => bytes > Math.min(before + 1_000_000, body.length) || undefined, {
      pauseMilliseconds: 1,
    });
    client.socket.pause();
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
  assert.ok(bytes < body.length, `all ${bytes} bytes came at once`);
  client.socket.resume();
  await until('the whole body', () => bytes > body.length || undefined);
});

test("OpenConnections emits 'close' for every response of a lost connection, also those whose turn never came", async (t) => {
  const isClosed: boolean[] = [];
  let allClosed = () => {};
  const closed = new Promise<void>((resolve) => (allClosed = resolve));
  let allAsked = () => {};
  const asked = new Promise<void>((resolve) => (allAsked = resolve));
  const { port } = await serve(t, (_, response) => {
    const i = isClosed.push(false) - 1;
    if (isClosed.length === 30) allAsked();
    response.on('close', () => {
      assert.equal(isClosed[i], false, 'closed twice');
      assert.equal(response.destroyed, true);
      isClosed[i] = true;
      if (isClosed.every(Boolean)) allClosed();
    });
  });
  const client = await connectRaw(t, port);
  client.socket.write(get('/').repeat(30));
  await asked;
  client.socket.resetAndDestroy();
  await closed;
  // Time for a second one.
  await turn();
  await turn();
});
