import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { connectRaw, get } from '../raw-client.ts';
import { turn } from '../turn.ts';
import { collectWarnings } from '../warnings.ts';
import { CHUNK, countingExporter, exporterOf, failingAfter } from './fake-exporters.ts';
import { scrapeHandlerOf } from './scrape-handler-of.ts';

test('createScrapeHandler() answers 500 when the exporter fails before the first byte, and warns once', async (t) => {
  const warnings = collectWarnings(t);
  for (const count of [0, 1]) {
    const message = `gathering failed after ${count}`;
    const { url } = await servePlainly(t, scrapeHandlerOf(exporterOf(() => failingAfter(count, message))));
    for (let i = 0; i < 3; i++) {
      const { status, headers, body } = await ask(url);
      assert.equal(status, 500);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
      assert.equal(body, `Cannot render the metrics: ${message}\n`);
    }
  }
  await turn();
  assert.deepEqual(warnings, [
    'Cannot answer a scrape: gathering failed after 0',
    'Cannot answer a scrape: gathering failed after 1',
  ]);
});

test('createScrapeHandler() answers 500 when the exporter throws outright', async (t) => {
  collectWarnings(t);
  const throwing = () => {
    throw new RangeError('no such format');
  };
  const handlers = [
    scrapeHandlerOf(exporterOf(throwing)),
    scrapeHandlerOf({ async *chunks() {}, contentType: throwing, release() {} }),
  ];
  for (const handler of handlers) {
    const { status, body } = await ask((await servePlainly(t, handler)).url);
    assert.deepEqual([status, body], [500, 'Cannot render the metrics: no such format\n']);
  }
});

test('createScrapeHandler() cuts the connection when the exporter fails after the first byte', async (t) => {
  const warnings = collectWarnings(t);
  const { url } = await servePlainly(t, scrapeHandlerOf(exporterOf(() => failingAfter(3, 'late'))));
  await assert.rejects(ask(url), { code: 'ECONNRESET' });
  await turn();
  assert.deepEqual(warnings, ['Cannot answer a scrape: late']);
});

test('createScrapeHandler() resets an HTTP/1.0 connection, whose plain end would mean a complete scrape', async (t) => {
  collectWarnings(t);
  const { port } = await servePlainly(t, scrapeHandlerOf(exporterOf(() => failingAfter(3, 'late'))));
  const client = await connectRaw(t, port);
  // Looked at on this side, because Node 20 as a client reports a reset after a partial read as a plain end.
  const reset = t.mock.method(Socket.prototype, 'resetAndDestroy');
  client.socket.write(get('/', '1.0'));
  await client.ended;
  assert.equal(reset.mock.callCount(), 1);
});

test('createScrapeHandler() warns of at most 100 different errors', async (t) => {
  const warnings = collectWarnings(t);
  let scrapes = 0;
  const { url } = await servePlainly(t, scrapeHandlerOf(exporterOf(() => failingAfter(0, `error ${scrapes++}`))));
  for (let i = 0; i < 105; i++) await ask(url);
  assert.equal(warnings.length, 100);
});

test('createScrapeHandler() leaves a response alone that somebody else answered meanwhile', async (t) => {
  const warnings = collectWarnings(t);
  const exporters = [countingExporter(5), exporterOf(() => failingAfter(0, 'failed'))];
  for (const exporter of exporters) {
    const handler = scrapeHandlerOf(exporter);
    const { url } = await servePlainly(t, (request, response) => {
      handler(request, response);
      // When the scrape has begun: it does so in this phase of the event loop, a listener before.
      setImmediate(() => void response.writeHead(503).end('too slow'));
    });
    const { status, body } = await ask(url);
    assert.deepEqual([status, body], [503, 'too slow']);
  }
  await turn();
  assert.deepEqual(warnings, ['Cannot answer a scrape: failed']);
});

test('createScrapeHandler() survives it when somebody else ends the response in the middle', async (t) => {
  const warnings = collectWarnings(t);
  let end = () => {};
  const exporter = exporterOf(async function* () {
    yield CHUNK;
    yield CHUNK;
    end();
    yield CHUNK;
  });
  const handler = scrapeHandlerOf(exporter);
  const { url } = await servePlainly(t, (request, response) => {
    end = () => void response.end();
    handler(request, response);
  });
  assert.equal((await ask(url)).body.length, 2 * CHUNK.length);
  await turn();
  assert.deepEqual(warnings, []);
});
