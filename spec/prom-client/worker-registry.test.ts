import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Registry, WorkerRegistry } from '../../lib/index.ts';
import { packageRoot } from '../support/package-root.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { runProgram } from '../support/run-program.ts';
import { sampleOf } from '../support/sample-of.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

// Real threads of node:worker_threads.

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Starts a thread; it is ended at the end of the test. */
function start(t: TestContext): Worker {
  const worker = new Worker(new URL(`./worker-thread.${EXTENSION}`, import.meta.url));
  t.after(() => worker.terminate());
  return worker;
}

async function tell(worker: Worker, amount: number): Promise<unknown> {
  const answer = once(worker, 'message');
  worker.postMessage(amount);
  return (await answer)[0];
}

/** Resolves when the counter is seen to be that; a thread says on another channel than ours that it has counted. */
async function seen(registry: WorkerRegistry, jobs: number): Promise<void> {
  await until(`jobs_total ${jobs}`, async () => {
    const text = await registry.workerMetrics();
    // Until a thread has reported there is no such family.
    return (text.includes('# TYPE jobs_total ') && sampleOf(parseExposition(text), 'jobs_total') === jobs) || undefined;
  });
}

test('WorkerRegistry adds up what threads count, and keeps it when they end', async (t) => {
  // In one step: the threads are started before anything else of it is loaded.
  const registry = new WorkerRegistry();
  const [first, second] = [start(t), start(t)];
  assert.deepEqual(await tell(first, 1), { isMainThread: false, text: '' });
  await tell(second, 2);
  await seen(registry, 3);
  await first.terminate();
  await seen(registry, 3);
  const ended = once(second, 'exit');
  second.postMessage(100);
  await ended;
  await seen(registry, 103);
});

test('WorkerRegistry finds threads that were started before it, and by other threads, and sees their end', {
  skip: whyNotBuilt(),
}, (t) => {
  // Each thread starts the next one, then says how deep it is. All have the package as its users have it.
  const program = `
    import { once } from 'node:events';
    import { setImmediate } from 'node:timers/promises';
    import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
    import { Counter, Gauge, WorkerRegistry } from '@finpilot/metrics';
    const DEPTH = 3;
    const jobsIn = (text) => [/^jobs_total .*/m.exec(text)?.[0], /^depth .*/m.exec(text)?.[0]].join();
    const start = (depth) => new Worker(new URL(import.meta.url), { workerData: depth });
    if (isMainThread) {
      const first = start(1);
      await once(first, 'message');
      const registry = new WorkerRegistry();
      const texts = [];
      for (const expected of ['jobs_total 6,depth 3', 'jobs_total 6,depth 2']) {
        while (jobsIn(await registry.workerMetrics()) !== expected) await setImmediate();
        texts.push(expected);
        first.postMessage('end');
      }
      console.log(texts.join(' '));
      process.exit();
    }
    new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(workerData);
    new Gauge({ name: 'depth', help: 'Depth.', aggregator: 'max' }).set(workerData);
    new WorkerRegistry();
    const next = workerData < DEPTH ? start(workerData + 1) : undefined;
    if (next !== undefined) await once(next, 'message');
    parentPort.postMessage('ready');
    parentPort.on('message', () => (workerData === DEPTH ? process.exit() : next.postMessage('end')));`;
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'node_modules', '@finpilot'), { recursive: true });
  symlinkSync(packageRoot(), join(folder, 'node_modules', '@finpilot', 'metrics'), 'junction');
  writeFileSync(join(folder, 'program.mjs'), program);
  const { stdout, stderr } = runProgram(process.execPath, ['program.mjs'], folder);
  assert.deepEqual({ stdout, stderr }, { stdout: 'jobs_total 6,depth 3 jobs_total 6,depth 2\n', stderr: '' });
});

test('WorkerRegistry.workerMetrics() writes in the format of its content type', async () => {
  assert.match(await new WorkerRegistry(Registry.OPENMETRICS_CONTENT_TYPE).workerMetrics(), /# EOF\n$/);
});

test('WorkerRegistry.setRegistries() refuses what is no registry', () => {
  assert.throws(() => WorkerRegistry.setRegistries('register' as never), {
    name: 'TypeError',
    message: /Expected Registry, got "register"/,
  });
});

test('WorkerRegistry of a main thread that is told to be gathered from warns, and rejects', {
  skip: whyNotBuilt(),
}, () => {
  const program = `
    import { WorkerRegistry } from '@finpilot/metrics';
    process.on('warning', ({ code }) => console.log(code));
    const registry = new WorkerRegistry(undefined, false);
    await registry.workerMetrics().catch(({ message }) => console.log(message));
    await registry.shutdown();
    console.log((await new WorkerRegistry().workerMetrics()) === '');`;
  const { status, stdout } = runProgram(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', program],
    packageRoot(),
  );
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split('\n').sort(), [
    'Cannot report to the parent thread: expected a worker thread, got the main thread. Call it in workers only.',
    'METRICS_NOT_GATHERED',
    'true', // what failed once is tried again
  ]);
});
