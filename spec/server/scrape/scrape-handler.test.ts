import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScrapeExporter } from '../../../lib/server/scrape/serve-scrape.ts';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { countingExporter, exporterOf } from './fake-exporters.ts';
import { scrapeHandlerOf } from './scrape-handler-of.ts';

test('createScrapeHandler() sends one chunk with its length', async (t) => {
  const exporter = exporterOf(async function* () {
    yield Buffer.from('up 1\n');
  });
  const { url } = await servePlainly(t, scrapeHandlerOf(exporter));
  const { status, headers, body } = await ask(url);
  assert.equal(status, 200);
  assert.equal(body, 'up 1\n');
  assert.equal(headers['content-length'], '5');
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['cache-control'], 'no-store');
});

test('createScrapeHandler() sends an exposition without any chunk as an empty body', async (t) => {
  const { url } = await servePlainly(t, scrapeHandlerOf(exporterOf(async function* () {})));
  const { status, headers, body } = await ask(url);
  assert.deepEqual([status, headers['content-length'], body], [200, '0', '']);
});

test('createScrapeHandler() streams several chunks, all of them in order', async (t) => {
  const parts = Array.from({ length: 40 }, (_, i) => Buffer.alloc(65_536, `${i};`));
  const exporter = exporterOf(async function* () {
    yield* parts;
  });
  const { url } = await servePlainly(t, scrapeHandlerOf(exporter));
  const { headers, body } = await ask(url);
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.equal(headers['content-length'], undefined);
  assert.ok(body === Buffer.concat(parts).toString());
});

test('createScrapeHandler() passes all Accept lines to the exporter, for the bytes and for the type', async (t) => {
  const seen: (string | undefined)[] = [];
  const exporter: ScrapeExporter = {
    async *chunks(accept) {
      seen.push(accept);
    },
    contentType(accept) {
      seen.push(accept);
      return 'text/plain';
    },
    release() {},
  };
  const { url } = await servePlainly(t, scrapeHandlerOf(exporter));
  await ask(url, { headers: { accept: ['text/plain;q=0.5', '*/*;q=0.1'] } });
  await ask(url);
  assert.deepEqual(seen, ['text/plain;q=0.5, */*;q=0.1', 'text/plain;q=0.5, */*;q=0.1', undefined, undefined]);
});

test('createScrapeHandler() answers HEAD with the headers of GET and no body', async (t) => {
  for (const count of [0, 1, 5]) {
    const exporter = () => scrapeHandlerOf(countingExporter(count));
    const got = await ask((await servePlainly(t, exporter())).url);
    const headed = await ask((await servePlainly(t, exporter())).url, { method: 'HEAD' });
    assert.equal(headed.body, '');
    assert.equal(headed.status, 200);
    // RFC 9110, section 9.3.2: what depends on sending the body may be left out.
    for (const { headers } of [got, headed]) {
      delete headers['transfer-encoding'];
      delete headers.date;
    }
    assert.deepEqual(headed.headers, got.headers);
  }
});

test('createScrapeHandler() renders at most two chunks for HEAD and stops the exporter', async (t) => {
  const exporter = countingExporter(100);
  const { url } = await servePlainly(t, scrapeHandlerOf(exporter));
  await ask(url, { method: 'HEAD' });
  await exporter.stopped;
  assert.ok(exporter.state.rendered <= 2);
});
