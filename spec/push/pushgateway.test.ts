import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { connect, type NetConnectOpts } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Counter, MetricsRegistry, PrometheusExporter, register } from '../../lib/core.ts';
import push, { Pushgateway, type PushgatewayOptions, type PushParameters } from '../../lib/push/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { turn } from '../support/turn.ts';
import { fakeGateway, status } from './fake-gateway.ts';
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const TEXT = '# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\njobs_total{queue="a"} 3\n';

function jobs(): MetricsRegistry {
  const registry = new MetricsRegistry();
  new Counter({ name: 'jobs_total', help: 'Jobs done.', labelNames: ['queue'], registers: [registry] }).inc(
    { queue: 'a' },
    3,
  );
  return registry;
}

test('The entry gives Pushgateway, by name and by default', () => {
  assert.deepEqual(push, { Pushgateway });
});

test('Pushgateway puts, posts and deletes a group, and resolves to the answer', async (t) => {
  const { url, seen } = await fakeGateway(t, [status(200, 'taken')]);
  const gateway = new Pushgateway(url, {}, jobs());
  const group = { jobName: 'nightly', groupings: { shard: '7' } };
  for (const call of ['push', 'pushAdd', 'delete'] as const) {
    const { resp, body } = await gateway[call](group);
    assert.equal(resp.statusCode, 200);
    assert.equal(body, 'taken');
  }
  const contentType = 'text/plain; version=0.0.4; charset=utf-8';
  assert.deepEqual(
    seen.map(({ method, path, headers, body }) => [
      method,
      path,
      headers['content-type'],
      headers['content-length'],
      body.toString(),
    ]),
    [
      ['PUT', '/metrics/job/nightly/shard/7', contentType, String(TEXT.length), TEXT],
      ['POST', '/metrics/job/nightly/shard/7', contentType, String(TEXT.length), TEXT],
      ['DELETE', '/metrics/job/nightly/shard/7', undefined, undefined, ''],
    ],
  );
});

test('Pushgateway pushes what the metrics are at each call, after their collectors have run', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const registry = new MetricsRegistry();
  let calls = 0;
  registry.registerCollector({
    name: 'calls',
    collect: async () => [{ name: 'calls', help: 'Calls.', type: 'gauge', series: [{ value: ++calls }] }],
  });
  const gateway = new Pushgateway(url, {}, registry);
  await gateway.push({ jobName: 'x' });
  await gateway.push({ jobName: 'x' });
  assert.deepEqual(
    seen.map(({ body }) => body.toString().split('\n')[2]),
    ['calls 1', 'calls 2'],
  );
});

test('Pushgateway takes the default registry unless it gets another, as its second or third argument', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const registry = jobs();
  for (const gateway of [
    ...[new Pushgateway(url), new Pushgateway(url, null), new Pushgateway(url, {}), new Pushgateway(url, [])],
    ...[new Pushgateway(url, undefined, undefined), new Pushgateway(url, null, null)],
    ...[new Pushgateway(url, registry), new Pushgateway(url, {}, registry), new Pushgateway(url, null, registry)],
    new Pushgateway(url, [], registry),
  ]) {
    await gateway.pushAdd({ jobName: 'x' });
  }
  const ofDefault = await register.metrics();
  assert.notEqual(ofDefault, TEXT);
  assert.deepEqual(
    seen.map(({ body }) => body.toString()),
    [...Array<string>(6).fill(ofDefault), ...Array<string>(4).fill(TEXT)],
  );
});

test('Pushgateway gives a callback what it gives its promise, and no failure to the process', async (t) => {
  const { url } = await fakeGateway(t, [status(200, 'taken'), status(400, 'no')]);
  const gateway = new Pushgateway(url, jobs());
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  t.after(() => process.off('unhandledRejection', onUnhandled));
  const answers: unknown[] = [];
  for (const call of ['push', 'pushAdd'] as const) {
    await new Promise<void>((resolve) => {
      void gateway[call]({ jobName: 'x' }, (error, resp, body) => {
        answers.push([error?.message.replace(url, 'URL'), resp?.statusCode, body]);
        resolve();
      });
    });
  }
  const failed =
    'expected success, but push failed with status 400, no. Nothing was stored. Fix the problem reported above.';
  assert.deepEqual(answers, [
    [undefined, 200, 'taken'],
    [`Cannot push metrics at URL/metrics/job/x: ${failed}`, undefined, undefined],
  ]);
  await turn();
  assert.deepEqual(unhandled, []);
});

test('Pushgateway reports what a callback throws or rejects with as a warning', async (t) => {
  const warnings = await collectWarnings(t);
  const { url } = await fakeGateway(t);
  const gateway = new Pushgateway(url, jobs());
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  t.after(() => process.off('unhandledRejection', onUnhandled));
  const throwing = (): never => {
    throw null;
  };
  await gateway.push({ jobName: 'x' }, throwing);
  await gateway.push({ jobName: 'x' }, () => Promise.reject(new Error('late')) as never);
  const closed = new Pushgateway('http://127.0.0.1:1', jobs());
  await assert.rejects(closed.push({ jobName: 'x' }, throwing));
  for (let i = 0; i < 3; i++) await turn();
  assert.deepEqual(unhandled, []);
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, message]),
    ['null', 'late', 'null'].map((text) => ['METRICS_PUSH_CALLBACK', `The callback of a push failed: ${text}`]),
  );
});

test('Pushgateway makes its request by the functions and the global agent that node:http has at that time', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const http = process.getBuiltinModule('node:http');
  const { globalAgent, request } = http;
  t.after(() => Object.assign(http, { globalAgent, request }));
  const intercepted: RequestOptions[] = [];
  const hosts: unknown[] = [];
  const globalProxy = Object.assign(new Agent(), {
    createConnection: (options: NetConnectOpts) => {
      hosts.push((options as RequestOptions).host);
      return connect(options);
    },
  });
  Object.assign(http, {
    globalAgent: globalProxy,
    request: (address: URL, options: RequestOptions) => {
      intercepted.push(options);
      return request(address, options);
    },
  });
  const headers = { 'X-Scope': 'a' };
  const options = {
    auth: 'user:pass',
    ca: 'certificate',
    servername: 'gateway',
    family: 4 as const,
    timeout: 5000,
    headers,
  };
  await new Pushgateway(url, options, jobs()).push({ jobName: 'x' });
  assert.deepEqual(
    intercepted.map(({ auth, ca, servername, family, timeout, agent, method }) => ({
      ...{ auth, ca, servername, family, timeout, agent, method },
    })),
    [
      {
        auth: 'user:pass',
        ca: 'certificate',
        servername: 'gateway',
        family: 4,
        timeout: 5000,
        agent: undefined,
        method: 'PUT',
      },
    ],
  );
  assert.equal((intercepted[0]!.headers as Record<string, unknown>)['x-scope'], 'a');
  assert.deepEqual(hosts, ['127.0.0.1']);
  assert.equal(seen[0]?.headers.authorization, `Basic ${Buffer.from('user:pass').toString('base64')}`);
});

test('Pushgateway keeps the path and query of its URL', async (t) => {
  const { url, seen } = await fakeGateway(t);
  for (const address of [url, `${url}/`, `${url}/gate/way`, `${url}/gate/way//?token=t`, new URL(`${url}/gate`)]) {
    await new Pushgateway(address, {}, jobs()).delete({ jobName: 'a/b' });
  }
  assert.deepEqual(
    seen.map(({ path }) => path),
    [
      '/metrics/job@base64/YS9i',
      '/metrics/job@base64/YS9i',
      '/gate/way/metrics/job@base64/YS9i',
      '/gate/way/metrics/job@base64/YS9i?token=t',
      '/gate/metrics/job@base64/YS9i',
    ],
  );
});

test('Pushgateway compresses when told to, by its option or by the header', async (t) => {
  const { url, seen } = await fakeGateway(t);
  for (const options of [{ gzip: true }, { headers: { 'Content-Encoding': 'gzip' } }]) {
    const gateway = new Pushgateway(url, options, jobs());
    await gateway.push({ jobName: 'x' });
    await gateway.delete({ jobName: 'x' });
  }
  for (const { method, headers, body } of seen) {
    assert.equal(headers['content-encoding'], method === 'PUT' ? 'gzip' : undefined);
    if (method === 'PUT') assert.equal(gunzipSync(body).toString(), TEXT);
  }
  assert.equal(seen.length, 4);
});

test('Pushgateway writes protobuf when told to', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const registry = jobs();
  await new Pushgateway(url, { format: 'protobuf' }, registry).push({ jobName: 'x' });
  assert.match(
    seen[0]!.headers['content-type']!,
    /^application\/vnd\.google\.protobuf; proto=io\.prometheus\.client\.MetricFamily; encoding=delimited/,
  );
  assert.deepEqual(
    new Uint8Array(seen[0]!.body),
    new Uint8Array(await new PrometheusExporter(registry).render(PROTOBUF)),
  );
});

test('Pushgateway sends headers of its own, but none that says something else of the metrics', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const headers = { 'X-Scope': 'a', 'content-type': 'text/html', 'Content-Length': 7, 'Content-Encoding': 'br' };
  await new Pushgateway(url, { headers }, jobs()).push({ jobName: 'x' });
  const [{ headers: sent, body }] = seen as [(typeof seen)[number]];
  assert.equal(body.toString(), TEXT);
  assert.deepEqual(
    [sent['x-scope'], sent['content-type'], sent['content-length'], sent['content-encoding']],
    ['a', 'text/plain; version=0.0.4; charset=utf-8', String(TEXT.length), undefined],
  );
});

test('Pushgateway logs in by the credentials of its URL or options', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const { host } = new URL(url);
  await new Pushgateway(`http://us%2Fer:p%40ss%3A@${host}`, {}, jobs()).delete({ jobName: 'x' });
  await new Pushgateway(`http://other@${host}`, { auth: 'user:pass' }, jobs()).delete({ jobName: 'x' });
  const expected = ['us/er:p@ss:', 'user:pass'].map((auth) => `Basic ${Buffer.from(auth).toString('base64')}`);
  assert.deepEqual(
    seen.map(({ headers }) => headers.authorization),
    expected,
  );
});

test('Pushgateway speaks TLS, with a certificate of its own, and trusts those that it was given only', async (t) => {
  const { key, cert } = LOOPBACK_CERTIFICATE;
  const { url, seen } = await fakeGateway(t, [], { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true });
  const { resp } = await new Pushgateway(url, { ca: cert, key, cert }, jobs()).push({ jobName: 'x' });
  assert.equal(resp.statusCode, 200);
  // A certificate that is not trusted will not be trusted the next time either: not tried again.
  await assert.rejects(new Pushgateway(url, { key, cert, retryDelay: 0 }, jobs()).push({ jobName: 'x' }), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    message:
      /^Cannot push metrics at https:\S+: expected an answer, got none \(self-signed certificate.*\)\. Pass .* ca\.$/,
  });
  assert.equal(seen.length, 1);
});

test('Pushgateway uses the agent that it was given, and else one connection for each request', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await new Pushgateway(url, { agent }, jobs()).delete({ jobName: 'x' });
  await new Pushgateway(url, {}, jobs()).delete({ jobName: 'x' });
  assert.deepEqual(
    seen.map(({ headers }) => headers.connection),
    ['keep-alive', 'close'],
  );
});

test('Pushgateway needs no job name with requireJobName: false', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const gateway = new Pushgateway(url, { requireJobName: false }, jobs());
  await gateway.push({} as PushParameters);
  await gateway.push(undefined as unknown as PushParameters);
  assert.deepEqual(
    seen.map(({ path }) => path),
    ['/metrics', '/metrics'],
  );
});

test('Pushgateway throws without a job name, and rejects on other groups that are none, before it sends anything', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const gateway = new Pushgateway(url, {}, jobs());
  for (const call of ['push', 'pushAdd', 'delete'] as const) {
    for (const parameters of [undefined, null as never, {} as PushParameters, { jobName: '' }]) {
      assert.throws(() => gateway[call](parameters), { name: 'TypeError', message: /Missing jobName parameter/ });
    }
  }
  await assert.rejects(gateway.delete({ jobName: 'x', groupings: { job: 'y' } }), { name: 'RangeError' });
  assert.equal(seen.length, 0);
});

test('Pushgateway refuses a URL that is none, and does not show it', () => {
  const expected = 'Cannot create a Pushgateway: expected an http or https URL such as "http://localhost:9091", got';
  for (const [url, message] of [
    ...[
      'user:secret@localhost:9091/x',
      'localhost:9091',
      'http://user:secret@:9091',
      '//localhost',
      'ftp://localhost',
      '',
    ].map((text) => [text, `${expected} something else that is not shown.`] as const),
    [new URL('ftp://localhost'), `${expected} something else that is not shown.`],
    [null, `${expected} null.`],
    [
      'http://us%er:secret@localhost',
      'Cannot create a Pushgateway: expected percent-encoded credentials in its URL, got a "%" that encodes nothing.',
    ],
  ] as const) {
    assert.throws(
      () => new Pushgateway(url as string),
      (error: Error) => {
        assert.deepEqual([error.name, error.message, error.cause], ['TypeError', message, undefined]);
        return true;
      },
    );
  }
});

test('Pushgateway without an address is created, and rejects each call', async () => {
  const gateway = new Pushgateway(undefined, { retries: 0 }, jobs());
  for (const call of ['push', 'pushAdd', 'delete'] as const) {
    await assert.rejects(gateway[call]({ jobName: 'x' }), {
      name: 'TypeError',
      message: /expected an http .*got undefined\.$/,
    });
  }
});

test('Pushgateway refuses options that it could not heed, and what is no registry', () => {
  const create = (options: unknown, registry?: unknown) =>
    new Pushgateway('http://localhost', options as PushgatewayOptions, registry as MetricsRegistry | undefined);
  for (const [options, message] of [
    [{ timeout: 0 }, 'expected timeout as milliseconds above 0, at most 2147483647, got 0.'],
    [{ timeout: 2 ** 31 }, 'expected timeout as milliseconds above 0, at most 2147483647, got 2147483648.'],
    [{ timeout: NaN }, 'expected timeout as milliseconds above 0, at most 2147483647, got NaN.'],
    [{ retries: 1.5 }, 'expected retries as an integer of 0 or more, got 1.5.'],
    [{ retries: -1 }, 'expected retries as an integer of 0 or more, got -1.'],
    [{ retryDelay: -1 }, 'expected retryDelay as milliseconds, 0 or more, got -1.'],
    [{ format: 'json' }, 'expected format "text" or "protobuf", got "json".'],
  ] as const) {
    assert.throws(() => create(options), { name: 'RangeError', message: `Cannot create a Pushgateway: ${message}` });
  }
  assert.throws(() => create('x'), {
    message: 'Cannot create a Pushgateway: expected its options as an object, got "x".',
  });
  for (const name of ['tiemout', 'host', 'hostname', 'port', 'path', 'protocol', 'method', '__proto__x']) {
    assert.throws(() => create({ [name]: 1 }), {
      name: 'TypeError',
      message: `Cannot create a Pushgateway: expected options that it knows, got "${name}". Look for a typing error; host, port and path belong to the URL.`,
    });
  }
  assert.throws(() => create({}, {}), {
    message: 'Cannot create a Pushgateway: expected a registry, got a value of type object.',
  });
});
