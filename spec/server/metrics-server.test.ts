import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { test } from 'node:test';
import { Counter } from '../../lib/metrics/counter.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import type { HealthReport } from '../../lib/server/health-checks.ts';
import { MetricsServer, serverUrl, startMetricsServer } from '../../lib/server/metrics-server.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';
import { ask } from './ask.ts';
import { connectRaw, get } from './raw-client.ts';
import { largeRegistry, SERIES, startServer } from './start-server.ts';
import { collectWarnings } from './warnings.ts';

test('MetricsServer serves its registry at /metrics', async (t) => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'scans_total', help: 'Scans done.', registers: [registry] });
  const server = await startServer(t, { registry });
  for (const count of [1, 2]) {
    counter.inc();
    const { status, headers, body } = await ask(`${server.url}/metrics`);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
    assert.equal(sampleOf(parseExposition(body), 'scans_total'), count);
  }
});

test('MetricsServer answers 20 concurrent scrapes with the whole exposition each', async (t) => {
  const registry = largeRegistry();
  const server = await startServer(t, { registry, limits: { maxScrapesInFlight: 20 } });
  const scrapes = await Promise.all(Array.from({ length: 20 }, () => ask(`${server.url}/metrics`)));
  for (const { status, body } of scrapes) {
    assert.equal(status, 200);
    const families = parseExposition(body);
    for (const i of [0, SERIES / 2, SERIES - 1]) {
      assert.equal(sampleOf(families, 'price_dollars', { symbol: `symbol number ${i}` }), i / 7);
    }
    assert.equal(families.find(({ name }) => name === 'price_dollars')?.samples.length, SERIES);
  }
});

test('MetricsServer serves a clean scrape after clients have aborted theirs', async (t) => {
  const registry = largeRegistry();
  const server = await startServer(t, { registry });
  for (let i = 0; i < 20; i++) {
    const client = await connectRaw(t, server.port);
    client.socket.write(get('/metrics'));
    if (i % 2 === 0) await client.until(/symbol number/);
    client.socket.resetAndDestroy();
  }
  const { body } = await ask(`${server.url}/metrics`);
  assert.equal(body, await registry.metrics());
});

test('MetricsServer serves every path to GET and HEAD, and nothing else', async (t) => {
  const server = await startServer(t);
  for (const path of ['/metrics', '/health', '/ready', '/', '/page.js', '/page.css']) {
    const got = await ask(server.url + path);
    const headed = await ask(`${server.url}${path}?query`, { method: 'HEAD' });
    assert.deepEqual([got.status, headed.status, headed.body], [200, 200, '']);
    for (const { headers } of [got, headed]) {
      delete headers.date;
      assert.equal(headers['x-content-type-options'], 'nosniff');
      // The page has a tag, by which a browser that kept it asks whether it is still the one.
      assert.equal(headers['cache-control'], headers['etag'] === undefined ? 'no-store' : 'no-cache');
      assert.equal(headers['server'], undefined);
      assert.equal(headers['x-powered-by'], undefined);
    }
    assert.deepEqual(headed.headers, got.headers);
    const posted = await ask(server.url + path, { method: 'POST' });
    assert.deepEqual([posted.status, posted.headers.allow], [405, 'GET, HEAD']);
  }
  const lost = await ask(`${server.url}/unknown`);
  assert.equal(lost.status, 404);
  assert.equal(
    lost.body,
    'Cannot find this path: expected one of /metrics, /health, /ready, /, /page.js, /page.css.\n',
  );
});

test('MetricsServer answers /health and /ready with 200 and no checks until some are added', async (t) => {
  const server = await startServer(t);
  for (const path of ['/health', '/ready']) {
    const { status, headers, body } = await ask(server.url + path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(body), { status: 'ok', checks: {} });
  }
});

test('MetricsServer reports health checks at /health and readiness checks at /ready', async (t) => {
  const server = await startServer(t);
  const report = async (path: string) => {
    const { status, body } = await ask(server.url + path);
    const { status: overall, checks } = JSON.parse(body) as HealthReport;
    const states = Object.entries(checks).map(([name, check]) => {
      assert.equal(typeof check.durationSeconds, 'number');
      return `${name} ${check.status} ${check.error ?? ''}`.trim();
    });
    return [status, overall, ...states];
  };
  server.addHealthCheck('loop', () => true);
  server.addReadinessCheck('prices', async () => {
    throw new Error('no prices yet');
  });
  server.addReadinessCheck('cache', () => {});
  assert.deepEqual(await report('/health'), [200, 'ok', 'loop ok']);
  assert.deepEqual(await report('/ready'), [503, 'failing', 'prices failing no prices yet', 'cache ok']);
  assert.equal(server.removeReadinessCheck('prices'), true);
  assert.equal(server.removeReadinessCheck('prices'), false);
  assert.deepEqual(await report('/ready'), [200, 'ok', 'cache ok']);
  assert.equal(server.removeHealthCheck('loop'), true);
  assert.deepEqual(await report('/health'), [200, 'ok']);
});

test('MetricsServer answers 503 for a hung check, and goes on to answer the other paths', async (t) => {
  const server = await startServer(t);
  let starts = 0;
  server.addHealthCheck(
    'hung',
    () => {
      starts++;
      return new Promise<void>(() => {});
    },
    { timeoutSeconds: 0.02 },
  );
  const health = [ask(`${server.url}/health`), ask(`${server.url}/health`)];
  assert.equal((await ask(`${server.url}/metrics`)).status, 200);
  for (const { status, body } of await Promise.all(health)) {
    assert.equal(status, 503);
    assert.match((JSON.parse(body) as HealthReport).checks['hung']?.error ?? '', /^Still running after/);
  }
  assert.equal((await ask(`${server.url}/health`, { method: 'HEAD' })).status, 503);
  assert.equal(starts, 1);
});

test('MetricsServer answers 500 when the registry fails, and the process goes on', async (t) => {
  const warnings = collectWarnings(t);
  const registry = { gather: () => Promise.reject(new Error('registry is broken')) };
  const server = await startServer(t, { registry });
  for (let i = 0; i < 2; i++) {
    const { status, body } = await ask(`${server.url}/metrics`);
    assert.deepEqual([status, body], [500, 'Cannot render the metrics: registry is broken\n']);
  }
  assert.deepEqual(warnings, ['Cannot answer a scrape: registry is broken']);
});

test('MetricsServer turns a later error of its server into a warning', async (t) => {
  const warnings = collectWarnings(t);
  const server = await startServer(t);
  const servers: Server[] = [];
  const remember = (message: unknown) => void servers.push((message as { server: Server }).server);
  subscribe('http.server.request.start', remember);
  await ask(`${server.url}/health`);
  unsubscribe('http.server.request.start', remember);
  servers[0]?.emit('error', new Error('accept EMFILE'));
  assert.deepEqual(warnings, ['The metrics server has a problem: accept EMFILE']);
  assert.equal((await ask(`${server.url}/health`)).status, 200);
});

const registry = new MetricsRegistry();

test('startMetricsServer() resolves to a server that listens', async () => {
  const server = await startMetricsServer({ port: 0, registry });
  assert.ok(server.port > 0);
  assert.equal(server.url, `http://localhost:${server.port}`);
  assert.equal((await ask(`${server.url}/metrics`)).status, 200);
  await server.close();
});

test('startMetricsServer() rejects when the port is taken, and the first server goes on', async () => {
  const first = await startMetricsServer({ port: 0, host: '127.0.0.1', registry });
  await assert.rejects(startMetricsServer({ port: first.port, host: '127.0.0.1', registry }), (error: Error) => {
    assert.equal(
      error.message,
      `Cannot serve metrics on port ${first.port} of host "127.0.0.1": expected a free port, got one that is taken ` +
        `(EADDRINUSE). Stop what listens there, choose another port than ${first.port}, or 0 for any free one.`,
    );
    assert.equal((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
    assert.ok(error.cause instanceof Error);
    return true;
  });
  assert.equal((await ask(`${first.url}/health`)).status, 200);
  await first.close();
});

test('startMetricsServer() rejects when the host is none of this machine', async () => {
  await assert.rejects(startMetricsServer({ port: 0, host: '192.0.2.1', registry }), { code: 'EADDRNOTAVAIL' });
});

test('startMetricsServer() rejects what is no port, no host and no time', async () => {
  const reject = (options: object, expected: object) => assert.rejects(startMetricsServer(options), expected);
  const port = 'Cannot create a metrics server: expected port to be an integer from 0 to 65535';
  const remedy = 'Turn a setting into a number by Number(…).';
  await reject({ port: '8000' }, { name: 'TypeError', message: `${port}, got "8000". ${remedy}` });
  for (const value of [-1, 65_536, 80.5, NaN]) {
    await reject({ port: value }, { name: 'RangeError', message: `${port}, got ${value}.` });
  }
  await reject(
    { host: 127 },
    { name: 'TypeError', message: 'Cannot create a metrics server: expected host to be a string, got 127.' },
  );
  await reject({ closeTimeoutSeconds: 0 }, { name: 'RangeError', message: /expected closeTimeoutSeconds to be a num/ });
  await reject({ closeTimeoutSeconds: null }, { name: 'TypeError', message: /got null\.$/ });
});

test('MetricsServer() refuses any value but undefined in place of an option that protects or gathers', () => {
  // Such as `auth: process.env.TOKEN && {…}`, which is '' if the variable is empty, and would leave the server open.
  for (const value of [null, false, 0, '', NaN, 'x', 7, true]) {
    for (const name of ['auth', 'allow', 'allowedHosts', 'tls', 'limits', 'registry', 'exporterOptions']) {
      const message = new RegExp(`^Cannot create a metrics server: expected ${name} to `);
      assert.throws(() => new MetricsServer({ [name]: value }), { name: 'TypeError', message }, `${name}: ${value}`);
    }
  }
  const tokens = ['a'.repeat(16)];
  for (const name of ['users', 'openPaths']) {
    const message = new RegExp(`^Cannot create a metrics server: expected auth.${name} to be `);
    assert.throws(() => new MetricsServer({ auth: { tokens, [name]: null } }), { name: 'TypeError', message });
  }
  assert.throws(() => new MetricsServer({ registry: {} as MetricsRegistry }), { name: 'TypeError' });
  new MetricsServer({ auth: undefined, allow: undefined, registry: undefined } as object); // as if they were not there
});

test('serverUrl() is the loopback name for a server on all interfaces', () => {
  for (const host of [undefined, '', '0.0.0.0', '::'])
    assert.equal(serverUrl('http', host, 8000), 'http://localhost:8000');
});

test('serverUrl() keeps a host name or address, an IPv6 address in brackets', () => {
  assert.equal(serverUrl('http', 'localhost', 80), 'http://localhost:80');
  assert.equal(serverUrl('http', '127.0.0.1', 9100), 'http://127.0.0.1:9100');
  assert.equal(serverUrl('http', '::1', 8000), 'http://[::1]:8000');
});
