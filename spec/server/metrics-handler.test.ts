import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from '../../lib/metrics/counter.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { register } from '../../lib/registry/register.ts';
import { metricsHandler } from '../../lib/server/metrics-handler.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';
import { ask } from './ask.ts';
import { servePlainly } from './plain-server.ts';

test('metricsHandler() answers a scrape of its registry inside a plain node:http server, at any path', async (t) => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs done.', registers: [registry] });
  counter.inc(3);
  const handler = metricsHandler(registry);
  const { url } = await servePlainly(t, (request, response) => {
    if (request.url === '/own') response.end('my own');
    else handler(request, response);
  });
  assert.equal((await ask(`${url}/own`)).body, 'my own');
  for (const path of ['/metrics', '/internal/prometheus?x=1', '/']) {
    const { status, headers, body } = await ask(url + path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(sampleOf(parseExposition(body), 'jobs_total'), 3);
  }
});

test('metricsHandler() answers HEAD without a body and refuses other methods', async (t) => {
  const { url } = await servePlainly(t, metricsHandler(new MetricsRegistry()));
  const got = await ask(url);
  const headed = await ask(url, { method: 'HEAD' });
  assert.deepEqual([headed.status, headed.body], [200, '']);
  assert.equal(headed.headers['content-length'], got.headers['content-length']);
  const { status, headers } = await ask(url, { method: 'POST' });
  assert.deepEqual([status, headers.allow], [405, 'GET, HEAD']);
});

test('metricsHandler() reads the default registry unless another is given', async (t) => {
  const counter = new Counter({ name: 'default_registry_total', help: 'In the default registry.' });
  t.after(() => register.unregister(counter));
  const { url } = await servePlainly(t, metricsHandler());
  assert.equal(sampleOf(parseExposition((await ask(url)).body), 'default_registry_total'), 0);
});

test('metricsHandler() passes its options to the exporter', async (t) => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'x_total', help: 'Counts x.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 200; i++) counter.inc({ i });
  const { url } = await servePlainly(t, metricsHandler(registry, { chunkBytes: 1024 }));
  const { headers, body } = await ask(url);
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.equal(sampleOf(parseExposition(body), 'x_total', { i: '199' }), 1);
});

test('metricsHandler() refuses a registry without gather(), and options that it has not', () => {
  const start = 'Cannot create a metrics handler: expected';
  for (const registry of [null, {}, 'x'])
    assert.throws(() => metricsHandler(registry as never), { name: 'TypeError', message: /expected registry to be/ });
  const known = 'chunkBytes, createdLines, maxScrapesInFlight, scrapeTimeoutSeconds, compression, onCollectorError';
  const misspelt = `${start} options to have ${known}, got "auth". Is it misspelt?`;
  assert.throws(() => metricsHandler(undefined, { auth: {} } as object), { name: 'TypeError', message: misspelt });
  assert.throws(() => metricsHandler(undefined, null as never), {
    message: `${start} options to be an object, got null.`,
  });
});
