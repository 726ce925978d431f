import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCertificate } from '../support/certificate.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { writeCopy } from '../support/vendored-copy.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

// Programs with a metrics thread, and how they end.

const root = packageRoot();
const ifBuilt = { skip: whyNotBuilt() };
/** Node 20 and 22 say that require() of an ES module is new. */
const REQUIRED_MODULE = /^.*ExperimentalWarning: (?:CommonJS|Support for loading ES Module)[^]*?\n\(Use .*\n/m;
const START = `
  import { Counter, gracefulShutdown } from '@finpilot/metrics';
  import { startMetricsThread } from '@finpilot/metrics/thread';
  const thread = await startMetricsThread({ port: 0, host: '127.0.0.1' });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.' });
  const scraped = async () => /^jobs_total .*$/m.exec(await (await fetch(thread.url + '/metrics')).text())?.[0];
  jobs.inc();
`;

/** Runs an ES module in the package's own folder, where it can import the package by name. */
function run(program: string, args: readonly string[] = [], environment = {}) {
  return runProgram(process.execPath, [...args, '--input-type=module', '--eval', program], root, environment);
}

test('A metrics thread keeps no finished program alive, and no exit code is changed', ifBuilt, () => {
  const { status, stdout, stderr } = run(`${START} console.log(await scraped());`);
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'jobs_total 1\n', stderr: '' });
  assert.equal(run(`${START} process.exit(3);`).status, 3);
  const failed = run(`${START} setTimeout(() => { throw new Error('on purpose'); });`);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /on purpose/);
  const closed = run(`${START} thread.ref(); setTimeout(() => thread.close().then(() => console.log('closed')));`);
  assert.deepEqual([closed.status, closed.stdout], [0, 'closed\n']);
});

test('A program in CommonJS starts a metrics thread', ifBuilt, () => {
  const program = `
    const { register } = require('./dist/bundle/core.cjs');
    const { startMetricsThread } = require('./dist/bundle/thread.cjs');
    startMetricsThread({ port: 0, host: '127.0.0.1', registry: register }).then(async (thread) => {
      console.log((await fetch(thread.url + '/health')).status);
    });`;
  const { stdout, stderr } = runProgram(process.execPath, ['--input-type=commonjs', '--eval', program], root);
  assert.deepEqual([stdout, stderr], ['200\n', '']);
});

test('A program in CommonJS that requires the package by name starts a metrics thread', ifBuilt, () => {
  const program = `
    const { Counter } = require('@finpilot/metrics');
    const { sharedMemory, startMetricsThread } = require('@finpilot/metrics/thread');
    new Counter({ name: 'reported_total', help: 'R.' }).inc(2);
    new Counter({ name: 'shared_total', help: 'S.', storage: sharedMemory() }).inc(3);
    startMetricsThread({ port: 0, host: '127.0.0.1' }).then(async (thread) => {
      const text = await (await fetch(thread.url + '/metrics')).text();
      console.log(text.match(/^(reported|shared)_total .*/gm).join());
    });`;
  const { stdout, stderr } = runProgram(process.execPath, ['--input-type=commonjs', '--eval', program], root);
  assert.deepEqual([stdout, stderr.replace(REQUIRED_MODULE, '')], ['reported_total 2,shared_total 3\n', '']);
});

test(
  'A metrics thread works from a vendored copy, of all entries or of its own, imported or required',
  ifBuilt,
  async (t) => {
    const folder = temporaryFolder(t);
    await writeCopy(join(folder, 'all'));
    await writeCopy(join(folder, 'some'), ['core', 'thread']);
    const body = `
    new Counter({ name: 'reported_total', help: 'R.' }).inc(2);
    new Counter({ name: 'shared_total', help: 'S.', storage: sharedMemory() }).inc(3);
    startMetricsThread({ port: 0, host: '127.0.0.1' }).then(async (thread) => {
      const text = await (await fetch(thread.url + '/metrics')).text();
      console.log(text.match(/^(reported|shared)_total .*/gm).join());
      const page = await (await fetch(thread.url)).text();
      console.log(page.includes('<!doctype html>'));
    });`;
    for (const copy of ['all', 'some']) {
      for (const [file, load] of [
        ['program.mjs', (name: string) => `from './${copy}/${name}.js'`],
        ['program.cjs', (name: string) => `= require('./${copy}/${name}.js')`],
      ] as const) {
        const word = file.endsWith('.mjs') ? 'import' : 'const';
        const program = `${word} { Counter } ${load('core')};
        ${word} { sharedMemory, startMetricsThread } ${load('thread')};
        ${body}`;
        writeFileSync(join(folder, file), program);
        const { stdout, stderr } = runProgram(process.execPath, [join(folder, file)], folder);
        const expected = ['reported_total 2,shared_total 3\ntrue\n', ''];
        assert.deepEqual([stdout, stderr.replace(REQUIRED_MODULE, '')], expected, `${copy} ${file}`);
      }
    }
  },
);

test('A metrics thread loads nothing that the program preloads: it would start another', ifBuilt, (t) => {
  const file = join(temporaryFolder(t), 'preloaded.mjs');
  writeFileSync(file, `console.log('preloaded');`);
  const flag = ['--import', file];
  assert.equal(run(`${START} await scraped();`, flag).stdout, 'preloaded\n');
  assert.equal(run(`${START} await scraped();`, [], { NODE_OPTIONS: flag.join(' ') }).stdout, 'preloaded\n');
});

/** Programs whose metrics thread ends, and cannot be restarted: its port is taken. `ends` waits for the warning of that. */
const WITHOUT_PORT = `${START}
  import { once } from 'node:events';
  import { createServer } from 'node:net';
  let worker;
  const collect = (one) => (worker = one);
  process.on('worker', collect);
  const other = await startMetricsThread({ port: 0, host: '127.0.0.1' });
  process.off('worker', collect);
  const ends = async () => {
    await worker.terminate();
    const taken = createServer().listen(other.port, '127.0.0.1');
    do [warning] = await once(process, 'warning'); while (warning.code !== 'METRICS_THREAD_FAILED');
    taken.close();
  };
  let warning;
  const alive = setInterval(() => undefined, 1000);
`;

test('close() of a metrics thread that waits to be restarted lets the program end, after ref() too', ifBuilt, () => {
  const program = `${WITHOUT_PORT}
    other.ref();
    await ends();
    await other.close();
    clearInterval(alive);
    // Any timer of the thread would be found later.
    console.log(process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length);`;
  const { status, stdout } = run(program);
  assert.deepEqual([status, stdout], [0, '0\n']);
});

test('ref() and unref() hold for a metrics thread that waits to be restarted', ifBuilt, () => {
  const program = `${WITHOUT_PORT}
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    await ends();
    clearInterval(alive);
    const counts = [timers()];
    other.ref();
    counts.push(timers());
    other.unref();
    console.log([...counts, timers()].join());`;
  const { status, stdout } = run(program);
  assert.deepEqual([status, stdout], [0, '0,1,0\n']);
});

test(
  'A metrics thread is restarted from the same files after the program has changed its folder',
  ifBuilt,
  async (t) => {
    const folder = temporaryFolder(t);
    const { cert, key } = createCertificate({ commonName: 'localhost' });
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    await writeCopy(join(folder, 'copy'), ['core', 'thread']);
    const program = `
    import { startMetricsThread } from './copy/thread.js';
    let last;
    let starts = 0;
    process.on('worker', (worker) => {
      last = worker;
      worker.on('message', ({ kind }) => (starts += kind === 'listening' ? 1 : 0));
    });
    const url = new URL('./copy/thread-worker.js', import.meta.url);
    for (const workerUrl of ['./copy/thread-worker.js', 'copy/thread-worker.js', url.href, url]) {
      const tls = { cert: 'tls.crt', key: './tls.key' };
      const thread = await startMetricsThread({ port: 0, host: '127.0.0.1', tls, workerUrl });
      process.chdir('/');
      const before = starts;
      await last.terminate();
      while (starts === before) await new Promise((resolve) => setTimeout(resolve, 10));
      await thread.close();
      process.chdir(${JSON.stringify(folder)});
    }
    console.log(starts);`;
    writeFileSync(join(folder, 'program.mjs'), program);
    const { status, stdout } = runProgram(process.execPath, ['program.mjs'], folder);
    assert.deepEqual([status, stdout], [0, '8\n']);
  },
);

test('gracefulShutdown() of a metrics thread lets a last scrape take the last values', ifBuilt, async (t) => {
  const program = `${START}
    gracefulShutdown(thread, { finishWork: () => jobs.inc(41) });
    setInterval(() => undefined, 1000);
    console.log(thread.url);`;
  const args = ['--input-type=module', '--eval', program];
  const started = new StartedProgram(t, { program: process.execPath, args, folder: root });
  const url = await until('the URL', () => /http:\S+/.exec(started.output)?.[0]);
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '10' }; // only Prometheus is waited for
  const scrape = async () => /^jobs_total .*$/m.exec(await (await fetch(`${url}/metrics`, { headers })).text())?.[0];
  assert.equal(await scrape(), 'jobs_total 1');
  process.kill(started.pid!, 'SIGTERM');
  await until('/ready to fail', async () => ((await fetch(`${url}/ready`)).status === 503 ? true : undefined));
  assert.equal(await scrape(), 'jobs_total 42');
  assert.deepEqual(await started.ended, { code: null, signal: 'SIGTERM' });
});

test('Each worker of a cluster has a metrics thread of its own', ifBuilt, (t) => {
  const file = join(temporaryFolder(t), 'cluster.mjs');
  const entry = (name: string) => JSON.stringify(join(root, 'dist', 'bundle', `${name}.js`));
  writeFileSync(
    file,
    `import cluster from 'node:cluster';
    import { Counter } from ${entry('index')};
    import { startMetricsThread } from ${entry('thread')};
    if (cluster.isPrimary) {
      const urls = await Promise.all([1, 2].map(() => new Promise((resolve) => cluster.fork().on('message', resolve))));
      const texts = await Promise.all(urls.map(async (url) => (await fetch(url + '/metrics')).text()));
      console.log(texts.map((text) => /^worker_total.*$/m.exec(text)[0]).sort().join());
      cluster.disconnect();
    } else {
      new Counter({ name: 'worker_total', help: 'Id.' }).inc(cluster.worker.id);
      const thread = await startMetricsThread({ port: 0, host: '127.0.0.1' });
      process.send(thread.url);
    }`,
  );
  const { stdout, stderr } = runProgram(process.execPath, [file], root);
  assert.deepEqual([stdout, stderr], ['worker_total 1,worker_total 2\n', '']);
});
