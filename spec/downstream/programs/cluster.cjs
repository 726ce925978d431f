'use strict';

// A cluster as prom-client's users write it: `node cluster.cjs` prints, as JSON, what the primary exposes of two workers and
// what of one worker's end, with whatever `prom-client` resolves to.

const cluster = require('node:cluster');
const client = require('prom-client');

const aggregatorRegistry = new client.AggregatorRegistry();

if (cluster.isPrimary) void runPrimary();
else runWorker(cluster.worker.id);

async function runPrimary() {
  for (let i = 0; i < 2; i++) cluster.fork();
  let ready = 0;
  await new Promise((resolve) => {
    cluster.on('message', (worker, message) => {
      if (message.isReady && ++ready === 2) resolve();
    });
  });
  new client.Counter({ name: 'primary_total', help: 'Of the primary.' }).inc();
  const text = await aggregatorRegistry.clusterMetrics();
  // Some programs create one for each scrape.
  const again = await new client.AggregatorRegistry().clusterMetrics();
  const result = { contentType: aggregatorRegistry.contentType, samples: samplesOf(text), isSame: samplesOf(again).join() === samplesOf(text).join() };
  const first = Object.values(cluster.workers)[0];
  await new Promise((resolve) => {
    first.on('exit', resolve);
    first.process.kill('SIGKILL');
  });
  result.afterKill = samplesOf(await aggregatorRegistry.clusterMetrics());
  for (const worker of Object.values(cluster.workers)) worker.kill();
  process.stdout.write(JSON.stringify(result), () => process.exit());
}

function runWorker(id) {
  client.register.setDefaultLabels({ app: 'shop' });
  const requests = new client.Counter({ name: 'requests_total', help: 'Requests.', labelNames: ['method', 'path'] });
  requests.inc({ method: 'GET', path: '/"quoted"\\' }, id);
  requests.inc({ path: '/', method: 'POST' }, 10);
  if (id === 2) requests.inc({ method: 'PUT', path: '/' });
  for (const aggregator of [undefined, 'sum', 'first', 'min', 'max', 'average', 'omit']) {
    const name = aggregator === undefined ? 'gauge' : `gauge_${aggregator}`;
    new client.Gauge({ name, help: 'Gauge.', ...(aggregator && { aggregator }) }).set(aggregator === 'first' ? 7 : id);
  }
  const duration = new client.Histogram({ name: 'duration_seconds', help: 'Duration.', labelNames: ['path'], buckets: [0.1, 0.5] });
  for (const value of [0.05, 0.2, id]) duration.observe({ path: '/' }, value);
  const size = new client.Summary({ name: 'size_bytes', help: 'Size.', percentiles: [] });
  size.observe(100 * id);
  const other = new client.Registry();
  new client.Counter({ name: 'other_total', help: 'In another registry.', registers: [other] }).inc(id);
  client.AggregatorRegistry.setRegistries([client.register, other]);
  process.send({ isReady: true });
}

/** The samples of an exposition but those of the library about itself, each with its labels in order. */
function samplesOf(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('metrics_client_'));
  return lines.map(inOrder).sort();
}

function inOrder(line) {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  return `${name}{${labels.match(/\w+="(?:\\.|[^"\\])*"/g)?.sort().join() ?? ''}} ${value}`;
}
