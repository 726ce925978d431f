import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

// What happens when the files of the package are gone, or cannot be read, while a program runs.

const ifBuilt = { skip: whyNotBuilt() };

/** A folder with the built package in its node_modules, and a program beside it. Returns what the program printed. */
function runBeside(t: TestContext, program: string): string {
  const folder = temporaryFolder(t);
  const installed = join(folder, 'node_modules', '@finpilot', 'metrics');
  mkdirSync(installed, { recursive: true });
  cpSync(join(packageRoot(), 'dist', 'bundle'), join(installed, 'dist', 'bundle'), { recursive: true });
  writeFileSync(join(installed, 'package.json'), readFileSync(join(packageRoot(), 'package.json')));
  writeFileSync(join(folder, 'program.mjs'), program);
  // EMFILE comes sooner with few descriptors, and each costs the kernel memory.
  const { status, stdout, stderr } = runProgram(
    'bash',
    ['-c', 'ulimit -n 256; exec "$0" program.mjs', process.execPath],
    folder,
  );
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  return stdout;
}

/** Takes all descriptors; returns a function that gives them back. */
const EXHAUST = `
  import { openSync, closeSync, rmSync } from 'node:fs';
  const exhaust = () => {
    const taken = [];
    try { for (;;) taken.push(openSync('/dev/null')); } catch {}
    return () => taken.forEach((fd) => closeSync(fd));
  };
  const outcomeOf = (promise) => promise.then(() => 'ok', (error) => error.code ?? error.message);
`;

test('A running server depends on no file of the package', ifBuilt, (t) => {
  const printed = runBeside(
    t,
    `${EXHAUST}
    import { Counter, gracefulShutdown, register, startMetricsServer } from '@finpilot/metrics';
    new Counter({ name: 'jobs_total', help: 'Jobs done.', labelNames: ['text'] }).inc({ text: 'x'.repeat(5000) });
    register.registerCollector({ name: 'late', collect: () => [{ name: 'late_value', help: 'L.', type: 'gauge', series: [{ value: 1 }] }] });
    const token = 'a'.repeat(32);
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0, auth: { tokens: [token], users: {} } });
    server.addHealthCheck('fine', () => true);
    rmSync('node_modules', { recursive: true });
    const ask = async (path, headers = {}) => {
      const response = await fetch(server.url + path, { headers: { authorization: 'Bearer ' + token, ...headers } });
      return response.status + ' ' + (response.headers.get('content-type') ?? '').split(';')[0] + ' ' + (await response.arrayBuffer()).byteLength;
    };
    for (const accept of [
      'text/plain;version=0.0.4', 'text/plain;version=1.0.0;escaping=allow-utf-8', 'application/openmetrics-text;version=1.0.0',
      'application/openmetrics-text;version=0.0.1', 'application/openmetrics-text;version=2.0.0',
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    ]) for (const encoding of ['identity', 'gzip', 'zstd, gzip']) {
      const [status, type, bytes] = (await ask('/metrics', { accept, 'accept-encoding': encoding })).split(' ');
      if (status !== '200' || Number(bytes) < 100) console.log('wrong', accept, encoding, status, type, bytes);
    }
    for (const path of ['/', '/page.js', '/page.css', '/health', '/ready', '/metrics?name[]=late_value']) {
      const [status] = (await ask(path)).split(' ');
      if (status !== '200') console.log('wrong', path, status);
    }
    const refused = await fetch(server.url + '/metrics', { headers: { authorization: 'Bearer wrong' } });
    console.log(refused.status);
    await server.close();
    console.log('closed');
  `,
  );
  assert.equal(printed, '401\nclosed\n');
});

test('The first collector that joins a running server depends on no file either', ifBuilt, (t) => {
  const printed = runBeside(
    t,
    `${EXHAUST}
    import { register, startMetricsServer } from '@finpilot/metrics';
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
    const turn = () => new Promise(setImmediate);
    await turn();
    const active = () => process.getActiveResourcesInfo().length;
    const idle = active();
    register.registerCollector({ name: 'late', collect: () => [{ name: 'late_value', help: 'L.', type: 'gauge', series: [{ value: 1 }] }] });
    // Its modules are read one after another: reading is over once it has been for some turns.
    for (let turns = 0; turns < 20; turns++) {
      if (active() > idle) turns = 0;
      await turn();
    }
    rmSync('node_modules', { recursive: true });
    const response = await fetch(server.url + '/metrics');
    console.log(response.status, /^late_value 1$/m.test(await response.text()));
    await server.close();
  `,
  );
  assert.equal(printed, '200 true\n');
});

test('A handler depends on no file once it has answered, and recovers when it could not be loaded', ifBuilt, (t) => {
  const printed = runBeside(
    t,
    `${EXHAUST}
    import { createServer } from 'node:http';
    import { Counter, metricsHandler, register } from '@finpilot/metrics';
    new Counter({ name: 'jobs_total', help: 'Jobs done.' });
    register.registerCollector({ name: 'late', collect: () => [{ name: 'late_value', help: 'L.', type: 'gauge', series: [{ value: 1 }] }] });
    const warnings = [];
    process.emitWarning = (message) => void warnings.push(message);
    const giveBack = exhaust();
    const handler = metricsHandler();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const ask = () => new Promise((resolve) => {
      const response = { headersSent: false, destroyed: false, writeHead(status) { resolve(status); return this; }, end() {}, once() {}, on() {}, setHeader() {}, destroy() { resolve('destroyed'); } };
      handler({ method: 'GET', url: '/', headers: {}, socket: {} }, response);
    });
    console.log(await ask());
    giveBack();
    console.log(await ask());
    rmSync('node_modules', { recursive: true });
    console.log(await ask());
    console.log(warnings.length, /answers 503 until it can be loaded/.test(warnings[0]));
  `,
  );
  assert.equal(printed, '503\n200\n200\n1 true\n');
});

test('What could not be loaded for want of descriptors is loaded by the next call', ifBuilt, (t) => {
  const printed = runBeside(
    t,
    `${EXHAUST}
    import { AggregatorRegistry, MetricsServer, Pushgateway, register } from '@finpilot/metrics';
    register.registerCollector({ name: 'late', collect: () => [{ name: 'late_value', help: 'L.', type: 'gauge', series: [{ value: 1 }] }] });
    const server = new MetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
    const gateway = new Pushgateway('http://127.0.0.1:1', { timeout: 200 });
    const calls = {
      metrics: () => register.metrics(),
      listen: () => server.listen(),
      push: () => gateway.push({ jobName: 'x' }),
      cluster: () => new AggregatorRegistry().clusterMetrics(),
    };
    process.emitWarning = () => {};
    for (const [name, call] of Object.entries(calls)) {
      const giveBack = exhaust();
      const first = await outcomeOf(call());
      giveBack();
      await new Promise((resolve) => setTimeout(resolve, 50)); // attempts under way end
      console.log(name, first, await outcomeOf(call()));
    }
    await server.close();
  `,
  );
  assert.equal(printed, 'metrics EMFILE ok\nlisten EMFILE ok\npush EMFILE ECONNREFUSED\ncluster EMFILE ok\n');
});
