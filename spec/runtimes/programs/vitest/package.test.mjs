import http from 'node:http';
import * as metrics from '@finpilot/metrics';
import client from '@finpilot/metrics';
import { register as coreRegister } from '@finpilot/metrics/core';
import { sampleValue } from '@finpilot/metrics/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// What a user's tests do with the package. Vitest runs it once as it comes, which loads packages as Node does, and once with
// the package transformed, as `server.deps.inline` has it, which is how modules of Node can be mocked for it.

async function fetchText(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

beforeEach(() => metrics.register.clear());
afterEach(() => vi.useRealTimers());

test('All entries share one registry', async () => {
  expect(coreRegister).toBe(metrics.register);
  expect(client.register).toBe(metrics.register);
  const counter = new metrics.Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
  counter.inc({ side: 'buy' });
  expect(await sampleValue(coreRegister, 'orders_total', { side: 'buy' })).toBe(1);
  expect(await metrics.register.metrics()).toContain('orders_total{side="buy"} 1\n');
});

test('AggregatorRegistry gathers, and Pushgateway pushes', async () => {
  expect(await new metrics.AggregatorRegistry().clusterMetrics()).toBe('');
  expect(await new metrics.WorkerRegistry(undefined, true).workerMetrics()).toEqual(expect.any(String));
  const requests = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new metrics.Pushgateway(`http://127.0.0.1:${server.address().port}`).push({ jobName: 'batch' });
  server.close();
  expect(requests).toEqual(['PUT /metrics/job/batch']);
});

test('Fake timers give the time, and no scrape waits for them', async () => {
  const gauge = new metrics.Gauge({ name: 'positions', help: 'Positions.', labelNames: ['id'] });
  for (let id = 0; id < 50_000; id++) gauge.set({ id }, id);
  for (const toFake of [undefined, ['setTimeout', 'setInterval', 'setImmediate', 'Date']]) {
    vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z'), ...(toFake && { toFake }) });
    const server = await metrics.startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
    new metrics.Gauge({ name: 'started_seconds', help: 'Start.' }).setToCurrentTime();
    expect(await metrics.register.metrics()).toContain('started_seconds 1767225600\n');
    expect(await fetchText(`${server.url}/metrics`)).toContain('positions{id="49999"} 49999\n');
    vi.useRealTimers();
    await server.close();
    metrics.register.removeSingleMetric('started_seconds');
  }
});

test('vi.resetModules() lets modules declare their metrics again', async () => {
  const declare = async () => {
    const { Counter, register } = await import('@finpilot/metrics');
    register.removeSingleMetric('declared_total');
    new Counter({ name: 'declared_total', help: 'Declared.' }).inc();
    return register.getSingleMetricAsString('declared_total');
  };
  const first = await declare();
  vi.resetModules();
  expect(await declare()).toBe(first);
});

test('vi.spyOn() of a metric and of a module of Node', async () => {
  const inc = vi.spyOn(metrics.Counter.prototype, 'inc');
  new metrics.Counter({ name: 'seen_total', help: 'Seen.' }).inc(2);
  expect(inc).toHaveBeenCalledWith(2);
  inc.mockRestore();
});

test('vi.mock() of modules of Node leaves the library its own', async () => {
  for (const name of ['node:http', 'node:fs', 'node:zlib', 'node:v8']) vi.doMock(name, () => ({ default: {} }));
  vi.resetModules();
  const { collectDefaultMetrics, register, startMetricsServer } = await import('@finpilot/metrics');
  register.clear();
  const collected = collectDefaultMetrics();
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
  expect(await fetchText(`${server.url}/metrics`)).toMatch(/^process_resident_memory_bytes \d/m);
  await server.close();
  collected?.stop?.();
});
