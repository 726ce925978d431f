import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PasswordHash } from '../../../lib/server/guard/auth-options.ts';
import { deadline } from '../../support/deadline.ts';
import { ask } from '../ask.ts';
import { startServer } from '../start-server.ts';
import { collectWarnings } from '../warnings.ts';

const TOKEN = 'a-token-of-thirty-two-characters';
const PATHS = ['/metrics', '/health', '/ready', '/', '/unknown'];

function basic(credentials: string) {
  return { headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

test('MetricsServer with auth answers 401 on every path without credentials, and tells nothing of the paths', async (t) => {
  const users = { prometheus: String(await PasswordHash.create('open sesame')) };
  const server = await startServer(t, { auth: { users, tokens: [TOKEN] } });
  for (const path of PATHS) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const { status, headers, body } = await ask(server.url + path, { method });
      assert.equal(status, 401);
      assert.equal(headers['www-authenticate'], 'Basic realm="metrics", charset="UTF-8", Bearer realm="metrics"');
      assert.equal(body, method === 'HEAD' ? '' : 'Cannot answer: expected valid credentials.\n');
    }
  }
  for (const credentials of [basic('prometheus:open sesame'), { headers: { authorization: `Bearer ${TOKEN}` } }]) {
    const answers = await Promise.all(PATHS.map((path) => ask(server.url + path, credentials)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 404],
    );
  }
});

test('MetricsServer with auth leaves the open paths open, under no other spelling', async (t) => {
  const server = await startServer(t, { auth: { tokens: [TOKEN], openPaths: ['/health', '/ready'] } });
  const statuses = await Promise.all(
    [
      '/health',
      '/ready',
      '/health?x=1',
      '/metrics',
      '/',
      '/health/',
      '/Health',
      '//health',
      '/health/../metrics',
      '/%68ealth',
    ].map(async (path) => (await ask(server.url + path)).status),
  );
  assert.deepEqual(statuses, [200, 200, 200, 401, 401, 401, 401, 401, 401, 401]);
});

test('MetricsServer with auth answers 429 with Retry-After to an address with too many wrong passwords', async (t) => {
  const users = { prometheus: String(await PasswordHash.create('open sesame')) };
  const server = await startServer(t, { auth: { users, openPaths: ['/health'] } });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => ask(`${server.url}/metrics`, basic(`prometheus:wrong ${i}`))),
  );
  const turnedAway = answers.filter(({ status }) => status === 429);
  // On a busy machine some of the first ten are not reached in time either.
  assert.ok(turnedAway.length >= 2 && turnedAway.length < 12, `${turnedAway.length} of 12`);
  for (const { headers } of turnedAway) assert.equal(headers['retry-after'], '1');
  assert.ok(answers.every(({ status }) => status === 429 || status === 401));
  assert.equal((await ask(`${server.url}/health`)).status, 200);
});

test('MetricsServer with auth says nothing of credentials in answers, warnings and metrics', async (t) => {
  const warnings = collectWarnings(t);
  const server = await startServer(t, { auth: { tokens: [TOKEN] } });
  const secret = 'guess-that-must-not-be-seen';
  const shown = [];
  for (const authorization of [`Bearer ${secret}`, `Basic ${secret}`, secret]) {
    const { headers, body } = await ask(`${server.url}/metrics?${secret}`, { headers: { authorization } });
    shown.push(JSON.stringify(headers), body);
  }
  shown.push((await ask(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).body, ...warnings);
  assert.deepEqual(
    shown.filter((text) => text.includes(secret) || text.includes(TOKEN)),
    [],
  );
});

test('MetricsServer with auth answers 500, and tells of it, when credentials cannot be verified', async (t) => {
  const warnings = collectWarnings(t);
  const users = { prometheus: String(await PasswordHash.create('open sesame')) };
  const server = await startServer(t, { auth: { users } });
  t.mock.method(PasswordHash.prototype, 'verify', () => Promise.reject(new Error('no memory')));
  assert.equal((await ask(`${server.url}/metrics`, basic('prometheus:open sesame'))).status, 500);
  assert.deepEqual(warnings, ['Cannot verify credentials: no memory']);
});

test('MetricsServer with auth takes as long for a wrong password as for a name that is no user', async (t) => {
  const users = { prometheus: String(await PasswordHash.create('open sesame')) };
  const server = await startServer(t, { auth: { users } });
  const timed = async (credentials: string) => {
    const start = performance.now();
    assert.equal((await ask(`${server.url}/metrics`, basic(credentials))).status, 401);
    return performance.now() - start;
  };
  await timed('prometheus:warm up');
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < 4; i++) {
    known.push(await timed(`prometheus:wrong ${i}`));
    unknown.push(await timed(`nobody:wrong ${i}`));
  }
  // The quickest of each: on a busy machine others are slower for reasons of its own.
  const [a, b] = [Math.min(...known), Math.min(...unknown)];
  assert.ok(Math.min(a, b) > 5, `${a} and ${b} ms: scrypt takes longer`);
  assert.ok(Math.max(a, b) / Math.min(a, b) < 1.5, `${a} and ${b} ms`);
});

/** Presents `guess(i)` for ever, over `count` connections at once from `localAddress`, each next one as soon as there is an answer. */
function guessing(t: TestContext, url: string, { count, localAddress, pipelined = 1, guess }: Attack): void {
  const { hostname, port } = new URL(url);
  let isOver = false;
  let next = 0;
  const begin = (): void => {
    if (isOver) return;
    const socket = connect({ host: hostname, port: Number(port), localAddress: localAddress?.(next) });
    sockets.add(socket);
    const present = (): void => {
      for (let i = 0; i < pipelined; i++) {
        const { authorization } = basic(`prometheus:${guess(next++)}`).headers;
        socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`);
      }
    };
    socket.on('data', present).on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      setTimeout(begin, 10);
    });
    present();
  };
  const sockets = new Set<Socket>();
  for (let i = 0; i < count; i++) begin();
  t.after(() => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  });
}

interface Attack {
  readonly count: number;
  readonly localAddress?: (i: number) => string;
  readonly pipelined?: number;
  readonly guess: (i: number) => string;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'its own address guesses over forty connections': { count: 40, guess: (i) => `guess ${i}` },
  'its own address pipelines guesses': { count: 10, pipelined: 20, guess: (i) => `guess ${i}` },
  'its own address repeats a few guesses': { count: 20, guess: (i) => `guess ${i % 10}` },
  'forty addresses guess': { count: 40, localAddress: (i) => `127.0.0.${2 + (i % 40)}`, guess: (i) => `guess ${i}` },
};

for (const [name, attack] of Object.entries(ATTACKS)) {
  test(`MetricsServer with auth lets the right password in, never seen before, while ${name}`, {
    timeout: deadline(60),
  }, async (t) => {
    const users = { prometheus: String(await PasswordHash.create('open sesame')) };
    const server = await startServer(t, { auth: { users, tokens: [TOKEN] } });
    guessing(t, server.url, attack);
    await sleep(1000); // the guesses come first
    assert.equal((await ask(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).status, 200);
    const statuses: number[] = [];
    const start = performance.now();
    while (statuses.at(-1) !== 200 && statuses.length < 10) {
      statuses.push((await ask(`${server.url}/metrics`, basic('prometheus:open sesame'))).status);
      if (statuses.at(-1) === 429) await sleep(1000);
    }
    assert.ok(statuses.at(-1) === 200 && statuses.length <= 3, statuses.join());
    t.diagnostic(`${statuses.join()} in ${Math.round(performance.now() - start)} ms`);
  });
}
