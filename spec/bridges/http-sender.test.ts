import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { startOtlpPush, type UnsentRequest } from '../../lib/bridges/otlp/index.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { sampleValue } from '../../lib/testing/index.ts';
import { type Answer, fakeGateway, hangUp, silence, status } from '../push/fake-gateway.ts';
import { LOOPBACK_CERTIFICATE } from '../push/loopback-certificate.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { until } from '../support/until.ts';

function registryOfOne(): MetricsRegistry {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'depth', help: 'Depth.', registers: [registry] }).set(1);
  return registry;
}

const COMMON = { intervalSeconds: Infinity, retryDelay: 1, env: {} } as const;

test('A bridge over HTTP asks the headers hook before each request, with what is sent', async (t) => {
  const gateway = await fakeGateway(t);
  const asked: UnsentRequest[] = [];
  const headers = async (request: UnsentRequest): Promise<Record<string, string>> => {
    asked.push(request);
    return { Authorization: `Bearer token-${asked.length}` };
  };
  const push = startOtlpPush({ ...COMMON, registry: registryOfOne(), url: `${gateway.url}/p?q=1`, headers });
  await push.push();
  await push.push();
  assert.deepEqual(
    gateway.seen.map((one) => one.headers.authorization),
    ['Bearer token-1', 'Bearer token-2'],
  );
  assert.equal(asked[0]!.url.href, `${gateway.url}/p?q=1`);
  assert.deepEqual(Buffer.from(asked[0]!.body), gateway.seen[0]!.body);
  assert.equal(asked[0]!.headers['content-type'], 'application/x-protobuf');
});

test('A bridge over HTTP fails a push whose headers hook throws, rejects or never ends', async (t) => {
  const gateway = await fakeGateway(t);
  const fails = new Error('no token');
  for (const [headers, expected] of [
    [() => Promise.reject(fails), /no token/],
    [
      () => {
        throw fails;
      },
      /no token/,
    ],
    [() => new Promise<never>(() => undefined), /in time|within/],
  ] as const) {
    const push = startOtlpPush({
      ...COMMON,
      registry: registryOfOne(),
      url: gateway.url,
      headers,
      timeoutSeconds: 0.1,
    });
    await assert.rejects(push.push(), expected);
  }
  assert.equal(gateway.seen.length, 0);
});

test('A bridge over HTTP rejects with what its headers hook threw, whatever that is', async (t) => {
  await collectWarnings(t);
  const gateway = await fakeGateway(t);
  const fail = (): never => {
    throw new Error('unreadable');
  };
  const proxy = new Proxy({}, { get: fail, getPrototypeOf: fail, has: fail });
  const options = { registry: registryOfOne(), url: gateway.url, intervalSeconds: Infinity };
  for (const start of [
    (headers: () => never) => startOtlpPush({ ...options, headers, env: {} }),
    (headers: () => never) => startRemoteWrite({ ...options, headers, labels: { job: 'shop', instance: '1' } }),
  ]) {
    for (const thrown of [null, undefined, 'text', Symbol('a'), proxy]) {
      const push = start(() => {
        throw thrown;
      });
      const ended = await push.push().then(
        () => ['fulfilled'],
        (error: unknown) => ['rejected', error],
      );
      assert.ok(ended[0] === 'rejected' && Object.is(ended[1], thrown), typeof thrown);
      await push.close();
    }
  }
  assert.equal(gateway.seen.length, 0);
});

test('A bridge over HTTP gives up at its deadline, not after it, whatever Retry-After says', async (t) => {
  const gateway = await fakeGateway(t, [(response) => response.writeHead(503, { 'retry-after': '3600' }).end('later')]);
  const push = startOtlpPush({ ...COMMON, registry: registryOfOne(), url: gateway.url });
  await assert.rejects(push.push(), /failed with status 503, later.* Try again in 3600 s\./);
  assert.equal(gateway.seen.length, 1);
});

test('A bridge over HTTP waits for as long as Retry-After says, and tries again after a broken connection', async (t) => {
  const gateway = await fakeGateway(t, [
    hangUp,
    (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
    status(200),
  ]);
  const push = startOtlpPush({ ...COMMON, registry: registryOfOne(), url: gateway.url });
  const startedAt = performance.now();
  await push.push();
  assert.ok(performance.now() - startedAt >= 990);
  assert.equal(gateway.seen.length, 3);
});

test('A bridge over HTTP hides credentials in errors', async (t) => {
  const gateway = await fakeGateway(t, [status(400, 'no: Bearer hunter2-hunter2, s3cret-pass')]);
  const url = new URL(gateway.url);
  url.username = 'me';
  url.password = 's3cret-pass';
  const headers = { 'x-key': 'hunter2-hunter2' };
  const push = startOtlpPush({ ...COMMON, registry: registryOfOne(), url, headers });
  await assert.rejects(push.push(), (error: Error) => {
    assert.match(error.message, /failed with status 400, no: /);
    assert.doesNotMatch(error.message, /hunter2|s3cret/);
    return true;
  });
  assert.match(gateway.seen[0]!.headers.authorization!, /^Basic /);
});

test('A bridge over HTTP hides credentials in what a receiver says with success', async (t) => {
  const reason = 'key hunter2secret, tenant 7';
  const partial = Buffer.from([0x0a, 4 + reason.length, 0x08, 1, 0x12, reason.length, ...Buffer.from(reason)]);
  const gateway = await fakeGateway(t, [
    (response) => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(partial),
  ]);
  const headers = { 'api-key': 'hunter2secret' };
  const push = startOtlpPush({ ...COMMON, registry: registryOfOne(), url: gateway.url, headers });
  await assert.rejects(push.push(), /got 1 rejected \(key …, tenant 7\)$/);
});

test('A bridge over HTTP speaks TLS with the options of https.request()', async (t) => {
  const { key, cert } = LOOPBACK_CERTIFICATE;
  const gateway = await fakeGateway(t, [], { key, cert });
  const registry = registryOfOne();
  await assert.rejects(
    startOtlpPush({ ...COMMON, registry, url: gateway.url, timeoutSeconds: 1 }).push(),
    /certificate that the receiver's is signed with as connection: \{ ca \}\./,
  );
  await startOtlpPush({ ...COMMON, registry, url: gateway.url, connection: { ca: cert } }).push();
  assert.equal(gateway.seen.length, 1);
});

test('A bridge over HTTP names options that it has when it is refused', async (t) => {
  const { key, cert } = LOOPBACK_CERTIFICATE;
  const secured = await fakeGateway(t, [], { key, cert });
  const checkServerIdentity = (): Error => Object.assign(new Error('no'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  const forbidden = await fakeGateway(t, [status(401), status(403)]);
  const common = { ...COMMON, registry: registryOfOne(), timeoutSeconds: 1 };
  const other = startOtlpPush({ ...common, url: secured.url, connection: { ca: cert, checkServerIdentity } });
  await assert.rejects(
    other.push(),
    /host of the certificate in the URL, or pass one as connection: \{ servername \}\.$/,
  );
  const push = startOtlpPush({ ...common, url: forbidden.url });
  for (let i = 0; i < 2; i++)
    await assert.rejects(push.push(), /asks for by the option headers, or connection: \{ auth: "user:password" \}\.$/);
});

test('A bridge over HTTP refuses headers that it could not send, without showing them', async (t) => {
  const gateway = await fakeGateway(t);
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [new Headers({ authorization: 'secret' }), /headers as an object of texts/],
    [new Map([['authorization', 'secret']]), /headers as an object of texts/],
    [[['authorization', 'secret']], /headers as an object of texts/],
    ['authorization: secret', /headers as an object of texts/],
    [{ 'a b': 'secret' }, /names of headers/],
    [{ authorization: 'secret\n' }, /"authorization" as a text without line breaks/],
    [{ authorization: 'secret\u20ac' }, /"authorization" as a text without line breaks/],
    [{ authorization: undefined }, /"authorization" as a text without line breaks/],
  ];
  for (const [headers, message] of wrong) {
    const common = { ...COMMON, registry: registryOfOne(), url: gateway.url };
    const isRight = (error: Error): boolean => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    };
    assert.throws(() => startOtlpPush({ ...common, headers: headers as Record<string, string> }), isRight);
    const push = startOtlpPush({ ...common, headers: () => headers as Record<string, string> });
    await assert.rejects(push.push(), isRight);
  }
  assert.equal(gateway.seen.length, 0);
});

test('A bridge over HTTP whose receiver hangs is given up, and pushes when it answers again', async (t) => {
  const gateway = await fakeGateway(t, [silence, status(200)]);
  const push = startOtlpPush({ ...COMMON, registry: registryOfOne(), url: gateway.url, timeoutSeconds: 0.2 });
  await assert.rejects(push.push(), /within 0.2 s/);
  await push.push();
  assert.equal(gateway.seen.length, 2);
});

/** Some 25 bytes a series, so that there are several requests. */
function registryOfMany(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 40_000; i++) many.set({ i }, i);
  return registry;
}

test('A bridge over HTTP goes on after a request that is refused for its content, and counts what was in it', async (t) => {
  const written: Answer = (response) =>
    response.writeHead(200, { 'x-prometheus-remote-write-samples-written': 1e6 }).end();
  for (const refusal of [400, 413, 422]) {
    const { env, ...others } = { ...COMMON, timeoutSeconds: 60 };
    for (const start of [
      (registry: MetricsRegistry, url: string) => startOtlpPush({ ...others, env, registry, url }),
      (registry: MetricsRegistry, url: string) =>
        startRemoteWrite({ ...others, registry, url, labels: { job: 'j', instance: 'i' } }),
    ]) {
      const gateway = await fakeGateway(t, [written, status(refusal, 'no'), written]);
      const registry = registryOfMany();
      const push = start(registry, gateway.url);
      await assert.rejects(push.push(), new RegExp(`failed with status ${refusal}, no`));
      const { length } = gateway.seen;
      assert.ok(length >= 3, String(length));
      const dropped = await Promise.all(
        ['otlp', 'remote-write'].map((one) =>
          sampleValue(registry, 'metrics_client_push_dropped_series_total', { bridge: one }),
        ),
      );
      const count = dropped.find((one) => one !== undefined)!;
      assert.ok(count > 40_000 / (length + 1) && count < 40_000 / (length - 1.5), `${count} of ${length} requests`);
    }
  }
});

test('A bridge over HTTP ends a push whose receiver refuses everything', async (t) => {
  for (const refusal of [401, 403, 404]) {
    const gateway = await fakeGateway(t, [status(refusal)]);
    const push = startOtlpPush({ ...COMMON, registry: registryOfMany(), url: gateway.url, timeoutSeconds: 60 });
    await assert.rejects(push.push(), new RegExp(`failed with status ${refusal}`));
    assert.equal(gateway.seen.length, 1);
  }
});

/** What receivers that are broken do with a connection. */
const BROKEN: Readonly<Record<string, (socket: Socket) => void>> = {
  'says nothing': () => undefined,
  'closes at once': (socket) => void socket.destroy(),
  'resets within the body': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'speaks something else': (socket) => socket.write('\0\xffgarbage\r\n\r\n'),
  'answers with garbage': (socket) => socket.once('data', () => socket.end('HTTP/1.1 banana\r\n\r\n')),
  'ends within an answer': (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')),
  'answers without an end': (socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')),
  'changes the protocol': (socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')),
};

test('A bridge over HTTP fails within its time when a receiver is broken, and pushes when it is mended', async (t) => {
  const whole: Answer = (response) =>
    response.writeHead(200, { 'x-prometheus-remote-write-samples-written': 1000 }).end();
  const gateway = await fakeGateway(t, [whole]);
  const { port } = new URL(gateway.url);
  for (const [what, behave] of Object.entries(BROKEN)) {
    let isBroken = true;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (isBroken) return behave(socket);
      const onward = connect(Number(port), '127.0.0.1').on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const registry = registryOfOne();
    const options = { registry, url, intervalSeconds: Infinity, timeoutSeconds: 0.3, retryDelay: 10 };
    for (const push of [
      startOtlpPush({ ...options, env: {} }),
      startRemoteWrite({ ...options, labels: { job: 'j', instance: 'i' } }),
    ]) {
      isBroken = true;
      await assert.rejects(push.push(), /^Error: Cannot push metrics/, what);
      isBroken = false;
      // A machine under load may need more than one push for its time.
      await until(`a push to a receiver that no longer ${what}`, () =>
        push.push().then(
          () => true as const,
          () => undefined,
        ),
      );
    }
  }
});
