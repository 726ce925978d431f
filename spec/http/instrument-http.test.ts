import assert from 'node:assert/strict';
import { channel, hasSubscribers } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Counter, type Histogram, MetricsRegistry } from '../../lib/core.ts';
import { type HttpOptions, instrumentHttp, setRoute } from '../../lib/http/index.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { NativeHistogramChild } from '../../lib/native/native-child.ts';
import { exemplarsFrom } from '../../lib/service/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { until } from '../support/until.ts';
import { ACTIVE, DURATION, observe, observedServer, samplesOf } from './observed-server.ts';

const CHANNELS = [
  'net.server.socket',
  'http.server.request.start',
  'http.server.response.finish',
  'http2.server.stream.start',
  'http2.server.stream.close',
  'fastify.initialization',
  'tracing:fastify.request.handler:start',
  'http.client.request.start',
  'http.client.request.error',
  'undici:request:create',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
];

const namesIn = async (registry: MetricsRegistry): Promise<string[]> =>
  [...(await registry.metrics()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);

const familiesIn = async (registry: MetricsRegistry): Promise<string[]> =>
  (await registry.gather()).map(({ name }) => name);

test('instrumentHttp() names its metrics by the semantic conventions, or as dashboards for Node.js do', async (t) => {
  const server = await observedServer(t, (_request, response) => void response.end(), {});
  await (await fetch(server.url)).text();
  await server.counted(1);
  await server.counted(1, 'http_client_request_duration_seconds_count');
  assert.deepEqual(await namesIn(server.registry), [
    'http_server_request_duration_seconds',
    'http_server_active_requests',
    'http_server_request_body_size_bytes',
    'http_server_response_body_size_bytes',
    'http_client_request_duration_seconds',
    'http_client_active_requests',
    'http_client_request_body_size_bytes',
    'http_client_response_body_size_bytes',
  ]);
  server.stop();
  const classic = await observedServer(t, (_request, response) => void response.end('answer'), { names: 'classic' });
  await (await fetch(classic.url)).text();
  assert.deepEqual(await classic.counted(1, 'http_request_duration_seconds_count'), { 'GET 200': 1 });
  assert.match(
    await classic.registry.metrics(),
    /^http_request_duration_seconds_bucket\{method="GET",route="",status_code="200",le="0\.005"\}/m,
  );
});

test('instrumentHttp() groups status codes by class, and takes buckets and further labels', async (t) => {
  const warnings = await collectWarnings(t);
  const options: HttpOptions = {
    clients: false,
    sizes: false,
    statusCodes: 'class',
    buckets: [1],
    labels: {
      tenant: (request) => request.headers['x-tenant'] as string | undefined,
      failing: () => {
        throw new Error('not this one');
      },
      cached: (_request, response) => response.getHeader('x-cache') === 'hit',
    },
  };
  const server = await observedServer(
    t,
    (request, response) => {
      response.setHeader('X-Cache', 'hit');
      response.statusCode = Number(request.url!.slice(1));
      response.end();
    },
    options,
  );
  for (const status of [200, 204, 404, 503]) await fetch(`${server.url}/${status}`, { headers: { 'X-Tenant': 'a' } });
  await fetch(`${server.url}/200`);
  assert.deepEqual(await server.counted(5), {
    'GET 2xx a true': 2,
    'GET 4xx a true': 1,
    'GET 5xx a true': 1,
    'GET 2xx true': 1,
  });
  assert.deepEqual(await namesIn(server.registry), [
    'http_server_request_duration_seconds',
    'http_server_active_requests',
  ]);
  const bounds = [...(await server.registry.metrics()).matchAll(/le="([^"]+)"/g)].map(([, le]) => le);
  assert.deepEqual([...new Set(bounds)], ['1.0', '+Inf']);
  await new Promise(setImmediate);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['A label of HTTP requests is left empty: not this one'],
  );
});

/** What a function of the application may do instead of returning a value; no rejection may end the process. */
const FAILING: Readonly<Record<string, () => unknown>> = {
  'throws null': () => {
    throw null;
  },
  'throws a Proxy that throws': () => {
    throw new Proxy({}, { get: unreadable, getPrototypeOf: unreadable });
  },
  'returns a promise that rejects': () => Promise.reject(new Error('asynchronous')),
  'returns a thenable that throws': () => ({ then: unreadable }),
  'returns a symbol': () => Symbol('a'),
  'returns a function': () => unreadable,
  'returns an object without a text': () => Object.create(null),
};

function unreadable(): never {
  throw new Error('unreadable');
}

test('instrumentHttp() counts each request, whatever its label functions and ignore() throw or return', async (t) => {
  const warnings = await collectWarnings(t);
  for (const [what, hook] of Object.entries(FAILING)) {
    const returnsObject = what.startsWith('returns') && !/promise|thenable/.test(what);
    const server = await observedServer(t, (_request, response) => void response.end(), {
      clients: false,
      labels: { failing: hook as () => string, good: () => 'good' },
      ...(returnsObject ? {} : { ignore: hook as () => boolean }),
    });
    await fetch(server.url);
    assert.deepEqual(await server.counted(1), { 'GET 200 good': 1 }, what);
    assert.deepEqual(await server.samples(ACTIVE), { GET: 0 }, what);
    server.stop();
  }
  await new Promise(setImmediate);
  assert.deepEqual([...new Set(warnings.map(({ code }) => code))], ['METRICS_HTTP_OPTION']);
  const failing = Object.keys(FAILING).length;
  assert.equal(warnings.length, failing + 4, 'each function once');
});

test('setRoute() takes whatever a function returns for no route, unless it is a pattern', async (t) => {
  const hooks = Object.values(FAILING);
  const server = await observedServer(t, (request, response) => {
    setRoute(request, hooks[Number(request.url!.slice(1))] as () => string);
    response.end();
  });
  for (const i of hooks.keys()) await fetch(`${server.url}/${i}`);
  assert.deepEqual(await server.counted(hooks.length), { 'GET 200': hooks.length });
});

test('instrumentHttp() takes native buckets, with exemplars of the registry', async (t) => {
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => ({ trace_id: 'a' })) });
  const { stop } = instrumentHttp(registry, { clients: false, buckets: nativeBuckets(), sizeBuckets: nativeBuckets() });
  t.after(stop);
  const server = createServer((_request, response) => void response.end('answer'));
  const observed = await observe(t, server, registry, stop);
  await (await fetch(observed.url)).text();
  assert.deepEqual(await observed.counted(1), { 'GET 200': 1 });
  const [duration] = (registry.getSingleMetric('http_server_request_duration_seconds') as Histogram).series;
  assert.ok((duration as unknown) instanceof NativeHistogramChild);
  assert.deepEqual(duration!.exemplars?.find((exemplar) => exemplar !== undefined)?.labels, { trace_id: 'a' });
});

test('instrumentHttp() bounds its series', async (t) => {
  const server = await observedServer(
    t,
    (request, response) => {
      setRoute(request, request.url);
      response.end();
    },
    { clients: false, maxSeries: 3 },
  );
  for (let i = 0; i < 6; i++) await fetch(`${server.url}/orders/${i}`);
  const counted = await server.counted(6);
  assert.equal(Object.keys(counted).length, 4);
  assert.equal(counted['overflow overflow overflow'], 3);
});

test('instrumentHttp() reports a message that it does not understand once, and goes on', async (t) => {
  const warnings = await collectWarnings(t);
  const server = await observedServer(t, (_request, response) => void response.end('answer'), {});
  for (let i = 0; i < 2; i++) for (const name of CHANNELS) channel(name).publish(undefined);
  await new Promise(setImmediate);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!.message, /^A request could not be counted: Cannot destructure/);
  await (await fetch(server.url)).text();
  assert.deepEqual(await server.counted(1), { 'GET 200': 1 });
});

test('instrumentHttp() counts on connections that are open already, without what they have carried', async (t) => {
  const server = createServer((_request, response) => void response.end('answer'));
  const registry = new MetricsRegistry();
  let stop = (): void => {};
  const observed = await observe(t, server, registry, () => stop());
  const socket = observed.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  ({ stop } = instrumentHttp(registry, { clients: false }));
  t.after(stop);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  assert.deepEqual(await observed.counted(1), { 'GET 200': 1 });
  assert.deepEqual(await observed.samples('http_server_response_body_size_bytes_sum'), { GET: 6 });
});

test('instrumentHttp() keeps neither connections nor servers that have been closed', async (t) => {
  const registry = new MetricsRegistry();
  t.after(instrumentHttp(registry, { clients: false }).stop);
  const references: WeakRef<object>[] = [];
  await (async () => {
    const server = createServer((_request, response) => void response.end('answer')).on('upgrade', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    references.push(new WeakRef(server));
    server.on('connection', (socket) => references.push(new WeakRef(socket)));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await once(socket.resume(), 'close');
    await new Promise((resolve) => server.close(resolve));
  })();
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  await until('the garbage collector', () => {
    gc();
    return references.every((reference) => reference.deref() === undefined) || undefined;
  });
  assert.equal(references.length, 2);
});

test('stop() removes the metrics and every listener', async (t) => {
  const before = CHANNELS.filter((name) => hasSubscribers(name));
  assert.deepEqual(before, []);
  const server = await observedServer(t, (_request, response) => void response.write('beginning'), {});
  assert.deepEqual(
    CHANNELS.filter((name) => !hasSubscribers(name)),
    [],
  );
  server.server.on('upgrade', () => {});
  const [connected] = await Promise.all([
    once(server.server, 'connection'),
    fetch(server.url).then(({ body }) => void body),
  ]);
  const [socket] = connected as [NodeJS.EventEmitter];
  const listeners = socket.listenerCount('close');
  server.stop();
  assert.equal(socket.listenerCount('close'), listeners - 1);
  for (const [event, count] of [
    ['upgrade', 1],
    ['removeListener', 0],
  ] as const)
    assert.equal(server.server.listenerCount(event), count);
  assert.deepEqual(
    CHANNELS.filter((name) => hasSubscribers(name)),
    [],
  );
  assert.deepEqual(await familiesIn(server.registry), []);
  server.stop();
  const again = instrumentHttp(server.registry);
  again.stop();
});

test('instrumentHttp() refuses invalid options and a second call, and leaves nothing behind', async (t) => {
  const registry = new MetricsRegistry();
  const refuse = (options: object | null, message: RegExp): void => {
    assert.throws(() => instrumentHttp(registry, options as HttpOptions), message);
  };
  refuse(null, /^TypeError: Cannot instrument HTTP: expected an object of options, got null\.$/);
  refuse([], /^TypeError: Cannot instrument HTTP: expected an object of options, got an array\.$/);
  refuse(
    { ignored: [] },
    /^TypeError: Cannot instrument HTTP: expected the options names, servers, .*, maxSeries, got "ignored"\.$/,
  );
  for (const name of ['servers', 'clients', 'sizes']) {
    refuse({ [name]: 'no' }, new RegExp(`^TypeError: .*expected ${name} to be true or false, got "no"\\.$`));
  }
  refuse({ ignore: [/metrics/] }, /expected ignore to be an array of paths or a function, got /);
  refuse({ labels: null }, /^TypeError: .*expected labels to be an object of functions, got null\.$/);
  refuse({ names: 'otel' }, /^TypeError: .*expected names "semconv" or "classic", got "otel"\.$/);
  refuse({ statusCodes: true }, /expected statusCodes "exact" or "class", got true\.$/);
  refuse({ ignore: '/metrics' }, /expected ignore to be an array of paths or a function, got "\/metrics"\.$/);
  refuse({ labels: { tenant: 'a' } }, /expected a function for label "tenant", got "a"\.$/);
  refuse({ labels: { 'http-route': () => '' } }, /label name/);
  refuse({ buckets: [2, 1] }, /bucket/);
  refuse({ sizeBuckets: [2, 1] }, /bucket/);
  assert.throws(() => instrumentHttp({} as MetricsRegistry), /expected a registry, got a value of type object\.$/);
  const taken = new Counter({ name: 'http_client_active_requests', help: 'Taken.', registers: [registry] });
  refuse(
    {},
    /^RangeError: Cannot instrument HTTP: expected no metric "http_client_active_requests", got one in this registry\. Call stop\(\) of the first instrumentHttp\(\), or pass another registry\.$/,
  );
  assert.deepEqual(
    CHANNELS.filter((name) => hasSubscribers(name)),
    [],
  );
  registry.unregister(taken);
  assert.deepEqual(await familiesIn(registry), []);
  t.after(instrumentHttp(registry).stop);
  refuse({}, /http_server_request_duration_seconds/);
  assert.deepEqual(await samplesOf(registry, DURATION), {});
});
