import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { Pushgateway, type PushgatewayOptions } from '../../lib/push/index.ts';
import { turn } from '../support/turn.ts';
import { until } from '../support/until.ts';
import { type Answer, fakeGateway, hangUp, silence, status } from './fake-gateway.ts';

/** More than the 30 seconds that a wait takes at the most: whoever waits holds up the run. */
const LONG = 1_000_000;

function jobs(): { registry: MetricsRegistry; counter: Counter<never> } {
  const registry = new MetricsRegistry();
  return { registry, counter: new Counter({ name: 'jobs_total', help: 'Jobs done.', registers: [registry] }) };
}

function gatewayAt(url: string, options: PushgatewayOptions = {}): Pushgateway {
  return new Pushgateway(url, { retryDelay: 0, ...options }, jobs().registry);
}

test('Pushgateway tries again after what may pass, with the same bytes', async (t) => {
  for (const failure of [...[408, 429, 500, 502, 503, 504].map((code) => status(code)), hangUp]) {
    const { registry, counter } = jobs();
    const moved: Answer = (response, request) => {
      counter.inc();
      failure(response, request);
    };
    const { url, seen } = await fakeGateway(t, [moved, moved, status(200)]);
    await new Pushgateway(url, { retryDelay: 0 }, registry).push({ jobName: 'x' });
    assert.equal(seen.length, 3);
    assert.equal(new Set(seen.map(({ method, path, body }) => `${method} ${path} ${body.toString()}`)).size, 1);
  }
});

test('Pushgateway tries pushAdd() and delete() again too', async (t) => {
  const { url, seen } = await fakeGateway(t, [status(503), status(202), hangUp, status(202)]);
  const gateway = gatewayAt(url);
  await gateway.pushAdd({ jobName: 'x' });
  await gateway.delete({ jobName: 'x' });
  assert.deepEqual(
    seen.map(({ method }) => method),
    ['POST', 'POST', 'DELETE', 'DELETE'],
  );
});

test('Pushgateway does not try again where the request itself is refused', async (t) => {
  for (const code of [301, 304, 307, 400, 401, 403, 404, 405, 413, 501]) {
    const { url, seen } = await fakeGateway(t, [status(code)]);
    await assert.rejects(gatewayAt(url).push({ jobName: 'x' }), { status: code });
    assert.equal(seen.length, 1, String(code));
  }
});

test('Pushgateway waits as long as Retry-After asks before it tries again', async (t) => {
  for (const [answerAgain, shortest] of [
    [(response) => response.writeHead(429, { 'retry-after': '1' }).end(), 1000],
    [
      (response) => {
        const later = new Date(Date.now() + 2500).toUTCString();
        response.writeHead(503, { 'retry-after': later }).end();
      },
      1000, // both dates are in whole seconds
    ],
  ] as const satisfies readonly (readonly [Answer, number])[]) {
    const { url, seen } = await fakeGateway(t, [answerAgain, status(200)]);
    const start = performance.now();
    await gatewayAt(url).push({ jobName: 'x' });
    // Timers may be a millisecond early.
    assert.ok(performance.now() - start >= shortest - 2);
    assert.equal(seen.length, 2);
  }
});

test('Pushgateway waits no longer than its timeout, whatever Retry-After asks', async (t) => {
  for (const retryAfter of ['3600', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT']) {
    const { url, seen } = await fakeGateway(t, [
      (response) => response.writeHead(503, { 'retry-after': retryAfter }).end(),
    ]);
    await assert.rejects(gatewayAt(url, { timeout: 100, retries: 2 }).push({ jobName: 'x' }), {
      status: 503,
      message: /: expected success, but push failed with status 503 \(after 3 attempts\)\. Try again in \d+ s\.$/,
    });
    assert.equal(seen.length, 3);
  }
});

test('Pushgateway waits the back-off where Retry-After asks for less, or for nothing that can be meant', async (t) => {
  for (const retryAfter of ['0', '-5', '1.5', 'soon', '', 'Thu, 01 Jan 1970 00:00:00 GMT', '3600 s', '0x10']) {
    const { url, seen } = await fakeGateway(t, [
      (response) => response.writeHead(503, { 'retry-after': retryAfter }).end(),
      status(200),
    ]);
    await gatewayAt(url, { timeout: LONG }).push({ jobName: 'x' });
    assert.equal(seen.length, 2);
  }
});

test('Pushgateway rejects with the reason of its signal while it waits as Retry-After asks', async (t) => {
  const { url } = await fakeGateway(t, [(response) => response.writeHead(503, { 'retry-after': '3600' }).end()]);
  const reason = new Error('enough');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 100);
  await assert.rejects(gatewayAt(url, { timeout: LONG }).push({ jobName: 'x', signal: controller.signal }), reason);
});

test('Pushgateway gives up after its retries, and says how often it tried', async (t) => {
  for (const [retries, attempts] of [
    [0, 1],
    [1, 2],
    [undefined, 3],
  ] as const) {
    const { url, seen } = await fakeGateway(t, [status(503, 'busy')]);
    const options = retries === undefined ? {} : { retries };
    await assert.rejects(gatewayAt(url, options).pushAdd({ jobName: 'x' }), {
      status: 503,
      message:
        `Cannot push metrics at ${url}/metrics/job/x: expected success, but push failed with status 503, busy` +
        `${attempts > 1 ? ` (after ${attempts} attempts)` : ''}. Try again later.`,
    });
    assert.equal(seen.length, attempts);
  }
});

test('Pushgateway says what the gateway says, and what to do', async (t) => {
  for (const [code, remedy] of [
    [400, 'Nothing was stored. Fix the problem reported above.'],
    [401, 'Pass the option auth: "user:password", or what else the gateway asks for.'],
    [404, 'Check that the URL is the one of a Pushgateway.'],
  ] as const) {
    const { url } = await fakeGateway(t, [status(code, 'the\n  reason\n')]);
    await assert.rejects(gatewayAt(url).delete({ jobName: 'x' }), {
      name: 'Error',
      message: `Cannot delete metrics at ${url}/metrics/job/x: expected success, but delete failed with status ${code}, the reason. ${remedy}`,
      status: code,
    });
  }
});

test('Pushgateway shows the start of a long answer, and keeps no more than it needs of one', async (t) => {
  const { url } = await fakeGateway(t, [status(400, 'x'.repeat(5_000_000)), status(200, 'y'.repeat(5_000_000))]);
  const gateway = gatewayAt(url);
  await assert.rejects(gateway.push({ jobName: 'x' }), {
    message: /push failed with status 400, x{499}…\. Nothing was stored/,
  });
  assert.equal((await gateway.push({ jobName: 'x' })).body, 'y'.repeat(64 * 1024));
});

test('Pushgateway tries again where nobody listens, and says so in the end', async (t) => {
  const { url } = await fakeGateway(t);
  // Port 1 of the loopback interface is nobody's.
  const closed = url.replace(/:\d+$/, ':1');
  await assert.rejects(gatewayAt(closed).push({ jobName: 'x' }), {
    code: 'ECONNREFUSED',
    message:
      'Cannot push metrics at http://127.0.0.1:1/metrics/job/x: expected an answer, got none after 3 attempts ' +
      '(connect ECONNREFUSED 127.0.0.1:1). Check the URL, and that a Pushgateway listens there.',
  });
});

test('Pushgateway waits for an answer no longer than its timeout, to its last byte', async (t) => {
  const half: Answer = (response) => response.writeHead(200, { 'content-length': 10 }).write('half');
  for (const answer of [silence, half]) {
    const { url, seen } = await fakeGateway(t, [answer]);
    await assert.rejects(gatewayAt(url, { timeout: 50, retries: 1 }).push({ jobName: 'x' }), {
      code: 'ETIMEDOUT',
      message: /: expected an answer, got none after 2 attempts \(Pushgateway request timed out after 50 ms\)\./,
    });
    assert.equal(seen.length, 2);
  }
});

test('Pushgateway rejects when the connection breaks in the middle of an answer', async (t) => {
  const broken: Answer = (response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
  };
  const { url, seen } = await fakeGateway(t, [broken]);
  await assert.rejects(gatewayAt(url).push({ jobName: 'x' }), { code: 'ECONNRESET' });
  assert.equal(seen.length, 3);
});

test('Pushgateway rejects with the reason of its signal: before, during a request, and before a retry', async (t) => {
  const reason = new Error('enough');
  let closed = 0;
  const busy: Answer = (response) => {
    response.socket?.once('close', () => closed++);
    response.writeHead(503).end();
  };
  const { url, seen } = await fakeGateway(t, [silence, busy, silence]);
  const gateway = gatewayAt(url, { retryDelay: LONG, timeout: LONG });
  await assert.rejects(gateway.push({ jobName: 'x', signal: AbortSignal.abort(reason) }), reason);
  assert.equal(seen.length, 0);

  for (const isReached of [() => seen.length === 1, () => closed === 1]) {
    const controller = new AbortController();
    const pushed = assert.rejects(gateway.push({ jobName: 'x', signal: controller.signal }), reason);
    await until('the request', () => (isReached() ? true : undefined));
    await turn();
    controller.abort(reason);
    await pushed;
  }
  assert.equal(seen.length, 2);
});

test('Pushgateway sends nothing if its signal is aborted while collectors run', async (t) => {
  const { url, seen } = await fakeGateway(t);
  const { registry } = jobs();
  const controller = new AbortController();
  registry.registerCollector({
    name: 'aborting',
    collect: async () => (controller.abort('no reason that is an Error'), []),
  });
  const pushed = new Pushgateway(url, {}, registry).push({ jobName: 'x', signal: controller.signal });
  assert.equal(await pushed.catch((error: unknown) => error), 'no reason that is an Error');
  assert.equal(seen.length, 0);
});

test('Pushgateway leaves no listener on a signal that outlives it', async (t) => {
  const { url } = await fakeGateway(t, [status(503), status(200)]);
  const { signal } = new AbortController();
  await gatewayAt(url).push({ jobName: 'x', signal });
  await until('the listeners to go', () =>
    EventEmitter.getEventListeners(signal, 'abort').length === 0 ? true : undefined,
  );
});

test('Pushgateway has no credentials in its errors, not even those that the gateway gives back', async (t) => {
  const echo: Answer = (response, { headers, path }) =>
    response.writeHead(400).end(`${JSON.stringify(headers)} ${path} p@ss w0rd tok-en`);
  const { url } = await fakeGateway(t, [echo]);
  const withCredentials = url.replace('://', '://us%20er:p%40ss%20w0rd@');
  for (const [expected, gateway] of [
    [400, gatewayAt(`${withCredentials}/?key=tok-en`)],
    [400, gatewayAt(url, { auth: 'us er:p@ss w0rd', headers: { 'X-Key': 'Bearer tok-en', 'X-Version': 1 } })],
    [undefined, gatewayAt(`${withCredentials.replace(/\d+$/, '1')}?tok-en`, { headers: { 'X-Key': 'tok-en' } })],
  ] as const) {
    const error = await gateway.push({ jobName: 'x' }).catch((caught: unknown) => caught);
    assert.ok(error instanceof Error);
    assert.equal((error as { status?: number }).status, expected);
    const shown = inspect(error, { depth: 9, showHidden: true });
    const encoded = Buffer.from('us er:p@ss w0rd').toString('base64');
    for (const secret of ['p@ss', 'p%40ss', 'w0rd', 'tok-en', encoded])
      assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
  }
});

test('Pushgateway shows no password that a gateway gives back in an encoding of its own', async (t) => {
  const password = 'p@ss w0rd/+é"<';
  for (const encode of [
    encodeURIComponent,
    (text: string) => encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
    (text: string) => new URLSearchParams({ text }).toString(),
    (text: string) => JSON.stringify({ text }),
    (text: string) => text.replace(/[^a-z0-9]/g, (character) => `&#${character.charCodeAt(0)};`),
    (text: string) => Buffer.from(`us er:${text}`).toString('base64'),
    (text: string) => ' '.repeat(64 * 1024 - 'refused: '.length - 6) + text,
    (text: string) => 'x'.repeat(495) + text,
  ]) {
    const { url } = await fakeGateway(t, [status(401, `refused: ${encode(password)}`)]);
    const error = await gatewayAt(url, { auth: `us er:${password}` })
      .push({ jobName: 'x' })
      .catch((caught: unknown) => caught);
    const shown = inspect(error, { depth: 9, showHidden: true });
    assert.match(shown, /push failed with status 401, refused:/);
    for (const part of ['p@s', 'ss', 'w0rd', 'p%40', 'p&#', Buffer.from('us er:p@').toString('base64').slice(0, 8)]) {
      assert.ok(
        !shown.split('Pass the option')[0]!.replace('expected success', '').includes(part),
        `${part} in ${shown}`,
      );
    }
  }
});
