import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { extname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { MetricsServer } from '../../lib/server/metrics-server.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { ask } from './ask.ts';
import { connectRaw, get } from './raw-client.ts';
import { largeRegistry, SERIES, startServer } from './start-server.ts';

test('MetricsServer.url is usable for every kind of host', async (t) => {
  // Containers often have no IPv6.
  const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
  for (const host of ['localhost', '127.0.0.1', '0.0.0.0', ...(hasIPv6 ? ['::', '::1'] : [])]) {
    const server = await startServer(t, { host });
    assert.equal((await ask(`${server.url}/ready`)).status, 200, host);
  }
});

test('MetricsServer.port is the port it was given until it listens, and stays after it was closed', async () => {
  const server = new MetricsServer({ registry: new MetricsRegistry() });
  assert.deepEqual([server.port, server.url], [8000, 'http://localhost:8000']);
  const free = new MetricsServer({ port: 0, registry: new MetricsRegistry() });
  assert.equal(free.port, 0);
  await free.listen();
  const { port } = free;
  assert.ok(port > 0);
  await free.close();
  assert.equal(free.port, port);
});

test('MetricsServer.listen() may be called again and listens once', async (t) => {
  const server = new MetricsServer({ port: 0, host: '127.0.0.1', registry: new MetricsRegistry() });
  t.after(() => server.close());
  await Promise.all([server.listen(), server.listen()]);
  await server.listen();
  assert.equal((await ask(`${server.url}/health`)).status, 200);
});

test('MetricsServer.listen() rejects once the server was closed', async () => {
  const server = new MetricsServer({ port: 0, registry: new MetricsRegistry() });
  await server.close();
  await assert.rejects(server.listen(), {
    message: 'Cannot serve metrics: expected an open server, got a closed one. Create another.',
  });
});

test('MetricsServer.close() is idempotent, and the port is free afterwards', async (t) => {
  const server = await startServer(t);
  const { port } = server;
  assert.equal(server.close(), server.close());
  await server.close();
  await assert.rejects(ask(`${server.url}/health`), { code: 'ECONNREFUSED' });
  await startServer(t, { port });
});

test('MetricsServer.close() resolves before listening, while listening begins, and after that failed', async (t) => {
  const options = { port: 0, host: 'localhost', registry: new MetricsRegistry() };
  await new MetricsServer(options).close();
  const early = new MetricsServer(options);
  const listening = early.listen();
  await early.close();
  await listening;
  await assert.rejects(ask(`${early.url}/health`), { code: 'ECONNREFUSED' });
  const taken = await startServer(t);
  const failed = new MetricsServer({ ...options, host: '127.0.0.1', port: taken.port });
  await assert.rejects(failed.listen());
  await failed.close();
});

test('MetricsServer.close() lets a scrape in flight finish, and closes idle connections', async (t) => {
  const registry = largeRegistry();
  let beginCollecting = () => {};
  const collecting = new Promise<void>((resolve) => (beginCollecting = resolve));
  let endCollecting = () => {};
  const collected = new Promise<void>((resolve) => (endCollecting = resolve));
  registry.registerCollector({
    name: 'slow',
    collect: async () => {
      beginCollecting();
      await collected;
      return [];
    },
  });
  const server = await startServer(t, { registry });
  const idle = await connectRaw(t, server.port);
  idle.socket.write(get('/health'));
  await idle.until(/"ok"/);
  const scrape = ask(`${server.url}/metrics`);
  await collecting;
  const closed = server.close();
  assert.equal(await idle.ended, 'end');
  await assert.rejects(ask(`${server.url}/metrics`), { code: 'ECONNREFUSED' });
  endCollecting();
  const { status, headers, body } = await scrape;
  assert.deepEqual([status, headers.connection], [200, 'close']);
  assert.equal(parseExposition(body).find(({ name }) => name === 'price_dollars')?.samples.length, SERIES);
  await closed;
});

test('MetricsServer.close() cuts off what is not done after closeTimeoutSeconds', async (t) => {
  const server = await startServer(t, { closeTimeoutSeconds: 0.02 });
  server.addHealthCheck('hung', () => new Promise<void>(() => {}), { timeoutSeconds: 1000 });
  let isRunning = () => {};
  const running = new Promise<void>((resolve) => (isRunning = resolve));
  server.addHealthCheck('running', () => isRunning());
  const health = assert.rejects(ask(`${server.url}/health`), { code: 'ECONNRESET' });
  await running;
  await server.close();
  await health;
});

test('MetricsServer.unref() lets the process exit, even with a request open; ref() undoes it', async (t) => {
  const child = (calls: string) => startChild(t, calls);
  assert.equal(await (await child('server.unref()')).exited, 0);
  const busy = await child('process.stdin.once("end", () => server.unref()).resume()');
  const client = await connectRaw(t, busy.port);
  client.socket.write(get('/health'));
  await once(busy.process.stdout!, 'data');
  busy.process.stdin!.end();
  assert.equal(await busy.exited, 0);
  const kept = await child('server.unref().ref()');
  assert.equal((await ask(`http://127.0.0.1:${kept.port}/metrics`)).status, 200);
  assert.equal(kept.process.exitCode, null);
});

test('MetricsServer.ref() takes back the open connections too', async (t) => {
  const server = await startServer(t);
  const client = await connectRaw(t, server.port);
  client.socket.write(get('/health'));
  await client.until(/"ok"/);
  assert.equal(server.unref(), server);
  assert.equal(server.ref(), server);
  const held = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
  server.unref();
  const left = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
  assert.equal(held - left, 1);
});

/** Starts a process that runs a server with a hung health check, then `calls`. */
async function startChild(t: TestContext, calls: string) {
  // The specs run both as TypeScript and compiled.
  const { href } = new URL(`../../lib/server/metrics-server${extname(import.meta.url)}`, import.meta.url);
  const program = `
    import { startMetricsServer } from '${href}';
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
    server.addHealthCheck('hung', () => new Promise(() => console.log('hung')), { timeoutSeconds: 1000 });
    console.log(server.port);
    ${calls};
  `;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, port: Number(line.toString()), exited };
}
