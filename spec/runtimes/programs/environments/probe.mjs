// One claim about the package, tried where it runs: `node probe.mjs CLAIM`. Prints `works`, or fails.

const CLAIMS = {
  /** Updates, and scrapes in each format. */
  async core() {
    const { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } = await import('@finpilot/metrics/core');
    const { parse } = await import('@finpilot/metrics/parse');
    const registers = [new MetricsRegistry()];
    new Counter({ name: 'a_total', help: 'A.', labelNames: ['side'], registers }).inc({ side: 'buy' }, 2);
    new Gauge({ name: 'b', help: 'B.', registers, collect() { this.set(0.1); } });
    new Histogram({ name: 'c_seconds', help: 'C.', registers }).startTimer()();
    const many = new Counter({ name: 'd_total', help: 'D.', labelNames: ['id'], registers });
    for (let id = 0; id < 5000; id++) many.labels(String(id)).inc(id);
    const text = await registers[0].metrics();
    check(text.includes('a_total{side="buy"} 2\n') && text.includes('d_total{id="4999"} 4999\n'), text.slice(0, 500));
    check(parse(text).length === 4, 'four families');
    const exporter = new PrometheusExporter(registers[0]);
    const openMetrics = new TextDecoder().decode(await exporter.render('application/openmetrics-text;version=1.0.0'));
    check(openMetrics.endsWith('# EOF\n'), 'an end');
    const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
    check((await exporter.render(protobuf)).length > 100_000, 'protobuf');
  },

  /** A scrape by the server, and the page. */
  async server() {
    const { Counter, startMetricsServer } = await import('@finpilot/metrics');
    new Counter({ name: 'a_total', help: 'A.' }).inc();
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
    const text = await read(`${server.url}/metrics`);
    check(text.includes('a_total 1\n'), text);
    check((await read(server.url)).includes('<!doctype html>'), 'the page');
    check((await read(`${server.url}/health`)).length > 0, 'health');
    await server.close();
  },

  /** Default metrics: of the process, its memory and its event loop. */
  async defaults() {
    const { collectDefaultMetrics, register } = await import('@finpilot/metrics');
    collectDefaultMetrics();
    const text = await register.metrics();
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
      check(new RegExp(`^${name} \\d`, 'm').test(text), `${name} in ${text.match(/^[a-z]\w+ /gm)}`);
  },

  async push() {
    const { Counter, Pushgateway } = await import('@finpilot/metrics');
    const { createServer } = await import('node:http');
    new Counter({ name: 'a_total', help: 'A.' }).inc();
    let seen = '';
    const gateway = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (part) => (seen += part));
      request.on('end', () => response.end());
    });
    await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    await new Pushgateway(`http://127.0.0.1:${gateway.address().port}`).push({ jobName: 'batch' });
    check(seen.includes('a_total 1\n'), seen);
    gateway.close();
  },

  async threads() {
    const { Worker } = await import('node:worker_threads');
    const { PrometheusExporter } = await import('@finpilot/metrics/core');
    const { ThreadAggregator } = await import('@finpilot/metrics/aggregate');
    const aggregator = new ThreadAggregator();
    const worker = new Worker(new URL('thread.mjs', import.meta.url));
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const scrape = async () => new TextDecoder().decode(await new PrometheusExporter(aggregator).render());
    let text = await scrape();
    // Deno reads a channel only when the event loop gets to it.
    while ('Deno' in globalThis && !text.includes('jobs_total')) text = await scrape();
    check(text.includes('jobs_total 3\n'), text);
    aggregator.close();
    await worker.terminate();
  },

  /** A scrape, reported and shared metrics, while the event loop is blocked. */
  async thread() {
    const { Worker } = await import('node:worker_threads');
    const { Counter } = await import('@finpilot/metrics/core');
    const { sharedMemory, startMetricsThread } = await import('@finpilot/metrics/thread');
    new Counter({ name: 'reported_total', help: 'R.' }).inc(2);
    const shared = new Counter({ name: 'shared_total', help: 'S.', storage: sharedMemory() });
    const thread = await startMetricsThread({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
    check((await read(`${thread.url}/health`)).length > 0, 'health');
    const seen = new Int32Array(new SharedArrayBuffer(4));
    const asker = new Worker(new URL('asker.mjs', import.meta.url), { workerData: { url: thread.url, seen } });
    await new Promise((resolve) => asker.once('online', resolve));
    const end = Date.now() + 30_000;
    for (let n = 0; n < 3; n++) shared.inc();
    while (Atomics.load(seen, 0) === 0 && Date.now() < end);
    check(Atomics.load(seen, 0) === 1, 'an answer while the loop was blocked');
    await asker.terminate();
    await thread.close();
  },

  async cluster() {
    const { default: cluster } = await import('node:cluster');
    const { PrometheusExporter } = await import('@finpilot/metrics/core');
    const { ClusterAggregator } = await import('@finpilot/metrics/aggregate');
    cluster.setupPrimary({ exec: new URL('worker.mjs', import.meta.url).pathname });
    const aggregator = new ClusterAggregator();
    const worker = cluster.fork();
    await new Promise((resolve) => worker.on('message', (message) => message === 'ready' && resolve()));
    const text = new TextDecoder().decode(await new PrometheusExporter(aggregator).render());
    check(text.includes('jobs_total 3\n'), text);
    aggregator.close();
    worker.kill();
  },
};

/** Not by `fetch()`, which Node runs by WebAssembly. */
async function read(url) {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

function check(holds, what) {
  if (!holds) throw new Error(`expected ${what}`);
}

await CLAIMS[process.argv[2]]();
console.log('works');
process.exit(0);
