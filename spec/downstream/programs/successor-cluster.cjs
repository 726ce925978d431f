'use strict';

// Workers and threads as the users of @prometheus-io/client 0.16 write them: `node successor-cluster.cjs MODULE` prints, as JSON,
// what its registries expose, with that module.

const cluster = require('node:cluster');
const { once } = require('node:events');
const { setImmediate } = require('node:timers/promises');
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const module_ = isMainThread ? process.argv[2] : workerData.module;
const client = require(module_);

if (!isMainThread) void runThread();
else if (cluster.isPrimary) void runPrimary();
else void runWorker();

async function runPrimary() {
  const results = { cluster: await gatherCluster(), threads: await gatherThreads() };
  process.stdout.write(JSON.stringify(results), () => process.exit());
}

async function gatherCluster() {
  const registry = new client.ClusterRegistry();
  const alone = samplesOf(await registry.clusterMetrics());
  count(1);
  cluster.setupPrimary({ args: [module_] });
  const workers = [cluster.fork(), cluster.fork()];
  const ofWorkers = await Promise.all(
    workers.map(
      (worker) => new Promise((resolve) => worker.on('message', ({ samples }) => samples !== undefined && resolve(samples))),
    ),
  );
  const all = samplesOf(await registry.clusterMetrics());
  for (const worker of workers) worker.kill();
  return { alone, all, ofWorkers };
}

async function runWorker() {
  const registry = new client.ClusterRegistry();
  count(10);
  process.send({ samples: samplesOf(await registry.clusterMetrics()) });
}

/** One thread is started before the registry that gathers, one after it. */
async function gatherThreads() {
  const early = await startThread(100);
  const registry = new client.WorkerRegistry();
  const late = await startThread(1000);
  let samples;
  do {
    await setImmediate();
    samples = samplesOf(await registry.workerMetrics());
  } while (!samples.includes('jobs_total{kind="a"} 1100'));
  for (const { worker } of [early, late]) await worker.terminate();
  return { samples, ofThreads: [early.samples, late.samples] };
}

async function startThread(amount) {
  const worker = new Worker(__filename, { workerData: { module: module_, amount } });
  const [samples] = await once(worker, 'message');
  return { worker, samples };
}

async function runThread() {
  const registry = new client.WorkerRegistry();
  count(workerData.amount);
  parentPort.postMessage(samplesOf(await registry.workerMetrics()));
  parentPort.on('message', () => undefined);
}

function count(amount) {
  new client.Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'] }).inc({ kind: 'a' }, amount);
  new client.Gauge({ name: 'largest', help: 'Largest.', aggregator: 'max' }).set(amount);
  new client.Histogram({ name: 'size', help: 'Sizes.', buckets: [0.5, 50] }).observe(amount);
}

/** The samples of an exposition but those of the library about itself, with the labels' numbers in one form. */
function samplesOf(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('metrics_client_'));
  return lines.map((line) => line.replace(/le="(\d[\d.]*)"/, (_, bound) => `le="${Number(bound)}"`)).sort();
}
