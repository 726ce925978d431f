import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { type Attempt, attemptScrape } from '../../../lib/page/scrape/attempt-scrape.ts';
import type { RequestHandler } from '../../../lib/server/request-handler.ts';
import { servePlainly } from '../../server/plain-server.ts';
import { largeRegistry, SERIES, startServer } from '../../server/start-server.ts';

const PACE = { nextTurn: () => new Promise<void>((resolve) => setImmediate(resolve)), now: () => performance.now() };
const never = (): AbortSignal => new AbortController().signal;

async function attempt(t: TestContext, handler: RequestHandler): Promise<Attempt> {
  return attemptScrape((await servePlainly(t, handler)).url, PACE, never());
}

test('attemptScrape() reads what our server exposes, asked for as text 0.0.4', async (t) => {
  const { url } = await startServer(t, { registry: largeRegistry() });
  const { outcome, families, seconds, sizeBytes, answeredAt } = await attemptScrape(`${url}/metrics`, PACE, never());
  assert.deepEqual(outcome, { kind: 'scraped', seriesCount: SERIES });
  assert.deepEqual([families.length, families[0]!.readings.length], [1, SERIES]);
  assert.equal(sizeBytes, (await (await fetch(`${url}/metrics`)).arrayBuffer()).byteLength);
  assert.ok(seconds > 0 && Math.abs(answeredAt - performance.now() / 1000) < 60);
  let accept: string | undefined;
  await attempt(t, (request, response) => {
    accept = request.headers.accept;
    response.end();
  });
  assert.equal(accept, 'text/plain;version=0.0.4');
});

test('attemptScrape() gives the event loop back while it reads', async (t) => {
  const { url } = await startServer(t, { registry: largeRegistry() });
  // A clock on which every look takes 5 ms: after each second piece a slice is over.
  let now = 0;
  let turns = 0;
  const nextTurn = async (): Promise<void> => void turns++;
  await attemptScrape(`${url}/metrics`, { nextTurn, now: () => (now += 5) }, never());
  assert.ok(turns >= 2, `${turns} turns`);
});

test('attemptScrape() tells how it was refused', async (t) => {
  const refuse =
    (status: number): RequestHandler =>
    (_request, response) =>
      void response.writeHead(status).end('no');
  assert.deepEqual((await attempt(t, refuse(401))).outcome, { kind: 'unauthorised' });
  assert.deepEqual((await attempt(t, refuse(503))).outcome, { kind: 'refused', status: 503 });
});

test('attemptScrape() tells why it cannot read what it got', async (t) => {
  const send =
    (contentType: string, body: string): RequestHandler =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': contentType }).end(body);
    };
  for (const handler of [send('text/plain; version=0.0.4', 'a 1 2 3\n'), send('text/html', '<p>')]) {
    const { outcome, families } = await attempt(t, handler);
    assert.equal(outcome.kind, 'unreadable');
    assert.match(outcome.kind === 'unreadable' ? outcome.reason : '', /^Cannot parse /);
    assert.deepEqual(families, []);
  }
});

test('attemptScrape() takes a server that is gone, or cuts off, for unreachable', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  const { port } = await new Promise<AddressInfo>((resolve) => {
    server.once('listening', () => resolve(server.address() as AddressInfo));
  });
  await new Promise((resolve) => server.close(resolve));
  const gone = await attemptScrape(`http://127.0.0.1:${port}/metrics`, PACE, never());
  assert.deepEqual(gone.outcome, { kind: 'unreachable' });
  const cut = await attempt(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' });
    response.write('a 1\n', () => response.destroy());
  });
  assert.deepEqual(cut.outcome, { kind: 'unreachable' });
});

test('attemptScrape() ends when its signal is aborted', async (t) => {
  const controller = new AbortController();
  const { url } = await servePlainly(t, () => controller.abort());
  assert.deepEqual((await attemptScrape(url, PACE, controller.signal)).outcome, { kind: 'unreachable' });
});
