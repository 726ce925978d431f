import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttp2Server, createSecureServer, connect as http2Connect } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { type Histogram, MetricsRegistry } from '../../lib/core.ts';
import { instrumentHttp, setRoute } from '../../lib/http/index.ts';
import { exemplarsFrom } from '../../lib/service/index.ts';
import { LOOPBACK_CERTIFICATE } from '../push/loopback-certificate.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { until } from '../support/until.ts';
import { ACTIVE, DURATION, observe, observedServer, samplesOf } from './observed-server.ts';

const REQUEST_SIZE = 'http_server_request_body_size_bytes_sum';
const RESPONSE_SIZE = 'http_server_response_body_size_bytes_sum';
/** Node 20 publishes nothing of HTTP/2. */
const skipHttp2 = Number(process.versions.node.split('.')[0]) < 22 && 'Node 20 has no channels for HTTP/2';

const get = async (url: string, init?: RequestInit): Promise<number> => {
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return response.status;
};

const answer = (_request: IncomingMessage, response: ServerResponse): void => void response.end('answer');

test('instrumentHttp() counts each request with its method and status, and sizes of both bodies', async (t) => {
  const server = await observedServer(t, (request, response) => {
    request.resume();
    response.statusCode = request.method === 'POST' ? 201 : 404;
    response.end('answer');
  });
  await get(server.url, { method: 'POST', body: 'a request' });
  await get(`${server.url}/a`);
  await get(`${server.url}/b`);
  assert.deepEqual(await server.counted(3), { 'POST 201': 1, 'GET 404': 2 });
  assert.deepEqual(await server.samples(ACTIVE), { POST: 0, GET: 0 });
  assert.deepEqual(await server.samples(REQUEST_SIZE), { POST: 9, GET: 0 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), { POST: 6, GET: 12 });
});

test('instrumentHttp() measures how long a request takes, from its headers to the end of its response', async (t) => {
  let finish: (() => void) | undefined;
  const server = await observedServer(t, (_request, response) => {
    finish = () => void response.end();
  });
  const asked = performance.now();
  const response = get(server.url);
  await until('the request', () => finish);
  const reached = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const finished = performance.now();
  finish!();
  await response;
  await server.counted(1);
  const { 'GET 200': sum } = await server.samples('http_server_request_duration_seconds_sum');
  assert.ok(sum! * 1000 >= finished - reached - 1, `${sum} s`);
  assert.ok(sum! * 1000 <= performance.now() - asked, `${sum} s`);
});

test('instrumentHttp() leaves out metrics and health checks, or what its ignore option says', async (t) => {
  for (const [ignore, paths] of [
    [undefined, ['/metrics', '/health?full=1', '/healthz', '/ready', '/readyz', '/live', '/livez']],
    [['/ping'], ['/ping', '/ping?now']],
    [(path: string) => path.startsWith('/internal/'), ['/internal/a?b', '/internal/']],
    [[], []],
  ] as const) {
    const server = await observedServer(t, answer, { clients: false, ...(ignore === undefined ? {} : { ignore }) });
    for (const path of [...paths, '/counted', '/metrics/more']) await get(server.url + path);
    assert.deepEqual(await server.counted(2), { 'GET 200': 2 });
    assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
    server.stop();
  }
});

test('instrumentHttp() knows the path of a request whose target is a URL, as a proxy sends it', async (t) => {
  const server = await observedServer(t, answer);
  const line = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  server.send(line('http://localhost/health?full') + line('http://localhost') + line('*')).resume();
  assert.deepEqual(await server.counted(2), { 'GET 200': 2 });
});

test('instrumentHttp() counts a request whose client has left once, with status 499', async (t) => {
  let reached: (() => void) | undefined;
  const server = await observedServer(t, (_request, response) => {
    response.write('a beginning');
    reached?.();
  });
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  const socket = server.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await arrived;
  assert.deepEqual(await server.samples(ACTIVE), { GET: 1 });
  socket.resetAndDestroy();
  assert.deepEqual(await server.counted(1), { 'GET 499': 1 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), {});
});

test('instrumentHttp() counts a response that its client did not read to the end with status 499, however it was sent', async (t) => {
  const whole = Buffer.alloc(50_000_000);
  const server = await observedServer(t, (request, response) => {
    if (request.url === '/whole') response.end(whole);
    else Readable.from(Array.from({ length: 50 }, () => whole.subarray(0, 1_000_000))).pipe(response);
  });
  for (const path of ['/whole', '/streamed']) {
    const socket = server.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, 'readable');
    socket.destroy();
  }
  assert.deepEqual(await server.counted(2), { 'GET 499': 2 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), {});
});

test('instrumentHttp() counts pipelined requests one by one, also those that are never answered', async (t) => {
  const waiting: ServerResponse[] = [];
  const server = await observedServer(t, (request, response) => {
    if (request.url === '/wait') waiting.push(response);
    else response.end(request.url);
  });
  const line = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const socket = server.send(line('/1') + line('/22') + line('/333') + line('/wait') + line('/wait') + line('/4444'));
  socket.resume();
  await server.counted(3);
  await until('two that wait', () => (waiting.length === 2 ? true : undefined));
  // The last response has ended for its handler, but has to wait for its turn.
  assert.deepEqual(await server.samples(DURATION), { 'GET 200': 3 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), { GET: '/1/22/333'.length });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 3 });
  socket.destroy();
  assert.deepEqual(await server.counted(6), { 'GET 200': 3, 'GET 499': 3 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
});

test('instrumentHttp() gives a request the exemplar of its handler, and a pipelined one that of no other', async (t) => {
  const handlers = new AsyncLocalStorage<{ readonly trace_id: string }>();
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => handlers.getStore()) });
  const { stop } = instrumentHttp(registry, { clients: false });
  t.after(stop);
  const server = createServer(({ method = '' }, response) => {
    handlers.run({ trace_id: method }, () => response.end());
  });
  const { send, counted } = await observe(t, server, registry, stop);
  const line = (method: string): string => `${method} / HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const socket = send(line('GET'));
  socket.resume();
  await counted(1);
  socket.write(line('PUT') + line('PATCH'));
  await counted(3);
  const { series } = registry.getSingleMetric('http_server_request_duration_seconds') as Histogram;
  assert.deepEqual(
    series.map(({ exemplars = [] }) => exemplars.find((exemplar) => exemplar !== undefined)?.labels['trace_id']),
    ['GET', 'PUT', undefined],
  );
});

test('instrumentHttp() adds one listener to a connection, however many requests it carries', async (t) => {
  const counts = new Set<number>();
  const server = await observedServer(t, (request, response) => {
    counts.add(request.socket.listenerCount('close'));
    response.end();
  });
  const line = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
  server.send(line.repeat(50)).resume();
  assert.deepEqual(await server.counted(50), { 'GET 200': 50 });
  assert.equal(counts.size, 1);
});

test('instrumentHttp() counts a streamed response once, when it has ended', async (t) => {
  let response: ServerResponse | undefined;
  const server = await observedServer(t, (_request, each) => {
    response = each;
    each.write('x'.repeat(100_000));
  });
  const read = get(server.url);
  await until('the beginning', () => response);
  assert.deepEqual(await server.samples(DURATION), {});
  assert.deepEqual(await server.samples(ACTIVE), { GET: 1 });
  response!.end('y'.repeat(100_000));
  await read;
  assert.deepEqual(await server.counted(1), { 'GET 200': 1 });
  const { GET: size } = await server.samples(RESPONSE_SIZE);
  assert.ok(size! >= 200_000 && size! < 200_100, `${size} bytes: the body and its chunk heads`);
});

test('instrumentHttp() counts requests whose time is up, and those that refuse their body', async (t) => {
  const server = await observedServer(t, (request, response) => {
    if (request.url === '/refused') response.writeHead(413, { Connection: 'close' }).end('too long');
  });
  server.server.setTimeout(30);
  server.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.deepEqual(await server.counted(1), { 'GET 499': 1 });
  server.server.setTimeout(0);
  server.send('POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx').resume();
  assert.deepEqual(await server.counted(2), { 'GET 499': 1, 'POST 413': 1 });
  server.send('nonsense\r\n\r\n').resume();
  server.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n').resume();
  assert.deepEqual(await server.counted(3), { 'GET 499': 1, 'POST 413': 1, 'POST 499': 1 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0, POST: 0 });
});

test('instrumentHttp() counts an upgrade once, as the application gets it', async (t) => {
  const server = await observedServer(t, answer);
  const ask = async (): Promise<number | undefined> => {
    const request = httpRequest(server.url, { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } }).end();
    const [response] = (await Promise.race([once(request, 'upgrade'), once(request, 'response')])) as [IncomingMessage];
    response.socket.destroy();
    return response.statusCode;
  };
  assert.equal(await ask(), 200);
  assert.equal(server.server.listenerCount('upgrade'), 0, 'a server that takes no upgrades answers the request itself');
  const accept = (_request: IncomingMessage, socket: NodeJS.WritableStream): void =>
    void socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  server.server.on('upgrade', accept);
  assert.equal(await ask(), 101);
  assert.equal(await ask(), 101);
  assert.deepEqual(await server.counted(3), { 'GET 200': 1, 'GET 101': 2 });
  assert.deepEqual(await server.samples(ACTIVE), { GET: 0 });
  const other = instrumentHttp(new MetricsRegistry());
  t.after(other.stop);
  assert.equal(await ask(), 101);
  assert.equal(server.server.listenerCount('upgrade'), 3);
  server.server.off('upgrade', accept);
  assert.equal(server.server.listenerCount('upgrade'), 0);
  assert.equal(server.server.listenerCount('removeListener'), 0);
  assert.equal(await ask(), 200);
});

test('instrumentHttp() counts requests over TLS, with their sizes before encryption', async (t) => {
  const registry = new MetricsRegistry();
  const { stop } = instrumentHttp(registry, { clients: false });
  t.after(stop);
  const server = await observe(t, createHttpsServer(LOOPBACK_CERTIFICATE, answer) as unknown as Server, registry, stop);
  const { request } = await import('node:https');
  for (let i = 0; i < 2; i++) {
    const asked = request({ port: server.port, host: '127.0.0.1', ca: LOOPBACK_CERTIFICATE.cert }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
  }
  assert.deepEqual(await server.counted(2), { 'GET 200': 2 });
  assert.deepEqual(await server.samples(RESPONSE_SIZE), { GET: 12 });
});

test('instrumentHttp() counts the streams of HTTP/2, with the route that setRoute() names', {
  skip: skipHttp2,
}, async (t) => {
  const registry = new MetricsRegistry();
  const { stop } = instrumentHttp(registry, { clients: false });
  t.after(stop);
  let reached: (() => void) | undefined;
  const server = createSecureServer(LOOPBACK_CERTIFICATE, (request, response) => {
    if (request.url !== '/none') setRoute(request, '/orders/:id');
    if (request.url === '/hang') reached?.();
    else response.writeHead(request.url === '/none' ? 404 : 200, { 'Content-Length': 6 }).end('answer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = http2Connect(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    ca: LOOPBACK_CERTIFICATE.cert,
  });
  t.after(() => {
    client.destroy();
    server.close();
  });
  for (const path of ['/orders/7', '/none', '/metrics']) {
    const stream = client.request({ ':path': path }).resume();
    await once(stream, 'close');
  }
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  const hanging = client.request({ ':path': '/hang' });
  await arrived;
  assert.deepEqual(await samplesOf(registry, ACTIVE), { GET: 1 });
  hanging.close(8);
  await until('the end', async () => ((await samplesOf(registry, ACTIVE))['GET'] === 0 ? true : undefined));
  assert.deepEqual(await samplesOf(registry, DURATION), {
    'GET /orders/:id 200': 1,
    'GET 404': 1,
    'GET /orders/:id 499': 1,
  });
  assert.deepEqual(await samplesOf(registry, RESPONSE_SIZE), { 'GET /orders/:id': 6, GET: 6 });
});

test('instrumentHttp() counts the bodies of HTTP/2 by their Content-Length, and those that there are not', {
  skip: skipHttp2,
}, async (t) => {
  const registry = new MetricsRegistry();
  t.after(instrumentHttp(registry, { clients: false }).stop);
  const server = createHttp2Server(
    (_request, response) => void response.writeHead(200, { 'Content-Length': 6 }).end('answer'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = http2Connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    client.destroy();
    server.close();
  });
  for (const [headers, body] of [
    [{ ':method': 'GET' }, undefined],
    [{ ':method': 'HEAD' }, undefined],
    [{ ':method': 'PUT', 'content-length': 4 }, 'four'],
    [{ ':method': 'POST' }, 'unknown'],
  ] as const) {
    const stream = client.request(headers, { endStream: body === undefined }).resume();
    if (body !== undefined) stream.end(body);
    await once(stream, 'close');
  }
  const durations = await until('four', async () => {
    const found = await samplesOf(registry, DURATION);
    return Object.keys(found).length === 4 ? found : undefined;
  });
  assert.deepEqual(durations, { 'GET 200': 1, 'HEAD 200': 1, 'PUT 200': 1, 'POST 200': 1 });
  assert.deepEqual(await samplesOf(registry, REQUEST_SIZE), { GET: 0, HEAD: 0, PUT: 4 });
  assert.deepEqual(await samplesOf(registry, RESPONSE_SIZE), { GET: 6, HEAD: 0, PUT: 6, POST: 6 });
});

test('instrumentHttp() counts methods that nobody has defined as _OTHER', async (t) => {
  const server = await observedServer(t, answer);
  server.send('PROPFIND / HTTP/1.1\r\nHost: localhost\r\n\r\nMKCOL / HTTP/1.1\r\nHost: localhost\r\n\r\n').resume();
  assert.deepEqual(await server.counted(2), { '_OTHER 200': 2 });
});

test('setRoute() names a route by a pattern or a function; the last call counts', async (t) => {
  const warnings = await collectWarnings(t);
  const server = await observedServer(t, (request, response) => {
    const routes = {
      '/text': ['/a/:b'],
      '/pattern': [/^\/a\/(\d+)$/],
      '/several': [['/a', '/b']],
      '/function': ['/before', () => '/a/:c'],
      '/none': ['/before', undefined],
      '/all': ['/*'],
      '/all-of-express': ['/{*rest}'],
      '/all-of-koa': ['(.*)'],
      '/throws': [
        () => {
          throw new Error('no route');
        },
      ],
    } as const;
    for (const route of routes[request.url as keyof typeof routes]) setRoute(request, route as string);
    response.end();
  });
  for (const path of [
    'text',
    'pattern',
    'several',
    'function',
    'none',
    'all',
    'all-of-express',
    'all-of-koa',
    'throws',
  ])
    await get(`${server.url}/${path}`);
  assert.deepEqual(await server.counted(9), {
    'GET /a/:b 200': 1,
    'GET /^\\/a\\/(\\d+)$/ 200': 1,
    'GET /a,/b 200': 1,
    'GET /a/:c 200': 1,
    'GET 200': 5,
  });
  assert.deepEqual(
    warnings.map(({ code, message }) => `${code} ${message}`),
    [
      'METRICS_HTTP_ROUTE Cannot name the route of a request, so it is counted without: setRoute() expected a pattern, such as ' +
        '"/orders/:id", or a function that returns one at once, got no route.',
    ],
  );
});

test('setRoute() counts without a route where it got none, and says so once', async (t) => {
  const warnings = await collectWarnings(t);
  const routes: Readonly<Record<string, unknown>> = {
    '/object': {},
    '/array': ['/a', {}],
    '/number': 7,
    '/function-of-object': () => ({}),
    '/function-of-promise': async () => '/a',
    '/function-of-rejection': () => Promise.reject(new Error('no route')),
    '/undefined': undefined,
    '/function-of-undefined': () => undefined,
  };
  const server = await observedServer(t, (request, response) => {
    setRoute(request, routes[request.url!] as string);
    response.end();
  });
  for (const path of Object.keys(routes)) await get(server.url + path);
  assert.deepEqual(await server.counted(8), { 'GET 200': 8 });
  assert.deepEqual(warnings, [], 'the test above has had the one warning');
});
