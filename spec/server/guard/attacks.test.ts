import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { Counter } from '../../../lib/metrics/counter.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import { PasswordHash } from '../../../lib/server/guard/auth-options.ts';
import { metricsHandler } from '../../../lib/server/metrics-handler.ts';
import { MetricsServer } from '../../../lib/server/metrics-server.ts';
import { until } from '../../support/until.ts';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { connectRaw, get } from '../raw-client.ts';
import { startServer } from '../start-server.ts';

const TOKEN = 'a-token-of-thirty-two-characters';

/** Sends bytes on a connection of their own, and returns all that comes back until the server ends it. */
async function exchange(t: Parameters<typeof connectRaw>[0], port: number, bytes: string): Promise<string> {
  const client = await connectRaw(t, port);
  client.socket.write(bytes, 'latin1');
  await client.ended;
  return client.text();
}

test('Each path of MetricsServer has one spelling, and no other path gets anything but an error', async (t) => {
  const { port } = await startServer(t);
  const paths = [
    '/../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..\\..\\etc\\passwd',
    '/....//....//etc/passwd',
    '//etc/passwd',
    '//localhost/metrics',
    '/page.js/../../package.json',
    '/page.js%00.css',
    '/page.js/',
    '/page%2ejs',
    '/page.css.map',
    '/PAGE.JS',
    '/Metrics',
    '/metrics/',
    '/metrics;a=b',
    '/metrics%20',
    '/metrics%3Fname',
    '/./metrics',
    '/health/../metrics',
    '/%6detrics',
    '/constructor',
    '/__proto__',
    'metrics',
    '*',
    'file:///etc/passwd',
  ];
  for (const path of paths) {
    const answer = await exchange(t, port, get(path).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    assert.match(answer, /^HTTP\/1\.1 40[04] /, path);
    assert.doesNotMatch(answer, /root:|finpilot_|# TYPE|"version"/, path);
  }
  for (const path of ['/metrics', '/health', '/ready', '/', '/page.js', '/page.css']) {
    assert.match(await exchange(t, port, get(path, '1.0')), /^HTTP\/1\.1 200 /, path);
  }
});

test('No response of MetricsServer names its software, malformed and oversized requests included', async (t) => {
  const { port } = await startServer(t, { allowedHosts: ['metrics.example'] });
  const requests = {
    200: get('/metrics', '1.0'),
    404: get('/nothing', '1.0'),
    405: 'DELETE /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    413: 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n',
    414: get(`/${'x'.repeat(5000)}`, '1.0'),
    421: 'GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    400: 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n',
    431: `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  };
  for (const [status, bytes] of Object.entries(requests)) {
    const answer = await exchange(t, port, bytes);
    assert.equal(answer.slice(0, 12), `HTTP/1.1 ${status}`);
    const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
    assert.doesNotMatch(head, /^(server|x-powered-by|via):|node|finpilot/im, status);
  }
});

test('MetricsServer answers one request for bytes that two servers could split differently, and ends the connection', async (t) => {
  const { port } = await startServer(t);
  const hidden = get('/health');
  const ambiguous = {
    'two lengths': `GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n`,
    'a length and chunks': `GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'chunks, spelt differently': 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n',
    'chunks in a folded header':
      'GET /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
    'a blank before the colon': 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length : 5\r\n\r\n',
    'a length with a sign': 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\n',
    'a line that ends without CR': 'GET /metrics HTTP/1.1\nHost: localhost\nContent-Length: 5\n\n',
    'a NUL in a header': 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(ambiguous)) {
    const answer = await exchange(t, port, bytes + hidden);
    assert.equal(answer.match(/HTTP\/1\.1 \d+/g)?.length, 1, `${name}: ${answer}`);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, name);
  }
});

test('MetricsServer ends the connection after a request for an upgrade, since Node skips what follows it', async (t) => {
  const { port } = await startServer(t);
  for (const upgrade of ['websocket', 'h2c']) {
    const client = await connectRaw(t, port);
    const bytes = get('/health').replace('\r\n\r\n', `\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`);
    client.socket.write(bytes.repeat(130));
    await client.until(/"ok"/);
    client.socket.write(get('/metrics', '1.0'));
    await client.ended;
    assert.deepEqual(client.text().match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200'], upgrade);
    assert.match(client.text(), /^connection: close\r$/im);
  }
});

test('name[] parameters put nothing into headers, and no text of theirs into the response', async (t) => {
  const { port } = await startServer(t);
  const names = ['x%0d%0aSet-Cookie:%20a=b', '%3Cscript%3Ealert(1)%3C/script%3E', '%00', '%ff', '%', '__proto__'];
  for (const name of names) {
    const answer = await exchange(t, port, get(`/metrics?name[]=${name}`, '1.0'));
    assert.match(answer, /^HTTP\/1\.1 (200|400) /, name);
    assert.match(answer, /^x-content-type-options: nosniff\r$/im, name);
    assert.doesNotMatch(answer, /set-cookie|<script/i, name);
  }
});

test('MetricsServer on all interfaces accepts any IP address in Host, also beside allowedHosts', async (t) => {
  const { port } = await startServer(t, { host: '0.0.0.0', allowedHosts: ['metrics.example'] });
  const statusOf = async (host: string) =>
    (await exchange(t, port, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).slice(9, 12);
  for (const host of ['203.0.113.5', '203.0.113.5:8000', '[2001:db8::1]:8000'])
    assert.equal(await statusOf(host), '200');
  for (const host of ['203.0.113.5.evil.example', 'evil.example']) assert.equal(await statusOf(host), '421', host);
});

const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test("MetricsServer with host '127.0.0.1' cannot be reached by another address of this machine", {
  skip: outside === undefined ? 'this machine has only its loopback interface' : false,
}, async (t) => {
  const { port } = await startServer(t, { host: '127.0.0.1' });
  await assert.rejects(ask(`http://${outside}:${port}/health`), { code: 'ECONNREFUSED' });
});

test('MetricsServer uses the credentials that it started with, whatever becomes of the objects that held them', async (t) => {
  const tokens = [TOKEN];
  const users: Record<string, string> = { prometheus: String(await PasswordHash.create('open sesame')) };
  const openPaths = ['/health'];
  const server = await startServer(t, { auth: { tokens, users, openPaths } });
  tokens[0] = 'another-token-of-some-characters';
  users['mallory'] = String(await PasswordHash.create('let me in'));
  delete users['prometheus'];
  openPaths.push('/metrics');
  const statusOf = async (authorization: string) =>
    (await ask(`${server.url}/metrics`, { headers: { authorization } })).status;
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal(await statusOf(`Bearer ${TOKEN}`), 200);
  assert.equal(await statusOf(basic('prometheus:open sesame')), 200);
  assert.equal(await statusOf(`Bearer ${tokens[0]}`), 401);
  assert.equal(await statusOf(basic('mallory:let me in')), 401);
  assert.equal((await ask(`${server.url}/metrics`)).status, 401);
});

test('No message about invalid options contains a password, token or key', () => {
  const secret = 'hunter2-secret';
  const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
  const options: readonly object[] = [
    { auth: secret },
    { auth: [secret] },
    { auth: { tokens: secret } },
    { auth: { tokens: [secret] } },
    { auth: { tokens: [`${secret} with blanks in it`] } },
    { auth: { tokens: [{ token: secret }] } },
    { auth: { users: secret } },
    { auth: { users: [secret] } },
    { auth: { users: { prometheus: secret } } },
    { auth: { users: { prometheus: `$scrypt$ln=14,r=8,p=5$${secret}` } } },
    { auth: { users: { prometheus: `$2y$10$${secret}` } } },
    { auth: { users: { prometheus: { password: secret } } } },
    { auth: { token: secret } },
    { tls: secret },
    { tls: pem },
    { tls: { cert: pem, key: [pem] } },
    { tls: { cert: 1, key: pem } },
    { tls: { cert: pem, key: pem, passphrase: [secret] } },
    { tls: { cert: pem, key: pem, password: secret } },
  ];
  for (const each of options) {
    assert.throws(
      () => new MetricsServer(each as ConstructorParameters<typeof MetricsServer>[0]),
      (error: Error) => /TypeError|RangeError|SyntaxError/.test(error.name) && !`${error.stack}`.includes('hunter2'),
      JSON.stringify(each),
    );
  }
});

test('MetricsServer leaves the event loop free while it verifies passwords', async (t) => {
  const users = { prometheus: String(await PasswordHash.create('open sesame')) };
  const server = await startServer(t, { auth: { users } });
  let turns = 0;
  let longest = 0;
  let last = performance.now();
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    turns++;
    timer = setImmediate(turn);
  };
  let timer = setImmediate(turn);
  t.after(() => clearImmediate(timer));
  const begin = performance.now();
  for (let i = 0; i < 2; i++) {
    const authorization = `Basic ${Buffer.from(`prometheus:wrong ${i}`).toString('base64')}`;
    assert.equal((await ask(`${server.url}/metrics`, { headers: { authorization } })).status, 401);
  }
  const each = (performance.now() - begin) / 2;
  clearImmediate(timer);
  assert.ok(turns > 200, `${turns} turns in two verifications`);
  assert.ok(longest < each, `a turn of ${longest} ms, a verification of ${each} ms`);
});

test('MetricsServer refuses connections from the moment it waits for requests in flight', async (t) => {
  const server = await startServer(t);
  let answer = (): void => {};
  let isAsked = false;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const check = (): Promise<void> => {
    isAsked = true;
    return answered;
  };
  server.addHealthCheck('pending', check, { timeoutSeconds: 1000 });
  const { port, url } = server;
  const inFlight = await connectRaw(t, port);
  inFlight.socket.write(get('/health'));
  await until('the check', () => server.port === port || undefined);
  await until('the check', () => isAsked || undefined);
  const closed = server.close();
  await until('a refusal', async () => (await ask(url).catch((error) => error.code)) === 'ECONNREFUSED' || undefined);
  answer();
  await inFlight.until(/"ok"/);
  await closed;
});

test('MetricsServer frees the slot of a client that left, although its gather() goes on', async (t) => {
  let running = 0;
  const gather = () => (++running <= 6 ? new Promise<never>(() => undefined) : Promise.resolve([]));
  const { port, url } = await startServer(t, { registry: { gather }, limits: { maxScrapesInFlight: 2 } });
  for (let i = 1; i <= 6; i++) {
    const client = await connectRaw(t, port);
    client.socket.write(get('/metrics'));
    await until(`gather() number ${i}`, () => running === i || undefined);
    client.socket.destroy();
  }
  assert.equal((await ask(`${url}/metrics`)).status, 200);
  assert.equal(running, 7);
});

test('metricsHandler() exposes the metrics of its registry and no other', async (t) => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] }).inc();
  const { url } = await servePlainly(t, metricsHandler(registry));
  await ask(url);
  const { body } = await ask(url);
  assert.equal(body, '# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total 1\n');
});
