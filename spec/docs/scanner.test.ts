import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MetricsRegistry } from '@finpilot/metrics';
import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';
import { DirectionModel } from '../../docs/examples/scanner/direction-model.ts';
import { MarketApi, type MarketApiOptions } from '../../docs/examples/scanner/market-api.ts';
import { MarketClient } from '../../docs/examples/scanner/market-client.ts';
import { momentum } from '../../docs/examples/scanner/momentum.ts';
import { RateLimiter } from '../../docs/examples/scanner/rate-limiter.ts';
import { readOptions } from '../../docs/examples/scanner/read-options.ts';
import { parseIndex, parseStocks, readPrices } from '../../docs/examples/scanner/read-prices.ts';
import { startFinpilot } from '../../docs/examples/scanner/start-finpilot.ts';
import { swing } from '../../docs/examples/scanner/swing.ts';
import { deadline } from '../support/deadline.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import type { ParsedFamily, ParsedSample } from '../support/parsed-family.ts';
import { sampleOf } from '../support/sample-of.ts';

test('readPrices() reads the real prices of the index and five stocks', async () => {
  const prices = await readPrices();
  const counts = [...prices].map(([symbol, bars]) => [symbol, bars.length]);
  assert.deepEqual(Object.fromEntries(counts), { SP500: 5105, MSFT: 123, AMZN: 123, IBM: 123, GOOG: 68, AAPL: 123 });
  assert.deepEqual(prices.get('SP500')?.[0], { date: '2000-01-03', close: 1455.219971 });
  assert.deepEqual(prices.get('SP500')?.at(-1), { date: '2020-04-17', close: 2874.560059 });
  assert.deepEqual(prices.get('GOOG')?.[0], { date: '2004-08-01', close: 102.37 });
  for (const bars of prices.values()) {
    const dates = bars.map((bar) => bar.date);
    assert.deepEqual(dates, [...dates].sort());
  }
});

test('parseIndex() and parseStocks() refuse a row without a date or price', () => {
  assert.throws(() => parseIndex('date,open,high,low,close\n2000-01-03,1,2,3\n'), {
    name: 'SyntaxError',
    message: 'Cannot read prices: expected a date and a price above 0, got "2000-01-03" and "undefined".',
  });
  assert.throws(() => parseStocks('symbol,date,price\nMSFT,January 2000,39.81\n'), SyntaxError);
});

test('momentum.judge() follows a close beyond all others of its window', () => {
  const calm = [100, 103, 99, 101, 102, 100, 98, 101, 100, 102, 99];
  assert.equal(momentum.judge([...calm, 104]), 'long');
  assert.equal(momentum.judge([...calm, 97]), 'short');
  assert.equal(momentum.judge([...calm, 103]), undefined);
  assert.equal(momentum.judge([...calm, 98]), undefined);
});

test('swing.judge() bets against a close more than 1.5 standard deviations off the mean', () => {
  // 18 closes of 100 and one of 100 + x, before a last one of 100 - x: the mean is 100, the deviation x / sqrt(10),
  // and so the last close lies sqrt(10) = 3.2 deviations below the mean.
  const flat = new Array<number>(18).fill(100);
  assert.equal(swing.judge([...flat, 101, 99]), 'long');
  assert.equal(swing.judge([...flat, 99, 101]), 'short');
  // Half at 99, half at 101: the deviation is 1, the last close 1 deviation off.
  const even = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 99 : 101));
  assert.equal(swing.judge(even), undefined);
  assert.equal(swing.judge(new Array<number>(20).fill(100)), undefined);
});

test('DirectionModel.predict() is one half before training, and follows what it has learnt', () => {
  const model = new DirectionModel();
  const flat = new Array<number>(12).fill(100);
  assert.equal(model.predict(flat), 0.5);
  model.learn(flat, true);
  // A flat window has the features 1, 0, 0; the error is 1 - 0.5, the learning rate 0.02.
  assert.equal(model.predict(flat), 1 / (1 + Math.exp(-0.01)));

  const rising = Array.from({ length: 12 }, (_, i) => 100 * 1.01 ** i);
  const falling = [...rising].reverse();
  for (let i = 0; i < 200; i++) {
    model.learn(rising, true);
    model.learn(falling, false);
  }
  assert.ok(model.predict(rising) > 0.9 && model.predict(falling) < 0.1);
});

test('RateLimiter.take() lets a burst through, then says how long until there is a token', () => {
  let now = 50;
  const limiter = new RateLimiter(3, 2, () => now);
  assert.deepEqual([limiter.take(), limiter.take(), limiter.take()], [0, 0, 0]);
  assert.equal(limiter.take(), 0.5);
  now = 50.25;
  assert.equal(limiter.take(), 0.25);
  now = 50.5;
  assert.equal(limiter.take(), 0);
  now = 1000;
  assert.deepEqual([limiter.take(), limiter.take(), limiter.take()], [0, 0, 0]);
  assert.equal(limiter.take(), 0.5);
});

test('readOptions() takes the port from the arguments, else from PORT, else 8000', () => {
  const rest = { tls: undefined, thread: false, blockSeconds: undefined };
  const defaults = { port: 8000, host: undefined, paceSeconds: 0.25, ...rest };
  assert.deepEqual(readOptions([], {}), defaults);
  assert.deepEqual(readOptions([], { PORT: '9000' }), { ...defaults, port: 9000 });
  const args = ['--port', '9001', '--host', '127.0.0.1', '--pace', '40'];
  assert.deepEqual(readOptions(args, { PORT: '9000' }), {
    port: 9001,
    host: '127.0.0.1',
    paceSeconds: 0.04,
    ...rest,
  });
  const { thread, blockSeconds } = readOptions(['--thread', '--block', '30'], {})!;
  assert.deepEqual([thread, blockSeconds], [true, 30]);
  assert.deepEqual(readOptions(['--cert', 'a.crt', '--key', 'a.key'], {})?.tls, { cert: 'a.crt', key: 'a.key' });
  assert.equal(readOptions(['--help'], {}), undefined);
});

test('readOptions() refuses an invalid port or pace, a certificate without its key, and unknown options', () => {
  assert.throws(() => readOptions(['--port', '65536'], {}), {
    name: 'RangeError',
    message: 'Cannot start: expected --port to be an integer from 0 to 65535, got "65536".',
  });
  assert.throws(() => readOptions(['--pace', 'fast'], {}), RangeError);
  assert.throws(
    () => readOptions(['--block', '3601'], {}),
    /expected --block to be an integer from 0 to 3600, got "3601"/,
  );
  assert.throws(() => readOptions(['--key', 'a.key'], {}), /expected --cert and --key together, got only --key/);
  assert.throws(() => readOptions(['--speed', '1'], {}), TypeError);
});

/** Starts the API with generous limits unless told otherwise; it ends with the test. */
async function startApi(options: Partial<MarketApiOptions>, onEnd: (stop: () => Promise<void>) => void) {
  const registry = new MetricsRegistry();
  const metrics = createFinpilotMetrics(registry);
  const limits = { tokenLifetimeRequests: 1000, requestsPerSecond: 1000, burst: 1000 };
  const api = new MarketApi({ prices: await readPrices(), metrics, apiKey: 'key', ...limits, ...options });
  const url = await api.listen();
  onEnd(() => api.close());
  const scrape = async (): Promise<readonly ParsedFamily[]> => parseExposition(await registry.metrics());
  return { url, client: new MarketClient(url, 'key'), scrape };
}

test('MarketApi serves bars up to a date, in pages', async (t) => {
  const { client } = await startApi({}, t.after.bind(t));
  const last = await client.bars('SP500', '2000-01-31', 20);
  assert.deepEqual([last.length, last[0]?.date, last.at(-1)?.date], [20, '2000-01-03', '2000-01-31']);
  const before = await client.bars('SP500', '2000-01-31', 5, 18);
  assert.deepEqual(
    before.map((bar) => bar.date),
    ['2000-01-03', '2000-01-04'],
  );
  assert.deepEqual(await client.bars('GOOG', '2004-07-31', 20), []);
});

test('MarketApi lists a symbol from its first bar to a month after its last', async (t) => {
  const { client } = await startApi({}, t.after.bind(t));
  assert.deepEqual(await client.symbols('2004-07-30'), ['SP500', 'MSFT', 'AMZN', 'IBM', 'AAPL']);
  assert.deepEqual(await client.symbols('2004-08-02'), ['SP500', 'MSFT', 'AMZN', 'IBM', 'GOOG', 'AAPL']);
  assert.deepEqual(await client.symbols('2010-05-03'), ['SP500']);
});

test('MarketApi answers 401, 400 and 404, and counts each under its endpoint, not its path', async (t) => {
  const { url, scrape } = await startApi({}, t.after.bind(t));
  const ask = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(url + path, init);
    return response.status === 200 ? response.json() : response.status;
  };
  assert.equal(await ask('/calendar'), 401);
  assert.equal(await ask('/calendar', { headers: { authorization: 'Bearer ' } }), 401);
  assert.equal(await ask('/token', { method: 'POST', headers: { 'x-api-key': 'guess' } }), 401);
  const token = await ask('/token', { method: 'POST', headers: { 'x-api-key': 'key' } });
  const signedIn = { headers: { authorization: `Bearer ${token}` } };
  assert.equal(await ask('/bars/NONE?until=2000-01-31&count=5', signedIn), 404);
  assert.equal(await ask('/bars/SP500?until=2000-01-31&count=21', signedIn), 400);
  assert.equal(await ask('/no/such/path', signedIn), 404);

  const answered: readonly Record<string, string>[] = [
    { endpoint: '/calendar', method: 'GET', status: '401' },
    { endpoint: '/token', method: 'POST', status: '401' },
    { endpoint: '/token', method: 'POST', status: '200' },
    { endpoint: '/bars/:symbol', method: 'GET', status: '404' },
    { endpoint: '/bars/:symbol', method: 'GET', status: '400' },
    { endpoint: 'other', method: 'GET', status: '404' },
  ];
  const count = 'finpilot_api_latency_seconds_count';
  // The client may have the answer before the server hears that it is sent.
  await until(scrape, (families) => answered.every((labels) => isMoved(samplesOf(families, count, labels))));
  const families = await scrape();
  assert.equal(sampleOf(families, 'finpilot_auth_attempts_total', { method: 'bearer', outcome: 'failure' }), 2);
  assert.equal(sampleOf(families, 'finpilot_auth_attempts_total', { method: 'api_key', outcome: 'failure' }), 1);
});

test('MarketClient gets a new token when the old one has expired, once for all requests under way', async (t) => {
  const { client, scrape } = await startApi({ tokenLifetimeRequests: 3 }, t.after.bind(t));
  for (let i = 0; i < 3; i++) await client.symbols('2000-01-03');
  await Promise.all([client.symbols('2000-01-03'), client.symbols('2000-01-03'), client.symbols('2000-01-03')]);
  const families = await scrape();
  assert.equal(sampleOf(families, 'finpilot_auth_attempts_total', { method: 'bearer', outcome: 'failure' }), 3);
  assert.equal(sampleOf(families, 'finpilot_auth_attempts_total', { method: 'api_key', outcome: 'success' }), 2);
});

test('MarketClient waits when the rate limiter tells it to', async (t) => {
  // Slow to refill, so that a busy machine too brings the five requests before it has.
  const { client, scrape } = await startApi({ burst: 2, requestsPerSecond: 2 }, t.after.bind(t));
  await Promise.all(Array.from({ length: 5 }, () => client.symbols('2000-01-03')));
  const families = await scrape();
  const labels = { endpoint: '/symbols' };
  assert.equal(sampleOf(families, 'finpilot_rate_limit_requests_total', { ...labels, outcome: 'allowed' }), 5);
  assert.ok(sampleOf(families, 'finpilot_rate_limit_requests_total', { ...labels, outcome: 'limited' }) >= 3);
});

test('MarketClient rejects with the reason when the key is wrong or nobody answers', async (t) => {
  const { url } = await startApi({}, t.after.bind(t));
  await assert.rejects(new MarketClient(url, 'guess').calendar(), { reason: 'unauthorized' });
  await assert.rejects(new MarketClient('http://127.0.0.1:1', 'key').calendar(), { reason: 'api_unreachable' });
});

/** What must have happened before every metric of the catalogue counts as moved: a series above 0 for each line. */
const MOVED: readonly (readonly [name: string, labels: Readonly<Record<string, string>>])[] = [
  ['finpilot_scans_total', { strategy: 'momentum' }],
  ['finpilot_scans_total', { strategy: 'swing' }],
  ['finpilot_failed_scans_total', { strategy: 'momentum', reason: 'window_too_short' }],
  ['finpilot_failed_scans_total', { strategy: 'swing', reason: 'window_too_short' }],
  ['finpilot_auth_attempts_total', { method: 'api_key', outcome: 'success' }],
  ['finpilot_auth_attempts_total', { method: 'bearer', outcome: 'success' }],
  ['finpilot_auth_attempts_total', { method: 'bearer', outcome: 'failure' }],
  ['finpilot_rate_limit_requests_total', { endpoint: '/bars/:symbol', outcome: 'allowed' }],
  ['finpilot_rate_limit_requests_total', { endpoint: '/bars/:symbol', outcome: 'limited' }],
  ['finpilot_api_latency_seconds_count', { endpoint: '/symbols', method: 'GET', status: '200' }],
  ['finpilot_api_latency_seconds_count', { endpoint: '/bars/:symbol', method: 'GET', status: '429' }],
  ['finpilot_health_status', { check: 'scanner' }],
  ['finpilot_health_status', { check: 'market_data' }],
  ['process_resident_memory_bytes', {}],
];

test('startFinpilot() moves every metric of the catalogue, by things that really happened', async () => {
  const registry = new MetricsRegistry();
  const limits = { tokenLifetimeRequests: 100, requestsPerSecond: 100, burst: 12 };
  const finpilot = await startFinpilot({ registry, port: 0, host: '127.0.0.1', paceSeconds: 0, ...limits });
  const scrape = async (): Promise<readonly ParsedFamily[]> => {
    const response = await fetch(`${finpilot.url}/metrics`);
    return parseExposition(await response.text());
  };
  const catalogue = Object.values(finpilot.metrics).flatMap((metric) =>
    typeof metric === 'function' ? [] : [metric.name],
  );
  const unmoved = (families: readonly ParsedFamily[]): string[] => [
    ...catalogue.filter((name) => !families.some((family) => family.name === name && isMoved(family.samples))),
    ...MOVED.filter(([name, labels]) => !isMoved(samplesOf(families, name, labels))).map((row) => JSON.stringify(row)),
  ];
  try {
    await until(scrape, (families) => unmoved(families).length === 0, unmoved);
    for (const path of ['/health', '/ready']) assert.equal((await fetch(finpilot.url + path)).status, 200);
  } finally {
    await finpilot.stop();
  }
  await assert.rejects(fetch(`${finpilot.url}/metrics`));
});

function isMoved(samples: readonly ParsedSample[]): boolean {
  return samples.some((sample) => sample.value > 0);
}

/** The samples of that name that have these labels, whatever others they have. */
function samplesOf(families: readonly ParsedFamily[], name: string, labels: Readonly<Record<string, string>>) {
  return families
    .flatMap((family) => family.samples)
    .filter((sample) => sample.name === name && Object.entries(labels).every(([k, v]) => sample.labels.get(k) === v));
}

test('startFinpilot() rejects when the port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    const { port } = taken.address() as AddressInfo;
    const options = { registry: new MetricsRegistry(), port, host: '127.0.0.1', paceSeconds: 0 };
    await assert.rejects(startFinpilot(options), { code: 'EADDRINUSE' });
  } finally {
    taken.close();
  }
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`main says where to look, and ends with exit code 0 on ${signal}`, async () => {
    const main = fileURLToPath(new URL(`../../docs/examples/scanner/main${extname(import.meta.url)}`, import.meta.url));
    const args = ['--port', '0', '--host', '127.0.0.1', '--pace', '5'];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'exit');
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.stdout.on('data', (chunk) => (stdout += chunk));
    try {
      await until(
        async () => stdout,
        (text) => text.includes('Ctrl+C'),
        () => [stderr],
      );
      const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(stdout) ?? [];
      const scrape = async (): Promise<string> => (await fetch(url)).text();
      await until(scrape, (text) => text.includes('\nfinpilot_scans_total{'));
      child.kill(signal);
      assert.deepEqual(await exited, [0, null]);
      assert.equal(stderr, '');
    } finally {
      child.kill('SIGKILL');
    }
  });
}

/** Reads until what was read is good, at most ten seconds long; then says what is missing. */
async function until<T>(
  read: () => Promise<T>,
  isGood: (value: T) => boolean,
  missing: (value: T) => readonly string[] = () => ['it'],
): Promise<void> {
  const giveUpAt = performance.now() + deadline(20);
  for (;;) {
    const value = await read();
    if (isGood(value)) return;
    assert.ok(performance.now() < giveUpAt, `Still missing: ${missing(value).join(', ')}`);
    await sleep(20);
  }
}
