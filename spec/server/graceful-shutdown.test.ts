import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gracefulShutdown } from '../../lib/server/graceful-shutdown.ts';
import { MetricsServer } from '../../lib/server/metrics-server.ts';
import { decodeOtlp } from '../bridges/otlp/decode-otlp.ts';
import { fakeGateway, type SeenRequest } from '../push/fake-gateway.ts';
import { ask } from './ask.ts';
import { startServer } from './start-server.ts';

const SCRAPER = { headers: { 'x-prometheus-scrape-timeout-seconds': '10', 'user-agent': 'Prometheus/3' } };

/** Starts a process with a server that shuts down gracefully, `options` being those of gracefulShutdown(). */
async function startChild(t: TestContext, { before = '', options = '{}' } = {}) {
  const lib = (path: string) => new URL(`../../lib/${path}${extname(import.meta.url)}`, import.meta.url).href;
  const program = `
    import { Counter } from '${lib('core')}';
    import { startMetricsServer } from '${lib('server/metrics-server')}';
    import { gracefulShutdown } from '${lib('server/graceful-shutdown')}';
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs done.' });
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
    ${before}
    gracefulShutdown(server, ${options});
    console.log(server.port);
  `;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ports = line.toString().trim().split(' ').map(Number);
  return { child, ports, url: `http://127.0.0.1:${ports[0]}`, exited };
}

/** Resolves when /ready fails. */
async function untilUnready(url: string): Promise<void> {
  while ((await ask(`${url}/ready`)).status !== 503);
}

test('gracefulShutdown() serves what was counted last to one more scrape, and ends by the signal', async (t) => {
  const { child, url, exited } = await startChild(t, { options: '{ finishWork: async () => jobs.inc(7) }' });
  assert.match((await ask(`${url}/metrics`, SCRAPER)).body, /^jobs_total 0$/m);
  child.kill('SIGTERM');
  await untilUnready(url);
  assert.equal((await ask(`${url}/health`)).status, 200);
  assert.match((await ask(`${url}/metrics`)).body, /^jobs_total 7$/m);
  assert.match((await ask(`${url}/metrics`, SCRAPER)).body, /^jobs_total 7$/m);
  assert.equal(await exited, 'SIGTERM');
});

test('gracefulShutdown() ends the process by the signal, whatever close() of the server and finishWork() do', async (t) => {
  for (const fault of ['throw null', 'return Promise.reject(new Error("late"))', 'return 7']) {
    const before = `server.close = () => { ${fault} };`;
    const { child, exited } = await startChild(t, { before, options: `{ finishWork() { ${fault} } }` });
    child.kill('SIGTERM');
    assert.equal(await exited, 'SIGTERM', fault);
  }
});

test('gracefulShutdown() ends the process at once if nobody scrapes, and at any of its signals', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, exited } = await startChild(t);
    child.kill(signal);
    assert.equal(await exited, signal);
  }
  const { child, exited } = await startChild(t, { options: '{ signals: ["SIGUSR2"] }' });
  child.kill('SIGUSR2');
  assert.equal(await exited, 'SIGUSR2');
});

test('gracefulShutdown() lets a second signal end the process while it waits', async (t) => {
  const { child, url, exited } = await startChild(t, { options: '{ finishWork: () => new Promise(() => {}) }' });
  child.kill('SIGTERM');
  await untilUnready(url);
  child.kill('SIGTERM');
  assert.equal(await exited, 'SIGTERM');
});

test('gracefulShutdown() closes the server although the work could not be finished', async (t) => {
  const { child, exited } = await startChild(t, { options: '{ finishWork: () => { throw new Error("no") } }' });
  child.kill('SIGTERM');
  assert.equal(await exited, 'SIGTERM');
});

test('gracefulShutdown() leaves the end of the process to others who listen to the signal', async (t) => {
  for (const listen of ['on', 'once']) {
    const before = `process.${listen}("SIGTERM", () => { process.exitCode = 7; });`;
    const { child, exited } = await startChild(t, { before });
    child.kill('SIGTERM');
    assert.equal(await exited, 7);
  }
});

test('gracefulShutdown() pushes a last time by each bridge, when the work is finished', async (t) => {
  const gateway = await fakeGateway(t);
  const before = `
    const { startOtlpPush } = await import('${new URL(`../../lib/bridges/otlp/index${extname(import.meta.url)}`, import.meta.url).href}');
    const url = '${gateway.url}';
    for (const path of ['/a', '/b', '/closed']) {
      const push = startOtlpPush({ url: url + path, intervalSeconds: 1000, gzip: false, env: {} });
      if (path === '/closed') await push.close();
    }`;
  const { child, exited } = await startChild(t, { before, options: '{ finishWork: async () => jobs.inc(7) }' });
  const isLast = ({ path }: SeenRequest): boolean => path !== '/closed';
  assert.equal(gateway.seen.filter(isLast).length, 0);
  child.kill('SIGTERM');
  assert.equal(await exited, 'SIGTERM');
  const last = gateway.seen.filter(isLast);
  assert.deepEqual(last.map(({ path }) => path).sort(), ['/a', '/b']);
  for (const { body } of last) {
    const jobs = decodeOtlp(body).metrics.find(({ name }) => name === 'jobs_total');
    assert.equal(jobs.sum.points[0].double, 7);
  }
});

test('gracefulShutdown() is the only thing that listens to signals, and takes it back', async (t) => {
  const counts = () => [
    process.listenerCount('SIGTERM'),
    process.listenerCount('SIGINT'),
    process.listenerCount('uncaughtException'),
  ];
  const before = counts();
  const server = await startServer(t);
  assert.deepEqual(counts(), before);
  const forget = gracefulShutdown(server);
  assert.deepEqual(counts(), [before[0]! + 1, before[1]! + 1, before[2]]);
  forget();
  assert.deepEqual(counts(), before);
});

test('gracefulShutdown() refuses what are no signals and no function', () => {
  const server = new MetricsServer({ port: 0 });
  for (const signals of ['SIGTERM', ['TERM'], [15]]) {
    assert.throws(() => gracefulShutdown(server, { signals } as object), {
      name: 'TypeError',
      message: /^Cannot shut down gracefully: expected signals to be an array such as \["SIGTERM"\], got /,
    });
  }
  assert.throws(() => gracefulShutdown(server, { finishWork: 5 } as object), {
    name: 'TypeError',
    message: 'Cannot shut down gracefully: expected finishWork to be a function, got 5.',
  });
});

for (const [first, second] of [
  ['server', 'other'],
  ['other', 'server'],
]) {
  test(`gracefulShutdown() of two servers, ${first} first, ends the process when both are closed`, async (t) => {
    // One server has nobody to wait for and closes at once; the other owes its scraper the last increments.
    const before = `
      const other = await startMetricsServer({ port: 0, host: '127.0.0.1' });
      if ('${first}' === 'other') gracefulShutdown(other);
      queueMicrotask(() => '${second}' === 'other' && gracefulShutdown(other));
    `;
    const { child, url, exited } = await startChild(t, { before, options: '{ finishWork: async () => jobs.inc(7) }' });
    assert.match((await ask(`${url}/metrics`, SCRAPER)).body, /^jobs_total 0$/m);
    child.kill('SIGTERM');
    await untilUnready(url);
    for (let i = 0; i < 20; i++) assert.match((await ask(`${url}/metrics`)).body, /^jobs_total 7$/m);
    assert.match((await ask(`${url}/metrics`, SCRAPER)).body, /^jobs_total 7$/m);
    assert.equal(await exited, 'SIGTERM');
  });
}

test('gracefulShutdown() of several servers leaves the end of the process to others who listen to the signal', async (t) => {
  const before = `
    gracefulShutdown(await startMetricsServer({ port: 0, host: '127.0.0.1' }));
    process.on('SIGTERM', () => { process.exitCode = 7; });
  `;
  const { child, exited } = await startChild(t, { before });
  child.kill('SIGTERM');
  assert.equal(await exited, 7);
});

for (const worker of ['server', 'other'] as const) {
  test(`gracefulShutdown() keeps both servers open until the work of ${worker} is finished`, async (t) => {
    // Both expose the default registry: the scrapers of each have to see what the work counts last. /health ends it.
    const idle = worker === 'server' ? 'other' : 'server';
    const before = `
      const other = await startMetricsServer({ port: 0, host: '127.0.0.1' });
      const ended = new Promise((resolve) => ${worker}.addHealthCheck('end', () => resolve()));
      const finishWork = async () => { await ended; jobs.inc(7); };
      gracefulShutdown(other, { finishWork: ${worker === 'other' ? 'finishWork' : 'undefined'} });
      console.log = ((log) => (port) => log([port, other.port].join(' ')))(console.log);
    `;
    const { child, ports, exited } = await startChild(t, {
      before,
      options: worker === 'server' ? '{ finishWork }' : '{}',
    });
    const urls = { server: `http://127.0.0.1:${ports[0]}`, other: `http://127.0.0.1:${ports[1]}` };
    assert.match((await ask(`${urls[worker]}/metrics`, SCRAPER)).body, /^jobs_total 0$/m);
    child.kill('SIGTERM');
    await untilUnready(urls[worker]);
    for (let i = 0; i < 20; i++) assert.match((await ask(`${urls[idle]}/metrics`)).body, /^jobs_total 0$/m);
    await ask(`${urls[worker]}/health`);
    assert.match((await ask(`${urls[worker]}/metrics`, SCRAPER)).body, /^jobs_total 7$/m);
    assert.equal(await exited, 'SIGTERM');
  });
}
