import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, type ClientRequest, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type Histogram, MetricsRegistry } from '../../lib/core.ts';
import { instrumentHttp } from '../../lib/http/index.ts';
import { exemplarsFrom } from '../../lib/service/index.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { type ObservedServer, observe, observedServer } from './observed-server.ts';

const COUNT = 'http_client_request_duration_seconds_count';
const ACTIVE = 'http_client_active_requests';
const REQUEST_SIZE = 'http_client_request_body_size_bytes_sum';
const RESPONSE_SIZE = 'http_client_response_body_size_bytes_sum';

const STATUSES: Readonly<Record<string, number>> = { '/fail': 500, '/unchanged': 304 };

/** A server that begins every answer, and ends it unless the path is /begin; only requests to it are counted. */
const serverToAsk = (t: TestContext): Promise<ObservedServer> =>
  observedServer(
    t,
    (request, response) => {
      request.resume();
      if (request.url === '/hang') return;
      if (request.url === '/begin') response.write('beginning');
      else response.writeHead(STATUSES[request.url ?? ''] ?? 200, { 'Content-Length': 6 }).end('answer');
    },
    { servers: false },
  );

test('instrumentHttp() counts what fetch() asks, by server and status, with sizes', async (t) => {
  const server = await serverToAsk(t);
  const host = `127.0.0.1:${server.port}`;
  await (await fetch(server.url, { method: 'POST', body: 'a request' })).text();
  await (await fetch(`${server.url}/orders/7`)).text();
  await (await fetch(`${server.url}/fail`)).text();
  assert.deepEqual(await server.counted(3, COUNT), {
    [`POST ${host} 200`]: 1,
    [`GET ${host} 200`]: 1,
    [`GET ${host} 500`]: 1,
  });
  assert.deepEqual(await server.samples(ACTIVE), { POST: 0, GET: 0 });
  assert.deepEqual(await server.samples(REQUEST_SIZE), { [`POST ${host}`]: 9, [`GET ${host}`]: 0 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), { [`POST ${host}`]: 6, [`GET ${host}`]: 12 });
});

test('instrumentHttp() counts a fetch() that fails once, with its error', async (t) => {
  const server = await serverToAsk(t);
  const host = `127.0.0.1:${server.port}`;
  const closed = await freePort();
  await assert.rejects(fetch(`http://127.0.0.1:${closed}/`));
  for (const path of ['/hang', '/begin']) {
    const aborter = new AbortController();
    const reading = fetch(server.url + path, { signal: aborter.signal }).then((response) => response.text());
    await once(server.server, 'request');
    assert.equal((await server.samples(ACTIVE))['GET'], 1);
    setTimeout(() => aborter.abort(), 20);
    await assert.rejects(reading, { name: 'AbortError' });
  }
  const aborter = new AbortController();
  const reading = fetch(`${server.url}/hang`, { signal: aborter.signal });
  await once(server.server, 'request');
  const reason = Object.defineProperty({}, 'code', { get: () => assert.fail('a getter that throws') });
  aborter.abort(reason);
  await assert.rejects(reading);
  const counted = await server.counted(4, COUNT);
  assert.equal(counted[`GET ${host} Error`], 1);
  assert.equal(counted[`GET 127.0.0.1:${closed} ECONNREFUSED`], 1);
  assert.equal(counted[`GET ${host} AbortError`], 1);
  assert.equal(counted[`GET ${host} 200 AbortError`], 1);
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
});

test('instrumentHttp() counts what http.request() asks, and how it fails', async (t) => {
  const server = await serverToAsk(t);
  const host = `127.0.0.1:${server.port}`;
  const ask = async (path: string): Promise<void> => {
    const request = httpRequest(server.url + path, { method: 'PUT', headers: { 'Content-Length': 2 } }).end('ab');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
  };
  await ask('/');
  await ask('/fail');
  const refused = httpRequest({ host: '127.0.0.1', port: await freePort() }).end();
  await once(refused, 'error');
  const hanging = httpRequest(`${server.url}/hang`)
    .on('error', () => {})
    .end();
  await once(server.server, 'request');
  hanging.destroy();
  const begun = httpRequest(`${server.url}/begin`).end();
  const [response] = (await once(begun, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  begun.destroy();
  const counted = await server.counted(5, COUNT);
  assert.equal(counted[`PUT ${host} 200`], 1);
  assert.equal(counted[`PUT ${host} 500`], 1);
  assert.equal(Object.entries(counted).find(([labels]) => labels.endsWith(' ECONNREFUSED'))?.[1], 1);
  assert.equal(counted[`GET ${host} ECONNRESET`], 1);
  assert.equal(counted[`GET ${host} 200 aborted`], 1);
  assert.deepEqual(await server.samples(ACTIVE), { PUT: 0, GET: 0 });
  assert.equal((await server.samples(REQUEST_SIZE))[`PUT ${host}`], 4);
  assert.equal((await server.samples(RESPONSE_SIZE))[`PUT ${host}`], 12);
});

test('instrumentHttp() counts the body and the server of http.request() as Node writes them into the headers', async (t) => {
  const server = await serverToAsk(t);
  const counts = 'http_client_request_body_size_bytes_count';
  const ask = async (method: string, send: (request: ClientRequest) => void, headers?: string[]): Promise<void> => {
    const request = httpRequest(server.url, { method, ...(headers && { headers }) });
    send(request);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
  };
  await ask('PUT', (request) => request.end('four'));
  await ask('PATCH', (request) => {
    request.write('in ');
    request.end('chunks');
  });
  await ask('DELETE', (request) => request.end());
  await ask('POST', (request) => request.end('seven b'), ['Host', 'orders.example:81', 'Content-Length', '7']);
  await server.counted(4, COUNT);
  const host = `127.0.0.1:${server.port}`;
  const other = 'orders.example:81';
  assert.deepEqual(await server.samples(REQUEST_SIZE), {
    [`PUT ${host}`]: 4,
    [`DELETE ${host}`]: 0,
    [`POST ${other}`]: 7,
  });
  assert.deepEqual(await server.samples(counts), { [`PUT ${host}`]: 1, [`DELETE ${host}`]: 1, [`POST ${other}`]: 1 });
});

test('instrumentHttp() counts no body in responses that have none, whatever their Content-Length says', async (t) => {
  const server = await serverToAsk(t);
  const host = `127.0.0.1:${server.port}`;
  const ask = async (method: string, path: string): Promise<void> => {
    const request = httpRequest(server.url + path, { method }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
  };
  await ask('HEAD', '/');
  await ask('GET', '/unchanged');
  await fetch(server.url, { method: 'HEAD' });
  // undici waits for that body: for an error, or until the connection is closed.
  await fetch(`${server.url}/unchanged`).then((response) => response.text());
  assert.deepEqual(await server.counted(4, COUNT), { [`HEAD ${host} 200`]: 2, [`GET ${host} 304`]: 2 });
  assert.deepEqual(await server.samples(ACTIVE), { HEAD: 0, GET: 0 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), { [`HEAD ${host}`]: 0, [`GET ${host}`]: 0 });
});

test('instrumentHttp() counts a connection that a client upgrades once, with status 101', async (t) => {
  const server = await serverToAsk(t);
  server.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  const request = httpRequest(server.url, { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } }).end();
  const [, socket] = (await once(request, 'upgrade')) as [unknown, NodeJS.ReadableStream & { destroy(): void }];
  socket.destroy();
  assert.deepEqual(await server.counted(1, COUNT), { [`GET 127.0.0.1:${server.port} 101`]: 1 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
});

test('instrumentHttp() leaves out WebSockets, whose end undici does not publish', {
  skip: typeof WebSocket === 'undefined' && 'this Node has no WebSocket',
}, async (t) => {
  const server = await serverToAsk(t);
  server.server.on('upgrade', (_request, socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const socket = new WebSocket(server.url.replace('http', 'ws'));
  // Node 22 has no `close` after this `error`.
  await new Promise((resolve) => socket.addEventListener('error', resolve));
  await (await fetch(server.url)).text();
  assert.deepEqual(await server.counted(1, COUNT), { [`GET 127.0.0.1:${server.port} 200`]: 1 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
});

test('instrumentHttp() counts a request of undici once, whatever is published of it', async (t) => {
  const server = await serverToAsk(t);
  const request = { origin: 'http://localhost:81', method: 'GET', body: null };
  for (const name of ['create', 'trailers', 'error', 'trailers', 'headers'])
    channel(`undici:request:${name}`).publish({ request, error: 'not an Error' });
  assert.deepEqual(await server.samples(COUNT), { 'GET localhost:81': 1 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
});

test('instrumentHttp() labels no request with a text that an error has for a code or a name', async (t) => {
  const server = await serverToAsk(t);
  const long = 'E'.repeat(5000);
  const errors = [{ code: long, name: long }, { code: 'a b' }, { code: long, name: 'OddError' }, { code: 'E1' }];
  for (const error of errors) {
    const request = { origin: 'http://localhost:81', method: 'GET', body: null };
    channel('undici:request:create').publish({ request });
    channel('undici:request:error').publish({ request, error });
  }
  assert.deepEqual(await server.samples(COUNT), {
    'GET localhost:81 Error': 2,
    'GET localhost:81 OddError': 1,
    'GET localhost:81 E1': 1,
  });
});

test('instrumentHttp() observes a request of a client in the context of its caller, on a connection of another one too', async (t) => {
  const calls = new AsyncLocalStorage<{ readonly trace_id: string }>();
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => calls.getStore()) });
  const { stop } = instrumentHttp(registry, { servers: false });
  t.after(stop);
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    response.end();
  });
  const { url } = await observe(t, server, registry, stop);
  const { series } = registry.getSingleMetric('http_client_request_duration_seconds') as Histogram;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    await calls.run({ trace_id: `fetch ${method}` }, async () => await (await fetch(url, { method })).text());
    await new Promise(setImmediate); // so that the connection is free
  }
  for (const method of ['PUT', 'DELETE']) {
    await calls.run({ trace_id: `request ${method}` }, async () => {
      const request = httpRequest(url, { method, agent }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
    });
  }
  await until('all requests', () => (series.length === 5 ? true : undefined));
  assert.ok(sockets.size < 5, `${sockets.size} connections`);
  assert.deepEqual(
    series.map(({ exemplars = [] }) => exemplars.find((exemplar) => exemplar !== undefined)?.labels['trace_id']),
    ['fetch GET', 'fetch POST', 'fetch OPTIONS', 'request PUT', 'request DELETE'],
  );
});
