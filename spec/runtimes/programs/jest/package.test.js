'use strict';

// What a user's tests do with the package. Jest 29 and 30 run it in their default mode, where modules are CommonJS.

const { execFileSync } = require('node:child_process');
const http = require('node:http');
const metrics = require('@finpilot/metrics');

/** The text of a response. */
async function fetchText(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

/** A gateway that remembers what it was sent. */
async function startGateway() {
  const requests = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part));
    request.on('end', () => {
      requests.push({ method: request.method, url: request.url, body });
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { requests, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

beforeEach(() => metrics.register.clear());
afterEach(() => jest.useRealTimers());

test('require() gives the CommonJS files, and one registry from all entries', () => {
  expect(require.resolve('@finpilot/metrics')).toMatch(/dist.bundle.index\.cjs$/);
  expect(require('@finpilot/metrics/core').register).toBe(metrics.register);
  for (const entry of ['core', 'finpilot', 'parse', 'push', 'testing', 'summary', 'aggregate', 'textfile', 'statsd', 'otlp', 'remote-write', 'graphite', 'cloudwatch', 'http', 'native', 'service', 'thread'])
    expect(Object.keys(require(`@finpilot/metrics/${entry}`).default).length).toBeGreaterThan(0);
});

test('The first scrape, in each format', async () => {
  const counter = new metrics.Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
  counter.inc({ side: 'buy' });
  counter.labels('sell').inc(2);
  new metrics.Histogram({ name: 'order_seconds', help: 'Time.', buckets: [1] }).observe(0.5);
  new metrics.Summary({ name: 'order_items', help: 'Items.', percentiles: [0.5] }).observe(3);
  const text = await metrics.register.metrics();
  expect(text).toContain('orders_total{side="buy"} 1\norders_total{side="sell"} 2\n');
  expect(text).toContain('order_seconds_bucket{le="1"} 1\n');
  const exporter = new metrics.PrometheusExporter(metrics.register);
  const render = async (accept) => Buffer.from(await exporter.render(accept)).toString('latin1');
  expect(await render('application/openmetrics-text;version=1.0.0')).toMatch(/# EOF\n$/);
  expect(
    await render('application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'),
  ).toMatch(/\n\x0corders_total/);
  expect(await counter.get()).toMatchObject({ name: 'orders_total', values: [{ value: 1 }, { value: 2 }] });
  expect(await metrics.register.getMetricsAsJSON()).toHaveLength(3);
});

test('Default metrics and a server', async () => {
  const collected = metrics.collectDefaultMetrics();
  const server = await metrics.startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
  try {
    const text = await fetchText(`${server.url}/metrics`, { 'accept-encoding': 'identity' });
    expect(text).toMatch(/^process_cpu_user_seconds_total \d/m);
    expect(text).toMatch(/^nodejs_heap_size_used_bytes \d/m);
    expect(await fetchText(`${server.url}/`)).toMatch(/<!doctype html>/i);
  } finally {
    await server.close();
    collected?.stop?.();
  }
});

test('AggregatorRegistry gathers', async () => {
  const registry = new metrics.AggregatorRegistry();
  expect(await registry.clusterMetrics()).toBe('');
  expect(await new metrics.WorkerRegistry().workerMetrics()).toEqual(expect.any(String));
  const aggregated = metrics.AggregatorRegistry.aggregate([
    [{ name: 'a', help: 'A.', type: 'gauge', aggregator: 'sum', values: [{ value: 1, labels: {} }] }],
    [{ name: 'a', help: 'A.', type: 'gauge', aggregator: 'sum', values: [{ value: 2, labels: {} }] }],
  ]);
  expect(await aggregated.metrics()).toContain('\na 3\n');
});

test('Pushgateway pushes', async () => {
  const gateway = await startGateway();
  try {
    new metrics.Counter({ name: 'runs_total', help: 'Runs.' }).inc();
    const pushgateway = new metrics.Pushgateway(gateway.url);
    await pushgateway.pushAdd({ jobName: 'batch', groupings: { shard: '1' } });
    await pushgateway.push({ jobName: 'batch' });
    await pushgateway.delete({ jobName: 'batch' });
    expect(gateway.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /metrics/job/batch/shard/1',
      'PUT /metrics/job/batch',
      'DELETE /metrics/job/batch',
    ]);
    expect(gateway.requests[0].body).toContain('runs_total 1\n');
  } finally {
    gateway.close();
  }
});

/** The library loaded afresh. */
function loadAgain() {
  jest.resetModules();
  return require('@finpilot/metrics');
}

test('Fake timers give the time, and no scrape or push waits for them', async () => {
  const gateway = await startGateway();
  jest.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
  const server = await metrics.startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
  try {
    const end = new metrics.Histogram({ name: 'job_seconds', help: 'Time.', buckets: [10] }).startTimer();
    jest.advanceTimersByTime(7000);
    expect(end()).toBe(7);
    new metrics.Gauge({ name: 'started_seconds', help: 'Start.' }).setToCurrentTime();
    expect(await metrics.register.metrics()).toMatch(/job_seconds_sum 7\n(.*\n)*started_seconds 1767225607\n/);
    expect(await fetchText(`${server.url}/metrics`)).toContain('job_seconds_sum 7\n');
    expect(await new metrics.AggregatorRegistry().clusterMetrics()).toBe('');
    await new metrics.Pushgateway(gateway.url).push({ jobName: 'batch' });
    expect(gateway.requests).toHaveLength(1);
  } finally {
    jest.useRealTimers();
    gateway.close();
    await server.close();
  }
});

test('A library that is loaded under fake timers scrapes and pushes', async () => {
  const gateway = await startGateway();
  jest.useFakeTimers();
  const { AggregatorRegistry, Counter, Pushgateway, register } = loadAgain();
  new Counter({ name: 'late_total', help: 'Late.' }).inc();
  expect(await register.metrics()).toContain('late_total 1\n');
  expect(await new AggregatorRegistry().clusterMetrics()).toBe('');
  await new Pushgateway(gateway.url).push({ jobName: 'batch' });
  gateway.close();
});

test('Fake timers that leave the clock alone do not hold a long scrape', async () => {
  const gauge = new metrics.Gauge({ name: 'positions', help: 'Positions.', labelNames: ['id'] });
  for (let id = 0; id < 50_000; id++) gauge.set({ id }, id);
  jest.useFakeTimers({ doNotFake: ['performance', 'Date', 'hrtime', 'nextTick', 'queueMicrotask'] });
  expect(await metrics.register.metrics()).toContain('positions{id="49999"} 49999\n');
});

test('jest.resetModules() gives a new registry, so that modules may declare their metrics again', async () => {
  const declare = () => {
    const { Counter, register } = require('@finpilot/metrics');
    new Counter({ name: 'declared_total', help: 'Declared.' }).inc();
    return register;
  };
  jest.resetModules();
  const before = declare();
  jest.resetModules();
  const after = declare();
  expect(after).not.toBe(before);
  expect(await before.metrics()).toBe(await after.metrics());
  jest.isolateModules(() => expect(declare()).not.toBe(after));
});

test('jest.mock() of modules of Node leaves the library its own', async () => {
  const modules = ['http', 'https', 'net', 'fs', 'os', 'zlib', 'crypto', 'v8', 'perf_hooks', 'cluster', 'worker_threads'];
  for (const name of modules) jest.doMock(`node:${name}`).doMock(name);
  const { AggregatorRegistry, collectDefaultMetrics, Counter, Pushgateway, register, startMetricsServer } = loadAgain();
  const gateway = await startGateway();
  collectDefaultMetrics();
  new Counter({ name: 'seen_total', help: 'Seen.' }).inc();
  const server = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    drainTimeoutSeconds: 0,
    auth: { tokens: ['secret-token-of-this-test'] },
  });
  try {
    expect(require('node:http').createServer()).toBeUndefined();
    const headers = { authorization: 'Bearer secret-token-of-this-test' };
    const text = await fetchText(`${server.url}/metrics`, headers);
    expect(text).toContain('seen_total 1\n');
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    await new Pushgateway(gateway.url).push({ jobName: 'batch' });
    expect(gateway.requests).toHaveLength(1);
    expect(await new AggregatorRegistry().clusterMetrics()).toBe('');
    expect(register.getSingleMetric('seen_total')).toBeInstanceOf(Counter);
  } finally {
    for (const name of modules) jest.dontMock(`node:${name}`).dontMock(name);
    gateway.close();
    await server.close();
  }
});

test('Errors and values are those of the sandbox', async () => {
  expect(() => new metrics.Counter({ name: 'bad name', help: 'H.' })).toThrow(RangeError);
  expect(() => new metrics.Counter({ name: 'a_total', help: 'H.' }).inc('1')).toThrow(TypeError);
  const counter = new metrics.Counter({ name: 'b_total', help: 'H.' });
  counter.inc = jest.fn();
  counter.inc(5);
  expect(counter.inc).toHaveBeenCalledWith(5);
  const spy = jest.spyOn(metrics.Counter.prototype, 'reset');
  counter.reset();
  expect(spy).toHaveBeenCalledTimes(1);
  spy.mockRestore();
});
