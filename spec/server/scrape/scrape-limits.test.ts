import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Counter } from '../../../lib/metrics/counter.ts';
import type { CollectedFamily } from '../../../lib/model/collector.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import { Compression } from '../../../lib/server/http/compression.ts';
import { metricsHandler } from '../../../lib/server/metrics-handler.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { sampleOf } from '../../support/sample-of.ts';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { connectRaw, get } from '../raw-client.ts';
import { largeRegistry, startServer } from '../start-server.ts';
import { turn } from '../turn.ts';
import { collectWarnings } from '../warnings.ts';
import { CHUNK, exporterOf } from './fake-exporters.ts';
import { scrapeHandlerOf } from './scrape-handler-of.ts';

/** A registry with a counter, and a collector that begins and ends as it is told. */
function registryWithPending() {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs done.', registers: [registry] });
  const ends: (() => void)[] = [];
  let hasBegun!: () => void;
  const begun = new Promise<void>((resolve) => (hasBegun = resolve));
  registry.registerCollector({
    name: 'pending',
    collect: () => {
      hasBegun();
      return new Promise<CollectedFamily[]>((resolve) => ends.push(() => resolve([])));
    },
  });
  return { registry, counter, begun, end: () => ends.forEach((each) => each()) };
}

test('MetricsServer answers 503 with Retry-After to scrapes beyond maxScrapesInFlight, and scrapes again after', async (t) => {
  const { registry, begun, end } = registryWithPending();
  const server = await startServer(t, { registry, limits: { maxScrapesInFlight: 1 } });
  const first = ask(`${server.url}/metrics`);
  await begun;
  const { status, headers, body } = await ask(`${server.url}/metrics`);
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
  assert.equal(body, 'Cannot scrape: too many scrapes are in flight. Try again in 1 s.\n');
  assert.equal((await ask(`${server.url}/health`)).status, 200);
  end();
  assert.equal((await first).status, 200);
  registry.clear();
  assert.equal((await ask(`${server.url}/metrics`)).status, 200);
});

test('createScrapeHandler() takes three scrapes at once unless told otherwise', async (t) => {
  const begins: (() => void)[] = [];
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  async function* held() {
    begins.shift()!();
    await ended;
    yield CHUNK;
  }
  const { url } = await servePlainly(t, scrapeHandlerOf(exporterOf(held)));
  const scrapes = [];
  for (let i = 0; i < 3; i++) {
    const begun = new Promise<void>((resolve) => begins.push(resolve));
    scrapes.push(ask(url));
    await begun;
  }
  assert.equal((await ask(url)).status, 503);
  end();
  assert.deepEqual(
    (await Promise.all(scrapes)).map(({ status }) => status),
    [200, 200, 200],
  );
});

test('createScrapeHandler() counts the scrapes that are asked for in one turn of the event loop, whatever their URLs', async (t) => {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  async function* held() {
    await ended;
    yield CHUNK;
  }
  const handler = scrapeHandlerOf(exporterOf(held));
  const arrived: Parameters<typeof handler>[] = [];
  const { url } = await servePlainly(t, (...exchange) => {
    if (arrived.push(exchange) < 6) return;
    arrived.sort(([a], [b]) => (a.url! < b.url! ? -1 : 1)); // they have arrived in any order
    for (const each of arrived) handler(...each);
  });
  const answers = Array.from({ length: 6 }, (_, i) => ask(`${url}/?name[]=${i % 5}`));
  // Refused at once, while the others are held; two of them ask for the same and are one scrape.
  const refused = new Promise<void>((resolve) => {
    let count = 0;
    for (const answer of answers) void answer.then(({ status }) => status === 503 && ++count === 2 && resolve());
  });
  await refused;
  end();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 200, 200, 200, 503, 503]);
});

test('MetricsServer serves those who ask for the same at once one scrape, none older than its request', async (t) => {
  let gathers = 0;
  const registry = new MetricsRegistry();
  const counter = new Counter({
    name: 'gathers_total',
    help: 'Scrapes.',
    registers: [registry],
    collect: () => void gathers++,
  });
  const server = await startServer(t, { registry });
  const clients = await Promise.all(Array.from({ length: 10 }, () => connectRaw(t, server.port)));
  for (let round = 1; round <= 20; round++) {
    counter.inc();
    for (const client of clients) client.socket.write(get('/metrics'));
    // The value that was there before the request would be that of the round before.
    for (const client of clients) await client.until(new RegExp(`^gathers_total ${round}$`, 'm'));
  }
  assert.ok(gathers >= 20 && gathers < 150, `${gathers} scrapes for 200 requests`);
});

test('MetricsServer streams a long scrape to each of those who asked at once, as far as there is room', async (t) => {
  const registry = largeRegistry();
  const whole = await registry.metrics();
  const server = await startServer(t, { registry, limits: { maxScrapesInFlight: 4 } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(`${server.url}/metrics`)));
  const served = answers.filter(({ status }) => status === 200);
  assert.ok(served.length >= 4, `${served.length} served`);
  for (const { body } of served) assert.equal(body, whole);
  assert.deepEqual(
    new Set(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 503)),
    new Set(),
  );
});

test('MetricsServer serves by the scrape timeout what is ready, without the collector that is not', async (t) => {
  collectWarnings(t);
  const { registry, counter } = registryWithPending();
  counter.inc(3);
  const server = await startServer(t, { registry });
  const { status, body } = await ask(`${server.url}/metrics`, {
    headers: { 'x-prometheus-scrape-timeout-seconds': '0.1' },
  });
  assert.equal(status, 200);
  const families = parseExposition(body);
  assert.equal(sampleOf(families, 'jobs_total'), 3);
  assert.equal(sampleOf(families, 'metrics_client_collector_failures_total', { collector: 'pending' }), 1);
});

test("MetricsServer with onCollectorError 'fail' answers 500 and names the collector", async (t) => {
  collectWarnings(t);
  const registry = new MetricsRegistry();
  registry.registerCollector({ name: 'disk', collect: () => Promise.reject(new Error('no disk')) });
  const failing = await startServer(t, { registry, onCollectorError: 'fail' });
  const { status, body } = await ask(`${failing.url}/metrics`);
  assert.deepEqual([status, body], [500, 'Cannot render the metrics: Collector "disk" failed: no disk\n']);
  const omitting = await startServer(t, { registry });
  assert.equal((await ask(`${omitting.url}/metrics`)).status, 200);
  await assert.rejects(startServer(t, { onCollectorError: 'ignore' } as object), {
    name: 'TypeError',
    message: 'Cannot create a metrics server: expected onCollectorError to be "omit" or "fail", got "ignore".',
  });
});

test('createScrapeHandler() cuts a slow reader off when its time is over, and stops rendering', async (t) => {
  let stopped!: () => void;
  const hasStopped = new Promise<void>((resolve) => (stopped = resolve));
  async function* endless() {
    try {
      for (;;) {
        await turn();
        yield CHUNK;
      }
    } finally {
      stopped();
    }
  }
  const { port } = await servePlainly(t, scrapeHandlerOf(exporterOf(endless)));
  const client = await connectRaw(t, port);
  client.socket.pause();
  client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.05\r\n\r\n');
  await hasStopped;
  client.socket.resume();
  assert.match(await client.ended, /^(ECONNRESET|close|end)$/);
});

test('MetricsServer answers 400 to more name[] parameters than maxNames, and counts each name once', async (t) => {
  const server = await startServer(t, { limits: { maxNames: 3 } });
  const statusOf = async (...names: string[]) => {
    const query = names.map((name) => `name[]=${name}`).join('&');
    return (await ask(`${server.url}/metrics?${query}`)).status;
  };
  assert.equal(await statusOf('a', 'b', 'c', 'a'), 200);
  assert.equal(await statusOf('a', 'b', 'c', 'd'), 400);
});

test('metricsHandler() has the limits of a scrape too', async (t) => {
  collectWarnings(t);
  const { registry, begun, end } = registryWithPending();
  const { url } = await servePlainly(t, metricsHandler(registry, { maxScrapesInFlight: 1, onCollectorError: 'fail' }));
  const first = ask(url);
  await begun;
  assert.equal((await ask(url)).status, 503);
  end();
  assert.equal((await first).status, 200);
  assert.throws(() => metricsHandler(registry, { maxScrapesInFlight: 0 }), {
    name: 'RangeError',
    message: /limits\.maxScrapesInFlight/,
  });
  assert.throws(() => metricsHandler(registry, { onCollectorError: 'x' } as object), {
    name: 'TypeError',
    message: /^Cannot create a metrics handler/,
  });
});

test('MetricsServer compresses a shared scrape once, for all who take it so, and without compression for nobody', async (t) => {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs done.', labelNames: ['queue'], registers: [registry] });
  for (let queue = 0; queue < 200; queue++) jobs.inc({ queue });
  const expected = await registry.metrics();
  const compress = t.mock.method(Compression.prototype, 'compress');
  for (const compression of [true, false]) {
    const server = await startServer(t, { registry, compression, limits: { maxScrapesInFlight: 6 } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => askForGzip(`${server.url}/metrics`)));
    for (const { headers, bytes } of answers) {
      assert.equal(headers['content-encoding'], compression ? 'gzip' : undefined);
      assert.equal(headers.vary, compression ? 'Accept, Accept-Encoding' : 'Accept');
      assert.equal((compression ? gunzipSync(bytes) : bytes).toString(), expected);
    }
  }
  const { length } = compress.mock.calls;
  assert.ok(length >= 1 && length <= 6, `${length} compressions`);
});

function askForGzip(url: string): Promise<{ readonly headers: IncomingHttpHeaders; readonly bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(parts) }));
    })
      .on('error', reject)
      .end();
  });
}
