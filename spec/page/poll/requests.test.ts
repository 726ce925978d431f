import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Attempt, askHealth, attemptScrape, readHealth } from '../../../lib/page/poll/requests.ts';
import { HealthChecks } from '../../../lib/server/health-checks.ts';
import type { RequestHandler } from '../../../lib/server/http/exchange.ts';
import { servePlainly } from '../../server/plain-server.ts';
import { largeRegistry, SERIES, startServer } from '../../server/start-server.ts';

const PACE = { nextTurn: () => new Promise<void>((resolve) => setImmediate(resolve)), now: () => performance.now() };
const never = (): AbortSignal => new AbortController().signal;

async function attempt(t: TestContext, handler: RequestHandler): Promise<Attempt> {
  return attemptScrape((await servePlainly(t, handler)).url, PACE, never());
}

test('attemptScrape() requests text 0.0.4 and reads a scrape of this library’s server', async (t) => {
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

test('attemptScrape() yields to the event loop while it reads', async (t) => {
  const { url } = await startServer(t, { registry: largeRegistry() });
  // Each reading of this clock takes 5 ms, so every second piece ends a slice.
  let now = 0;
  let turns = 0;
  const nextTurn = async (): Promise<void> => void turns++;
  await attemptScrape(`${url}/metrics`, { nextTurn, now: () => (now += 5) }, never());
  assert.ok(turns >= 2, `${turns} turns`);
});

test('attemptScrape() reports a status other than 200', async (t) => {
  const refuse =
    (status: number): RequestHandler =>
    (_request, response) =>
      void response.writeHead(status).end('no');
  assert.deepEqual((await attempt(t, refuse(401))).outcome, { kind: 'unauthorised' });
  assert.deepEqual((await attempt(t, refuse(503))).outcome, { kind: 'refused', status: 503 });
});

test('attemptScrape() reports why it cannot read a response', async (t) => {
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

test('attemptScrape() reports a server that is down or breaks off as unreachable', async (t) => {
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

test('attemptScrape() ends when its signal aborts', async (t) => {
  const controller = new AbortController();
  const { url } = await servePlainly(t, () => controller.abort());
  assert.deepEqual((await attemptScrape(url, PACE, controller.signal)).outcome, { kind: 'unreachable' });
});

test('askHealth() reads the report of a status 503, and returns undefined if there is none', async (t) => {
  const server = await startServer(t);
  server.addReadinessCheck('broker', () => false);
  const readiness = await askHealth(`${server.url}/ready`, never());
  assert.deepEqual([readiness?.isOk, readiness?.checks.map(({ name }) => name)], [false, ['broker']]);
  const { url } = await servePlainly(t, (_request, response) => void response.destroy());
  assert.equal(await askHealth(url, never()), undefined);
});

test('readHealth() reads the server’s report', async () => {
  const checks = new HealthChecks();
  checks.add('prices', () => true);
  checks.add('broker', () => {
    throw new Error('no answer');
  });
  const health = readHealth(JSON.stringify(await checks.report()));
  assert.equal(health?.isOk, false);
  assert.deepEqual(
    health?.checks.map(({ name, isOk, error }) => [name, isOk, error]),
    [
      ['prices', true, ''],
      ['broker', false, 'no answer'],
    ],
  );
  assert.ok(health!.checks.every(({ durationSeconds }) => durationSeconds >= 0));
});

test('readHealth() returns undefined for anything but a report', () => {
  for (const body of ['', '<html>', 'null', '[]', '3', '{}', '{"status":"ok"}', '{"checks":null}']) {
    assert.equal(readHealth(body), undefined, body);
  }
});

test('readHealth() treats checks of another shape as failing', () => {
  const health = readHealth('{"status":"ok","checks":{"a":null,"b":{"status":1}}}');
  assert.deepEqual(
    health?.checks.map(({ name, isOk, durationSeconds, error }) => [name, isOk, durationSeconds, error]),
    [
      ['a', false, NaN, ''],
      ['b', false, NaN, ''],
    ],
  );
});
