import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AggregatorRegistry, ClusterRegistry, Counter, Registry, register } from '../../lib/index.ts';
import { forkedWorkers } from '../support/forked-workers.ts';
import { packageRoot } from '../support/package-root.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { type ProgramResult, runProgram } from '../support/run-program.ts';
import { sampleOf } from '../support/sample-of.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';
import type { Order } from './cluster-worker.ts';

// Real processes of node:cluster: this file is the primary. All its registries gather from the same workers, so each test
// has metrics of a name of its own.

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const { kill } = forkedWorkers;

/** Starts a worker, which has a registry when this resolves. It is killed at the end of the test. */
function fork(t: TestContext): Promise<Worker> {
  return forkedWorkers.fork(t, new URL(`./cluster-worker.${EXTENSION}`, import.meta.url));
}

function tell(worker: Worker, order: Order['order'], name: string): Promise<void> {
  return forkedWorkers.tell(worker, { order, name } satisfies Order);
}

async function sample(registry: ClusterRegistry, name: string, labels = {}): Promise<number> {
  return sampleOf(parseExposition(await registry.clusterMetrics()), name, labels);
}

async function hasFamily(registry: ClusterRegistry, name: string): Promise<boolean> {
  return (await registry.clusterMetrics()).includes(`# TYPE ${name} `);
}

/** Runs a program that has the package as its users have it; its workers run the same. */
function runFile(t: TestContext, program: string): ProgramResult {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'node_modules', '@finpilot'), { recursive: true });
  symlinkSync(packageRoot(), join(folder, 'node_modules', '@finpilot', 'metrics'), 'junction');
  writeFileSync(join(folder, 'program.mjs'), program);
  return runProgram(process.execPath, ['program.mjs'], folder);
}

test('AggregatorRegistry.clusterMetrics() has what workers count that were forked a moment ago, before and after it', async (t) => {
  const early = await fork(t);
  const registry = new AggregatorRegistry();
  const late = await fork(t);
  for (const worker of [early, late]) await tell(worker, 'count', 'moment');
  assert.equal(await sample(registry, 'moment_total'), 4);
  assert.equal(await sample(registry, 'moment'), 4);
});

test('AggregatorRegistry keeps the counts of a worker that is killed, and not its gauges', async (t) => {
  const registry = new AggregatorRegistry();
  const [victim, survivor] = [await fork(t), await fork(t)];
  for (const worker of [victim, survivor]) await tell(worker, 'count', 'killed');
  assert.equal(await sample(registry, 'killed_total'), 4);
  await kill(victim);
  assert.equal(await sample(registry, 'killed_total'), 4);
  assert.equal(await sample(registry, 'killed'), 2);
});

test('AggregatorRegistry serves the last values of a worker that hangs, and those of the others as they are', async (t) => {
  const registry = new AggregatorRegistry();
  const [hung, well] = [await fork(t), await fork(t)];
  for (const worker of [hung, well]) await tell(worker, 'count', 'hung');
  while ((await sample(registry, 'hung_total')) !== 4);
  await tell(hung, 'hang', 'hung');
  await tell(well, 'count', 'hung');
  while ((await sample(registry, 'hung_total')) !== 6);
  assert.equal(await sample(registry, 'metrics_client_workers', { state: 'late' }), 1);
});

test('AggregatorRegistry.setRegistries() says in a worker what is gathered; two registries may have one name', async (t) => {
  const registry = new AggregatorRegistry();
  const worker = await fork(t);
  await tell(worker, 'count', 'before');
  assert.equal(await sample(registry, 'before_total'), 2);
  await tell(worker, 'other', 'other');
  assert.equal(await sample(registry, 'other_total'), 6);
  // What was reported of the default registry stays, as after the end of a worker.
  assert.equal(await sample(registry, 'before_total'), 2);
  await tell(worker, 'count', 'later');
  assert.equal(await hasFamily(registry, 'later_total'), false);
});

test('ClusterRegistry.setRegistries() refuses what is no registry', () => {
  for (const wrong of [null, {}, [new Registry(), 1]]) {
    assert.throws(() => ClusterRegistry.setRegistries(wrong as never), {
      name: 'TypeError',
      message: /Expected Registry, got /,
    });
  }
});

test('ClusterRegistry has the metrics of the primary too, those of the registries that are set; AggregatorRegistry has not', async (t) => {
  t.after(() => ClusterRegistry.setRegistries(register));
  const registers = [new Registry(), new Registry()];
  const [first, second] = registers.map(
    (one, i) => new Counter({ name: `own${i}_total`, help: 'Own.', registers: [one] }),
  );
  ClusterRegistry.setRegistries(registers);
  first!.inc(1);
  second!.inc(2);
  const registry = new ClusterRegistry();
  assert.deepEqual([await sample(registry, 'own0_total'), await sample(registry, 'own1_total')], [1, 2]);
  assert.deepEqual(
    [await hasFamily(registry, 'own0_total'), await hasFamily(new AggregatorRegistry(), 'own0_total')],
    [true, false],
  );
});

test('ClusterRegistry.clusterMetrics() writes in the format of its content type', async () => {
  const registry = new ClusterRegistry(Registry.OPENMETRICS_CONTENT_TYPE);
  assert.equal(registry.contentType, Registry.OPENMETRICS_CONTENT_TYPE);
  assert.match(await registry.clusterMetrics(), /# EOF\n$/);
  assert.doesNotMatch(await new AggregatorRegistry().clusterMetrics(), /# EOF/);
  assert.throws(() => new AggregatorRegistry('text/html' as never), {
    name: 'TypeError',
    message: /text\/html is unsupported/,
  });
});

test('AggregatorRegistry.shutdown() brings what a worker counted right before its end; in the primary it waits for scrapes', async (t) => {
  const registry = new AggregatorRegistry();
  const worker = await fork(t);
  const gone = once(worker, 'disconnect');
  worker.send({ order: 'shutdown', name: 'last' } satisfies Order);
  await gone;
  let isGathered = false;
  const scrape = registry.clusterMetrics().then((text) => {
    isGathered = true;
    return text;
  });
  await registry.shutdown();
  assert.ok(isGathered);
  assert.equal(sampleOf(parseExposition(await scrape), 'last_total'), 5);
});

test('AggregatorRegistry.shutdown() does not wait longer than it is told to, and never rejects', async (t) => {
  const registry = new AggregatorRegistry();
  const worker = await fork(t);
  await tell(worker, 'count', 'timeout');
  assert.equal(await sample(registry, 'timeout_total'), 2);
  await tell(worker, 'hang', 'timeout');
  let isGathered = false;
  const scrape = registry.clusterMetrics().then(() => (isGathered = true));
  await registry.shutdown(1);
  assert.equal(isGathered, false);
  await scrape;
});

test('AggregatorRegistry waits for a worker that has none for 2 seconds after its start, and warns of what it leaves out', {
  skip: whyNotBuilt(),
}, (t) => {
  const program = `
    import cluster from 'node:cluster';
    import { AggregatorRegistry, Counter } from '@finpilot/metrics';
    new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc();
    if (cluster.isPrimary) {
      const codes = [];
      process.on('warning', ({ code }) => codes.push(code));
      const registry = new AggregatorRegistry();
      const worker = cluster.fork();
      const startedAt = performance.now();
      const texts = [await registry.clusterMetrics(), await registry.clusterMetrics()];
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(texts.some((text) => text.includes('jobs_total')), seconds < 4.5 || seconds, codes.join());
      worker.kill();
    }`;
  const { stdout, stderr } = runFile(t, program);
  assert.equal(stdout, 'false true METRICS_WORKER_LEFT_OUT\n');
  assert.match(stderr, /Cannot gather the metrics of a worker: .* create an AggregatorRegistry in each worker/);
});

test('ClusterRegistry.clusterMetrics() in a worker has its own metrics, of the registries that are set; AggregatorRegistry has none', {
  skip: whyNotBuilt(),
}, (t) => {
  const program = `
    import cluster from 'node:cluster';
    import { AggregatorRegistry, ClusterRegistry, Counter, Registry } from '@finpilot/metrics';
    if (cluster.isPrimary) {
      new ClusterRegistry();
      cluster.fork().on('message', ({ texts }) => {
        if (texts === undefined) return;
        console.log(JSON.stringify(texts));
        process.exit();
      });
    } else {
      const own = new Registry();
      new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(1);
      new Counter({ name: 'own_total', help: 'Own.', registers: [own] }).inc(2);
      const texts = [await new ClusterRegistry().clusterMetrics(), await new AggregatorRegistry().clusterMetrics()];
      ClusterRegistry.setRegistries(own);
      texts.push(await new ClusterRegistry().clusterMetrics());
      process.send({ texts });
    }`;
  const { stdout, stderr } = runFile(t, program);
  const exposition = (name: string, help: string, value: number): string =>
    `# HELP ${name}_total ${help}.\n# TYPE ${name}_total counter\n${name}_total ${value}\n`;
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [exposition('jobs', 'Jobs', 1), '', exposition('own', 'Own', 2)]);
});

test('AggregatorRegistry.setRegistries() in a worker is enough to be gathered from', { skip: whyNotBuilt() }, (t) => {
  const program = `
    import cluster from 'node:cluster';
    import { AggregatorRegistry, Counter, Registry } from '@finpilot/metrics';
    if (cluster.isPrimary) {
      const registry = new AggregatorRegistry();
      cluster.fork().on('message', async (message) => {
        if (message !== 'ready') return;
        console.log(/^own_total .*/m.exec(await registry.clusterMetrics())?.[0]);
        process.exit();
      });
    } else {
      const own = new Registry();
      new Counter({ name: 'own_total', help: 'Own.', registers: [own] }).inc(2);
      AggregatorRegistry.setRegistries(own);
      process.send('ready');
    }`;
  const { stdout, stderr } = runFile(t, program);
  assert.deepEqual({ stdout, stderr }, { stdout: 'own_total 2\n', stderr: '' });
});

test('Many AggregatorRegistries listen to the cluster as one does', async () => {
  await new AggregatorRegistry().clusterMetrics();
  const before = cluster.listenerCount('message');
  await Promise.all(Array.from({ length: 20 }, () => new AggregatorRegistry().clusterMetrics()));
  assert.equal(cluster.listenerCount('message'), before);
});

test('A program with an AggregatorRegistry, and nobody to gather from, ends by itself; so does a worker', {
  skip: whyNotBuilt(),
}, (t) => {
  const program = `
    import cluster from 'node:cluster';
    import { AggregatorRegistry, WorkerRegistry } from '@finpilot/metrics';
    new WorkerRegistry();
    const text = await new AggregatorRegistry().clusterMetrics();
    if (cluster.isPrimary) cluster.fork().on('exit', (code) => console.log(text === '', code));
    else if (text === '') process.disconnect();`;
  const { status, stdout, stderr } = runFile(t, program);
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'true 0\n', stderr: '' });
});

test('An AggregatorRegistry and reportToPrimary() in one worker count once', { skip: whyNotBuilt() }, (t) => {
  const program = `
    import cluster from 'node:cluster';
    import { AggregatorRegistry, Counter } from '@finpilot/metrics';
    import { reportToPrimary } from '@finpilot/metrics/aggregate';
    const registry = new AggregatorRegistry();
    if (cluster.isPrimary) {
      cluster.fork().on('message', async (message) => {
        if (message !== 'ready') return;
        console.log(/^jobs_total .*/m.exec(await registry.clusterMetrics())?.[0]);
        process.exit();
      });
    } else {
      new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc();
      reportToPrimary();
      process.send('ready');
    }`;
  const { stdout, stderr } = runFile(t, program);
  assert.deepEqual({ stdout, stderr }, { stdout: 'jobs_total 1\n', stderr: '' });
});
