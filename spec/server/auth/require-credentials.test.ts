import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordHash } from '../../../lib/server/auth/password-hash.ts';
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
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 404]);
  }
});

test('MetricsServer with auth leaves the open paths open, under no other spelling', async (t) => {
  const server = await startServer(t, { auth: { tokens: [TOKEN], openPaths: ['/health', '/ready'] } });
  const statuses = await Promise.all(
    ['/health', '/ready', '/health?x=1', '/metrics', '/', '/health/', '/Health', '//health', '/health/../metrics', '/%68ealth'].map(
      async (path) => (await ask(server.url + path)).status,
    ),
  );
  assert.deepEqual(statuses, [200, 200, 200, 401, 401, 401, 401, 401, 401, 401]);
});

test('MetricsServer with auth answers 429 with Retry-After to an address with too many wrong attempts', async (t) => {
  const server = await startServer(t, { auth: { tokens: [TOKEN], openPaths: ['/health'] } });
  const wrong = (i: number) => ask(`${server.url}/metrics`, { headers: { authorization: `Bearer wrong-${i}` } });
  const answers = [];
  for (let i = 0; i < 12; i++) answers.push(await wrong(i));
  assert.deepEqual(answers.map(({ status }) => status), [...Array<number>(10).fill(401), 429, 429]);
  assert.equal(answers[10]!.headers['retry-after'], '6');
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
  assert.deepEqual(shown.filter((text) => text.includes(secret) || text.includes(TOKEN)), []);
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
