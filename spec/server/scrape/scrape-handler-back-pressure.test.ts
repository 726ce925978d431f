import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { servePlainly } from '../plain-server.ts';
import { connectRaw, get } from '../raw-client.ts';
import { turn } from '../turn.ts';
import { collectWarnings } from '../warnings.ts';
import { countingExporter, exporterOf } from './fake-exporters.ts';
import { scrapeHandlerOf } from './scrape-handler-of.ts';

test('createScrapeHandler() renders no faster than the client reads', async () => {
  const exporter = countingExporter(10);
  const { socket, response, takeOne } = slowClient();
  scrapeHandlerOf(exporter)(new IncomingMessage(socket), response);
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(exporter.state.rendered, 1, 'the second chunk is waiting, the third not asked for');
  while (!response.writableFinished) {
    takeOne();
    await turn();
  }
  await exporter.stopped;
  assert.equal(exporter.state.rendered, 10);
});

test('createScrapeHandler() does not wait for a socket that died while it was full', async () => {
  const exporter = countingExporter(10);
  const { socket, response } = slowClient();
  scrapeHandlerOf(exporter)(new IncomingMessage(socket), response);
  for (let i = 0; i < 20; i++) await turn();
  socket.destroy();
  await exporter.stopped;
  assert.equal(exporter.state.rendered, 1);
  assert.equal(response.listenerCount('drain'), 0);
});

test('createScrapeHandler() stops rendering when the client aborts', async (t) => {
  const exporter = countingExporter(100_000);
  const { port } = await servePlainly(t, scrapeHandlerOf(exporter));
  const client = await connectRaw(t, port);
  client.socket.write(get('/metrics'));
  await client.until(/xxxx/);
  client.socket.destroy();
  await exporter.stopped;
  assert.ok(exporter.state.rendered < 100_000);
});

test('createScrapeHandler() writes nothing for a client that left while the metrics were gathered', async (t) => {
  const warnings = collectWarnings(t);
  const exporter = countingExporter(10);
  let gathered = () => {};
  const gathering = new Promise<void>((resolve) => (gathered = resolve));
  const { port, server } = await servePlainly(
    t,
    scrapeHandlerOf({
      ...exporter,
      async *chunks() {
        await gathering;
        yield* exporter.chunks();
      },
    }),
  );
  const response = new Promise<ServerResponse>((resolve) => void server.once('request', (_, r) => resolve(r)));
  const client = await connectRaw(t, port);
  client.socket.write(get('/metrics'));
  const abandoned = await response;
  client.socket.destroy();
  await new Promise((resolve) => abandoned.once('close', resolve));
  gathered();
  await exporter.stopped;
  await turn();
  assert.equal(abandoned.headersSent, false);
  assert.ok(exporter.state.rendered <= 2);
  assert.deepEqual(warnings, []);
});

test('createScrapeHandler() answers pipelined requests one after the other, without gathering ahead', async (t) => {
  let begun = 0;
  let running = 0;
  let mostRunning = 0;
  const exporter = exporterOf(async function* () {
    const text = `scrape ${++begun}\n`;
    mostRunning = Math.max(mostRunning, ++running);
    await turn();
    running--;
    yield Buffer.from(text);
  });
  const { port } = await servePlainly(t, scrapeHandlerOf(exporter));
  const client = await connectRaw(t, port);
  client.socket.write(get('/metrics').repeat(20));
  const text = await client.until(/scrape 20\n/);
  assert.deepEqual(
    text.match(/scrape \d+/g),
    Array.from({ length: 20 }, (_, i) => `scrape ${i + 1}`),
  );
  assert.equal(mostRunning, 1);
});

test('createScrapeHandler() never begins a pipelined scrape whose connection closes before its turn', async (t) => {
  let begun = 0;
  const exporter = countingExporter(100_000);
  const { port } = await servePlainly(
    t,
    scrapeHandlerOf({
      ...exporter,
      chunks() {
        begun++;
        return exporter.chunks();
      },
    }),
  );
  const client = await connectRaw(t, port);
  client.socket.write(get('/metrics').repeat(3));
  await client.until(/xxxx/);
  client.socket.destroy();
  await exporter.stopped;
  await turn();
  assert.equal(begun, 1);
});

/** A response whose client takes one write at a time, when it is told to. */
function slowClient() {
  const taken: (() => void)[] = [];
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done: () => void) {
      taken.push(done);
    },
  }) as Socket;
  const request = new IncomingMessage(socket);
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  // As the server does for its sockets.
  socket.on('drain', () => response.emit('drain'));
  return { socket, response, takeOne: () => taken.shift()?.() };
}
