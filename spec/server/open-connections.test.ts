import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { OpenConnections, type OpenConnectionsOptions } from '../../lib/server/open-connections.ts';
import { connectRaw, get } from './raw-client.ts';
import { turn } from './turn.ts';

const OPTIONS = { allow: undefined, maxConnections: 100, stallTimeoutSeconds: 30 };

async function serve(t: TestContext, listener: RequestListener, options: Partial<OpenConnectionsOptions> = {}) {
  const server = createServer();
  const connections = new OpenConnections(server, { ...OPTIONS, ...options });
  server.on('request', listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let isClosed = false;
  const close = () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    connections.closeWhenAnswered();
    return closed.then(() => (isClosed = true));
  };
  t.after(() => connections.destroyAll());
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
