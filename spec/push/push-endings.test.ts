import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Gatherer, Gauge, MetricsRegistry } from '../../lib/core.ts';
import { Pushgateway, type PushgatewayOptions } from '../../lib/push/index.ts';
import { deadline } from '../support/deadline.ts';
import { until } from '../support/until.ts';

// A push settles however its request ends. Gateways here are scripts of raw bytes, which no HTTP server would send.

/** Acts on a connection whose request has been read. Returns what to stop when the connection closes. */
type Script = (socket: Socket) => NodeJS.Timeout | void;

/** Starts a gateway that runs `script` on every connection once the head of its request is there. */
async function rawGateway(
  t: TestContext,
  script: Script,
): Promise<{ readonly url: string; readonly open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let timer: NodeJS.Timeout | void;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      if (timer !== undefined) clearInterval(timer);
    });
    socket.once('data', () => {
      socket.resume();
      timer = script(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, open };
}

function send(text: string): Script {
  return (socket) => void socket.write(text);
}

function sendAndReset(text: string): Script {
  return (socket) => void socket.write(text, () => setImmediate(() => socket.resetAndDestroy()));
}

function sendForever(head: string, part: string): Script {
  return (socket) => {
    socket.write(head);
    return setInterval(() => socket.write(part), 5);
  };
}

const NEVER = 1_000_000;
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** How a request can end without an answer that counts, and what the push is rejected with. */
const ENDINGS: Readonly<
  Record<string, readonly [script: Script, expected: { status?: number; code?: string | RegExp }]>
> = {
  '101 Switching Protocols': [send(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}`), { status: 101 }],
  '101 and bytes of the other protocol': [
    send(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}\x81\x05hello`),
    { status: 101 },
  ],
  '101 without naming a protocol': [send('HTTP/1.1 101 Switching Protocols\r\n\r\n'), { status: 101 }],
  '101 and a reset': [sendAndReset(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}`), { status: 101 }],
  '100 Continue for ever': [sendForever('', 'HTTP/1.1 100 Continue\r\n\r\n'), { code: 'ETIMEDOUT' }],
  '102 Processing for ever': [sendForever('', 'HTTP/1.1 102 Processing\r\n\r\n'), { code: 'ETIMEDOUT' }],
  '103 Early Hints and silence': [send('HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n'), { code: 'ETIMEDOUT' }],
  silence: [() => undefined, { code: 'ETIMEDOUT' }],
  'a head that never ends': [sendForever('HTTP/1.1 200 OK\r\n', 'X'), { code: /^ETIMEDOUT$|^HPE_/ }],
  'a head without its last line': [send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n'), { code: 'ETIMEDOUT' }],
  'a body that never ends': [sendForever('HTTP/1.1 200 OK\r\n\r\n', 'more'), { code: 'ETIMEDOUT' }],
  'a huge chunk that never comes': [
    send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n'),
    { code: 'ETIMEDOUT' },
  ],
  'trailers that never end': [
    send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\r\n'),
    { code: 'ETIMEDOUT' },
  ],
  'a body that is too short': [
    (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    { code: 'ECONNRESET' },
  ],
  'a reset after the head': [sendAndReset('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'), { code: 'ECONNRESET' }],
  'a reset in a chunk': [
    sendAndReset('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf'),
    { code: 'ECONNRESET' },
  ],
  'the end before an answer': [(socket) => void socket.end(), { code: 'ECONNRESET' }],
  'a reset before an answer': [(socket) => void socket.resetAndDestroy(), { code: 'ECONNRESET' }],
  'another protocol': [send('SSH-2.0-OpenSSH_9.6\r\n'), { code: /^HPE_/ }],
  'a chunk whose length is none': [
    send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    { code: /^HPE_|^ECONNRESET$/ },
  ],
  'a redirect': [
    send('HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
    { status: 307 },
  ],
  'a status above all': [send('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'), { status: 999 }],
};

function pushed(url: string, options: PushgatewayOptions, signal?: AbortSignal): Promise<unknown> {
  return new Pushgateway(url, { retries: 0, ...options }, new MetricsRegistry()).push({ jobName: 'x', signal });
}

for (const [name, [script, { status, code }]] of Object.entries(ENDINGS)) {
  test(`Pushgateway.push() settles, and leaves no connection, after ${name}`, { timeout: deadline(30) }, async (t) => {
    const { url, open } = await rawGateway(t, script);
    for (const agent of [undefined, new Agent({ keepAlive: true })]) {
      // What answers is not to be cut off on a busy machine.
      const timeout = status === undefined ? 150 : NEVER;
      const error = (await pushed(url, { timeout, ...(agent && { agent }) }).catch((caught: unknown) => caught)) as {
        status?: number;
        code?: string;
      };
      assert.ok(error instanceof Error);
      assert.equal(error.status, status);
      if (code instanceof RegExp) assert.match(error.code ?? '', code);
      else assert.equal(error.code, code);
      // A connection that an agent keeps for the next request is the agent's, and may stay.
      agent?.destroy();
      await until('the connections to close', () => (open.size === 0 ? true : undefined));
    }
  });

  test(`Pushgateway.push() rejects with the reason of its signal, at the latest, after ${name}`, {
    timeout: deadline(30),
  }, async (t) => {
    const { url } = await rawGateway(t, script);
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 100);
    const error = await pushed(url, { timeout: NEVER }, controller.signal).catch((caught: unknown) => caught);
    assert.ok(error instanceof Error);
    if (code === 'ETIMEDOUT') assert.equal(error, reason);
  });
}

test('Pushgateway.push() resolves after 1xx answers, with trailers, and to an answer without a body', async (t) => {
  const early =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n';
  for (const answer of [
    'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
    // Upgrade is offered here, not done: RFC 9110, section 7.8.
    `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${UPGRADE}`,
  ]) {
    const { url } = await rawGateway(t, send(early + answer));
    await pushed(url, { timeout: NEVER });
  }
});

test('Pushgateway.push() resolves to an answer that ends with its connection', async (t) => {
  const { url } = await rawGateway(t, (socket) => void socket.end('HTTP/1.0 200 OK\r\n\r\ndone'));
  assert.equal(((await pushed(url, { timeout: NEVER })) as { body: string }).body, 'done');
});

test('Pushgateway.push() settles when an agent never gives it a connection', { timeout: deadline(30) }, async () => {
  const agent = new Agent();
  Object.assign(agent, { addRequest: () => undefined });
  await assert.rejects(pushed('http://127.0.0.1:1', { timeout: 50, agent }), { code: 'ETIMEDOUT' });
  const reason = new Error('enough');
  await assert.rejects(pushed('http://127.0.0.1:1', { timeout: NEVER, agent }, AbortSignal.abort(reason)), reason);
});

test('Pushgateway.push() waits for collectors no longer than its timeout, and pushes the rest', {
  timeout: deadline(30),
}, async (t) => {
  const { url } = await rawGateway(t, send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const registry = new MetricsRegistry({ collectTimeoutSeconds: Infinity });
  new Gauge({ name: 'hung', help: 'H.', registers: [registry], collect: () => new Promise(() => undefined) });
  const gateway = new Pushgateway(url, { timeout: 200 }, registry);
  assert.equal((await gateway.push({ jobName: 'x' })).resp.statusCode, 200);
});

test('Pushgateway.push() settles when its registry never does, by its timeout and by its signal', {
  timeout: deadline(30),
}, async () => {
  const registry: Gatherer = { gather: () => new Promise(() => undefined) };
  await assert.rejects(new Pushgateway('http://127.0.0.1:1', { timeout: 50 }, registry).push({ jobName: 'x' }), {
    code: 'ETIMEDOUT',
    message:
      'Cannot push metrics: expected the registry to give its metrics within 50 ms, got none. Look for a collector that hangs.',
  });
  const reason = new Error('enough');
  const controller = new AbortController();
  const waiting = new Pushgateway('http://127.0.0.1:1', { timeout: NEVER }, registry).push({
    jobName: 'x',
    signal: controller.signal,
  });
  setImmediate(() => controller.abort(reason));
  await assert.rejects(waiting, reason);
});
