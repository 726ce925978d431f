import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { startMetricsServer } from '../../lib/server/start-metrics-server.ts';
import { ask } from './ask.ts';

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
