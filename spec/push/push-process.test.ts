import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../support/package-root.ts';
import { StartedProgram } from '../support/started-program.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';
import { fakeGateway, silence, status } from './fake-gateway.ts';

// What a push does to the process that it is in.

const MAIN = entry('index');
const ifBuilt = { skip: whyNotBuilt() };

function entry(name: string): string {
  return pathToFileURL(join(packageRoot(), 'dist', 'bundle', `${name}.js`)).href;
}

/** Runs a program to its end, in which `Pushgateway` has been imported; resolves to what it printed. */
async function run(t: TestContext, program: string): Promise<string> {
  const imports = `import { Pushgateway } from ${JSON.stringify(entry('push'))};`;
  const args = ['--input-type=module', '--eval', `${imports}\n${program}`];
  const started = new StartedProgram(t, { program: process.execPath, args });
  const { code } = await started.ended;
  assert.equal(code, 0, started.output);
  return started.output;
}

test('Pushgateway keeps its process alive until the answer, and no longer', ifBuilt, async (t) => {
  // The timer of its timeout, if it were left, would hold the process for a quarter of an hour.
  const { url, seen } = await fakeGateway(t, [status(503), (response) => void setTimeout(() => response.end(), 50)]);
  const options = '{ retryDelay: 20, timeout: 1_000_000 }';
  const output = await run(
    t,
    `const gateway = new Pushgateway('${url}', ${options});
     gateway.push({ jobName: 'x' }).then(({ resp }) => console.log(resp.statusCode));`,
  );
  assert.equal(output, '200\n');
  assert.equal(seen.length, 2);
});

test('Pushgateway takes the default registry of the other entries', ifBuilt, async (t) => {
  const { url, seen } = await fakeGateway(t);
  await run(
    t,
    `const { Counter } = await import(${JSON.stringify(MAIN)});
     new Counter({ name: 'jobs_total', help: 'Jobs done.' }).inc(7);
     await new Pushgateway('${url}').push({ jobName: 'x' });`,
  );
  assert.match(seen[0]?.body.toString() ?? '', /^jobs_total 7$/m);
});

test('Pushgateway lets its process end when its signal is aborted', ifBuilt, async (t) => {
  const { url } = await fakeGateway(t, [silence]);
  const output = await run(
    t,
    `const gateway = new Pushgateway('${url}', { timeout: 1_000_000 });
     const controller = new AbortController();
     gateway.push({ jobName: 'x', signal: controller.signal }).catch((error) => console.log(error.name));
     setTimeout(() => controller.abort(), 50);`,
  );
  assert.equal(output, 'AbortError\n');
});

test('Pushgateway sends no more of a push than a gateway wants that answers early', ifBuilt, async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // It reads the head, and then no more.
    socket.once('data', () => socket.pause().write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const output = await run(
    t,
    `const family = { name: 'a', help: 'x'.repeat(50_000_000), type: 'gauge', series: [{ value: 1 }] };
     const { MetricsRegistry } = await import(${JSON.stringify(MAIN)});
     const registry = new MetricsRegistry();
     registry.registerCollector({ name: 'large', collect: () => [family] });
     const gateway = new Pushgateway('http://127.0.0.1:${port}', { timeout: 1_000_000 }, registry);
     await gateway.push({ jobName: 'x' }).catch(({ status }) => console.log(status));`,
  );
  assert.equal(output, '413\n');
});

test('Importing Pushgateway, and creating one, loads no HTTP client', ifBuilt, async (t) => {
  const output = await run(
    t,
    `new Pushgateway('http://localhost:9091');
     const loaded = process.moduleLoadList.map((name) => name.replace('NativeModule ', ''));
     console.log(['_http_client', 'https', 'zlib'].filter((name) => loaded.includes(name)).join());`,
  );
  assert.equal(output, '\n');
});

test('Pushgateway keeps its process alive while a collector waits on what does not', ifBuilt, async (t) => {
  const { url, seen } = await fakeGateway(t);
  const output = await run(
    t,
    `const { Gauge, MetricsRegistry } = await import(${JSON.stringify(MAIN)});
     const registry = new MetricsRegistry();
     const idle = () => new Promise((resolve) => setTimeout(resolve, 300).unref());
     new Gauge({ name: 'slow', help: 'S.', registers: [registry], async collect() { await idle(); this.set(7); } });
     new Gauge({ name: 'hung', help: 'H.', registers: [registry], collect: () => new Promise(() => undefined) });
     const gateway = new Pushgateway('${url}', { timeout: 1000 }, registry);
     process.on('warning', () => undefined);
     gateway.push({ jobName: 'x' }).then(({ resp }) => console.log(resp.statusCode));`,
  );
  assert.match(output, /^200$/m);
  assert.match(seen[0]?.body.toString() ?? '', /^slow 7$/m);
});
