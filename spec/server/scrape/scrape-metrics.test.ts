import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Counter } from '../../../lib/metrics/counter.ts';
import { Gauge } from '../../../lib/metrics/gauge.ts';
import type { Family, Gatherer } from '../../../lib/model/family.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import type { MetricsServer } from '../../../lib/server/metrics-server.ts';
import { VERSION } from '../../../lib/server/scrape/scrape-metrics.ts';
import { packageRoot } from '../../support/package-root.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { sampleOf } from '../../support/sample-of.ts';
import { until } from '../../support/until.ts';
import { ask } from '../ask.ts';
import { connectRaw, get } from '../raw-client.ts';
import { largeRegistry, startServer } from '../start-server.ts';
import { collectWarnings } from '../warnings.ts';

const TOKEN = 'a-token-of-thirty-two-characters';

/** What the server says of itself, once all earlier answers have been closed on its side. */
async function readSelf(server: MetricsServer, options = {}) {
  for (;;) {
    const families = parseExposition((await ask(`${server.url}/metrics`, options)).body);
    if (sampleOf(families, 'promhttp_metric_handler_requests_in_flight') === 1) return families;
  }
}

function serve(t: TestContext, options = {}) {
  return startServer(t, { selfMetrics: true, ...options });
}

test('MetricsServer counts its scrapes by code from 0, and those in flight', async (t) => {
  const server = await serve(t, { auth: { tokens: [TOKEN] } });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const first = parseExposition((await ask(`${server.url}/metrics`, { headers })).body);
  for (const code of ['200', '500', '503'])
    assert.equal(sampleOf(first, 'promhttp_metric_handler_requests_total', { code }), 0);
  assert.equal(sampleOf(first, 'promhttp_metric_handler_requests_in_flight'), 1);
  await ask(`${server.url}/metrics`);
  await ask(`${server.url}/health`);
  await ask(`${server.url}/metrics`, { headers, method: 'POST' });
  const families = await readSelf(server, { headers });
  const counted = (code: string) => sampleOf(families, 'promhttp_metric_handler_requests_total', { code });
  assert.ok(counted('200') >= 1);
  assert.deepEqual([counted('401'), counted('405'), counted('500')], [1, 1, 0]);
});

test('MetricsServer counts a scrape whose client went before the answer as 499', async (t) => {
  const registry = new MetricsRegistry();
  let began!: () => void;
  const hasBegun = new Promise<void>((resolve) => (began = resolve));
  let isPending = true;
  registry.registerCollector({
    name: 'pending',
    collect: () => {
      began();
      return isPending ? new Promise<never>(() => {}) : [];
    },
  });
  const server = await serve(t, { registry, limits: { scrapeTimeoutSeconds: 0.05 } });
  collectWarnings(t);
  const client = await connectRaw(t, server.port);
  client.socket.write(get('/metrics'));
  await hasBegun;
  isPending = false;
  client.socket.resetAndDestroy();
  const families = await readSelf(server);
  assert.equal(sampleOf(families, 'promhttp_metric_handler_requests_total', { code: '499' }), 1);
});

test('MetricsServer counts pipelined scrapes as 499, and none as in flight, when their client goes before their turn', async (t) => {
  const registry = new MetricsRegistry();
  let began!: () => void;
  const hasBegun = new Promise<void>((resolve) => (began = resolve));
  registry.registerCollector({
    name: 'pending',
    collect: () => {
      began();
      return new Promise<never>(() => {});
    },
  });
  const server = await serve(t, { registry, limits: { scrapeTimeoutSeconds: 0.05 } });
  collectWarnings(t);
  const client = await connectRaw(t, server.port);
  client.socket.write(get('/metrics').repeat(20));
  await hasBegun;
  client.socket.resetAndDestroy();
  const families = await until('no scrape in flight but this one', async () => {
    const all = parseExposition((await ask(`${server.url}/metrics`)).body);
    return sampleOf(all, 'promhttp_metric_handler_requests_in_flight') === 1 ? all : undefined;
  });
  assert.equal(sampleOf(families, 'promhttp_metric_handler_requests_total', { code: '499' }), 20);
});

test('MetricsServer counts the bytes of pipelined scrapes once', async (t) => {
  const server = await serve(t);
  const client = await connectRaw(t, server.port);
  client.socket.end(get('/metrics').repeat(9) + get('/metrics').replace('Host', 'Connection: close\r\nHost'));
  assert.equal(await client.ended, 'end');
  const families = await readSelf(server);
  const before = sampleOf(families, 'metrics_client_scrape_size_bytes_total');
  assert.equal(before, client.text().length);
});

test('MetricsServer adds up duration and size of its scrapes', async (t) => {
  const server = await serve(t);
  const { headers, body } = await ask(`${server.url}/metrics`);
  const families = await readSelf(server);
  const scrapes = sampleOf(families, 'promhttp_metric_handler_requests_total', { code: '200' });
  const size = sampleOf(families, 'metrics_client_scrape_size_bytes_total') / scrapes;
  const bodyBytes = Buffer.byteLength(body);
  assert.equal(headers['content-length'], String(bodyBytes));
  assert.ok(size > bodyBytes && size < bodyBytes + 600, `${size} for a body of ${bodyBytes}`);
  const seconds = sampleOf(families, 'metrics_client_scrape_duration_seconds_total');
  assert.ok(seconds > 0 && seconds < 5, `${seconds} s`);
});

test('MetricsServer counts scrapes that failed before their first byte, and after it', async (t) => {
  collectWarnings(t);
  const registry = largeRegistry();
  let fault: 'gathering' | 'encoding' | undefined = 'gathering';
  const broken: Gatherer = {
    async gather() {
      const families = await registry.gather();
      if (fault === 'gathering') throw new Error('cannot gather');
      return fault === 'encoding' ? [...families, unwritable(families[0]!)] : families;
    },
  };
  const server = await serve(t, { registry: broken });
  assert.equal((await ask(`${server.url}/metrics`)).status, 500);
  fault = 'encoding';
  await assert.rejects(ask(`${server.url}/metrics`), { code: 'ECONNRESET' });
  fault = undefined;
  const families = await readSelf(server);
  for (const cause of ['gathering', 'encoding']) {
    assert.equal(sampleOf(families, 'promhttp_metric_handler_errors_total', { cause }), 1);
  }
  assert.equal(sampleOf(families, 'promhttp_metric_handler_requests_total', { code: '500' }), 1);
});

/** A family that says how many series it has, and then fails. */
function unwritable(family: Family): Family {
  const series = new Proxy(Array<never>(5), {
    get(target, key) {
      if (key === 'length') return target.length;
      throw new Error('cannot encode');
    },
  });
  return {
    ...family,
    name: 'unwritable',
    constantLabels: [],
    labelNames: [],
    help: 'H.',
    cache: new Map(),
    series,
  } as Family;
}

test('MetricsServer tells the series of each metric, also after one was removed, and its own version', async (t) => {
  const registry = new MetricsRegistry();
  const requests = new Counter({
    name: 'requests_total',
    help: 'Requests.',
    labelNames: ['path'],
    registers: [registry],
  });
  const other = new Gauge({ name: 'other', help: 'Other.', registers: [registry] });
  for (const path of ['/a', '/b', '/c']) requests.inc({ path });
  const server = await serve(t, { registry });
  const before = parseExposition((await ask(`${server.url}/metrics`)).body);
  assert.equal(sampleOf(before, 'metrics_client_series', { metric: 'requests_total' }), 3);
  assert.equal(sampleOf(before, 'metrics_client_series', { metric: 'other' }), 1);
  registry.unregister(other);
  requests.remove('/a');
  const after = parseExposition((await ask(`${server.url}/metrics`)).body);
  const series = after.find(({ name }) => name === 'metrics_client_series')!.samples;
  assert.deepEqual(
    series.map(({ labels, value }) => [labels.get('metric'), value]),
    [['requests_total', 2]],
  );
  assert.equal(after.find(({ name }) => name === 'metrics_client_build_info')?.samples[0]?.value, 1);
});

test('MetricsServer leaves out a self-metric of which the registry has the name', async (t) => {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'metrics_client_build_info', help: 'Mine.', registers: [registry] }).set(7);
  const server = await serve(t, { registry });
  const families = parseExposition((await ask(`${server.url}/metrics`)).body);
  assert.equal(sampleOf(families, 'metrics_client_build_info'), 7);
});

test('MetricsServer leaves out a self-metric that an escaped name of the registry meets', async (t) => {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
  new Counter({ name: 'metrics.client.series', help: 'Own.', registers: [registry] }).inc(7);
  const server = await serve(t, { registry });
  const families = await readSelf(server);
  assert.equal(families.filter(({ name }) => name === 'metrics_client_series').length, 1);
  assert.equal(sampleOf(families, 'metrics_client_series'), 7);
});

test('MetricsServer without selfMetrics exposes what the registry has, to the byte', async (t) => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const server = await startServer(t, { registry, selfMetrics: false });
  assert.equal((await ask(`${server.url}/metrics`)).body, await registry.metrics());
});

test('VERSION is the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  assert.equal(VERSION, version);
});
