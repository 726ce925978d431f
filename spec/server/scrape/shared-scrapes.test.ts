import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScrapeOptions } from '../../../lib/exposition/exposition-writer.ts';
import { Counter } from '../../../lib/metrics/counter.ts';
import { Gauge } from '../../../lib/metrics/gauge.ts';
import type { CollectedFamily } from '../../../lib/model/collector.ts';
import type { Family, Gatherer } from '../../../lib/model/family.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import { THROWN_VALUES } from '../../support/thrown-values.ts';
import { until } from '../../support/until.ts';
import { ask } from '../ask.ts';
import { servePlainly } from '../plain-server.ts';
import { connectRaw, get } from '../raw-client.ts';
import { startServer } from '../start-server.ts';
import { collectWarnings } from '../warnings.ts';
import { CHUNK, exporterOf } from './fake-exporters.ts';
import { scrapeHandlerOf } from './scrape-handler-of.ts';

// What one client does to the scrapes of others.

const TIMEOUT = 'x-prometheus-scrape-timeout-seconds';
const SCRAPES_IN_FLIGHT = /^promhttp_metric_handler_requests_in_flight (\d+)$/m;

/** A registry with 100,000 series, 5 MB of text. */
function hugeRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({
    name: 'price_dollars',
    help: 'Last price.',
    labelNames: ['symbol'],
    registers: [registry],
  });
  for (let i = 0; i < 100_000; i++) gauge.set({ symbol: `symbol number ${i}` }, i / 7);
  return registry;
}

test('A scraper that waits long gets the families that one that waits shortly had to go without', async (t) => {
  collectWarnings(t);
  const registry = new MetricsRegistry();
  let end = (): void => {};
  registry.registerCollector({
    name: 'slow',
    collect: () =>
      new Promise<CollectedFamily[]>((resolve) => {
        end = () => resolve([{ name: 'slow_value', help: 'Takes its time.', type: 'gauge', series: [{ value: 1 }] }]);
      }),
  });
  const server = await startServer(t, { registry });
  const hasty = await ask(`${server.url}/metrics`, { headers: { [TIMEOUT]: '0.2' } });
  assert.equal(hasty.status, 200);
  assert.doesNotMatch(hasty.body, /slow_value/);
  const patient = ask(`${server.url}/metrics`, { headers: { [TIMEOUT]: '30' } });
  for (let i = 0; i < 20; i++) await ask(`${server.url}/metrics`, { headers: { [TIMEOUT]: '0.001' } });
  end();
  assert.match((await patient).body, /^slow_value 1$/m);
});

test('Slow readers keep nobody from scraping, from their own address or another', async (t) => {
  const server = await startServer(t, { registry: hugeRegistry() });
  for (let i = 0; i < 3; i++) {
    const slow = await connectRaw(t, server.port);
    slow.socket.pause();
    slow.socket.write(get('/metrics'));
  }
  for (let i = 0; i < 32; i++) {
    for (const localAddress of ['127.0.0.1', '127.0.0.9']) {
      const { status, body } = await ask(`${server.url}/metrics`, { localAddress });
      assert.equal(status, 200, `scrape ${i} from ${localAddress}`);
      assert.match(body, /symbol number 99999/);
    }
  }
});

test('One address with many slow readers gives way to its own new scrapes, and takes nothing from others', async (t) => {
  const server = await startServer(t, { registry: hugeRegistry() });
  const slow = await Promise.all(Array.from({ length: 8 }, () => connectRaw(t, server.port, '127.0.0.2')));
  for (const { socket } of slow) {
    socket.pause();
    socket.write(get('/metrics'));
    // One after the other: an address works at three scrapes at once.
    await until('the start of its answer', () => socket.bytesRead > 0 || undefined, { pauseMilliseconds: 1 }).catch(
      () => undefined,
    );
    socket.resume();
    socket.pause();
  }
  assert.equal((await ask(`${server.url}/metrics`, { localAddress: '127.0.0.3' })).status, 200);
  // When the oldest has taken nothing for a second, it is cut off for a new one.
  const answered = await until('an answer to a ninth', async () => {
    const { status } = await ask(`${server.url}/metrics`, { localAddress: '127.0.0.2' });
    return status === 200 || undefined;
  });
  assert.ok(answered);
});

test('One address never takes the last slot', async (t) => {
  const gathered: (string | undefined)[] = [];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  async function* held(accept: string | undefined) {
    gathered.push(accept);
    await ended;
    yield CHUNK;
  }
  const { url } = await servePlainly(t, scrapeHandlerOf(exporterOf((accept) => held(accept))));
  const askAs = (accept: string, localAddress: string) => ask(url, { localAddress, headers: { accept } });
  const many = Array.from({ length: 10 }, (_, i) => askAs(`many ${i}`, '127.0.0.2'));
  await until('three scrapes of an address', () => gathered.length === 3 || undefined);
  const other = askAs('other', '127.0.0.3');
  await until('a scrape of another', () => gathered.includes('other') || undefined);
  assert.equal(gathered.length, 4);
  // Those that wait are refused after a second.
  const refused: number[] = [];
  for (const each of many) void each.then(({ status }) => refused.push(status));
  await until('seven refusals', () => refused.length === 7 || undefined);
  assert.deepEqual(new Set(refused), new Set([503]));
  end();
  assert.equal((await other).status, 200);
  const statuses = (await Promise.all(many)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 3);
});

test('Scrapes of different URLs in the same turn are held to the limit', async (t) => {
  let gathered = 0;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  async function* counted() {
    gathered++;
    await ended;
    yield CHUNK;
  }
  const handler = scrapeHandlerOf(
    exporterOf(() => counted()),
    { maxScrapesInFlight: 2 },
  );
  const { port } = await servePlainly(t, handler);
  const clients = await Promise.all(Array.from({ length: 20 }, (_, i) => connectRaw(t, port, `127.0.0.${2 + i}`)));
  for (const [i, { socket }] of clients.entries()) socket.write(get(`/metrics?name[]=m${i}`));
  await until(
    '18 refusals',
    () => clients.filter(({ text }) => text().startsWith('HTTP/1.1 503')).length === 18 || undefined,
  );
  assert.equal(gathered, 2);
  end();
  await until(
    '2 answers',
    () => clients.filter(({ text }) => text().startsWith('HTTP/1.1 200')).length === 2 || undefined,
  );
});

test('Every wait within a scrape ends by the deadline of the scraper, whatever the gatherer does', async (t) => {
  collectWarnings(t);
  let isHung = true;
  const calm = new MetricsRegistry();
  new Counter({ name: 'jobs_total', help: 'Jobs done.', registers: [calm] });
  const registry: Gatherer = {
    gather: (options) => (isHung ? new Promise<readonly Family[]>(() => undefined) : calm.gather(options)),
  };
  const server = await startServer(t, { registry, selfMetrics: true });
  const asked = Array.from({ length: 12 }, (_, i) =>
    ask(`${server.url}/metrics?${i}`, { headers: { [TIMEOUT]: '0.3' } }),
  );
  const answers = await Promise.all(asked);
  for (const { status, body } of answers) {
    assert.equal(status, 503);
    assert.match(
      body,
      /^Cannot (render the metrics: gathering took longer than the 0\.3 s that the scraper waits|scrape: too many)/,
    );
  }
  // Clients that leave while they wait take their slots with them.
  for (let i = 0; i < 12; i++) {
    const client = await connectRaw(t, server.port);
    client.socket.write(get(`/metrics?left=${i}`));
    client.socket.destroy();
  }
  isHung = false;
  const inFlight = await until('an answer with one scrape in flight', async () => {
    const { status, body } = await ask(`${server.url}/metrics`);
    return status === 200 && SCRAPES_IN_FLIGHT.exec(body)?.[1] === '1' ? body : undefined;
  });
  assert.match(inFlight, /^jobs_total 0$/m);
});

test('A scrape that waited for a slot, or for another scrape to show its size, has only the rest of its time', async (t) => {
  collectWarnings(t);
  const given: (number | undefined)[] = [];
  const order: string[] = [];
  const isHung = new Promise<void>(() => undefined);
  const chunks = async function* (_: unknown, options?: ScrapeOptions) {
    given.push(options?.timeoutSeconds);
    if (given.length > 1) await isHung;
    await new Promise((resolve) => setTimeout(resolve, 800));
    for (const text of ['two', 'chunks']) yield Buffer.from(text);
  };
  const { port, server } = await servePlainly(t, scrapeHandlerOf(exporterOf(chunks), { maxScrapesInFlight: 1 }));
  let accepted = 0;
  server.on('connection', () => accepted++);
  const clients = await Promise.all(['first', 'second', 'later'].map(() => connectRaw(t, port)));
  await until('three connections', () => accepted === 3 || undefined);
  const askAs = async (i: number, path: string) => {
    clients[i]!.socket.write(get(path).replace('\r\n\r\n', `\r\n${TIMEOUT}: 1\r\n\r\n`));
    const answer = await clients[i]!.until(/^HTTP\/1.1 \d+/);
    order.push(`${['first', 'second', 'later'][i]} ${answer.slice(9, 12)}`);
  };
  // In one turn, so they share a scrape until its second chunk shows that it is streamed.
  const shared = [askAs(0, '/'), askAs(1, '/')];
  await new Promise((resolve) => setTimeout(resolve, 400));
  // This one waits for the only slot, and gets it before the second one, which joins the queue after it.
  const later = askAs(2, '/?later');
  await Promise.all([...shared, later]);
  assert.deepEqual(order, ['first 200', 'second 503', 'later 503']);
  const [whole = 0, rest = 0] = given;
  assert.ok(rest < whole, `${rest} of ${whole}`);
});

test('A gatherer that throws, rejects late, or returns nonsense costs its own scrape', async (t) => {
  collectWarnings(t);
  const gathers: readonly (() => unknown)[] = [
    () => {
      throw new Error('at once');
    },
    () => Promise.reject(new Error('soon')),
    () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 300)),
    () => undefined,
    () => Promise.resolve(null),
    () => Promise.resolve([{}]),
    ...THROWN_VALUES.map(
      ([, value]) =>
        () =>
          Promise.reject(value),
    ),
  ];
  for (const gather of gathers) {
    const server = await startServer(t, { registry: { gather } as unknown as Gatherer });
    for (let i = 0; i < 8; i++) {
      const { status } = await ask(`${server.url}/metrics`, { headers: { [TIMEOUT]: '0.2' } });
      assert.ok(status === 500 || status === 503, `${status}`);
    }
    assert.equal((await ask(`${server.url}/health`)).status, 200);
  }
});

test('A failed scrape is answered without paths of this machine', async (t) => {
  collectWarnings(t);
  const texts = [
    "EMFILE: too many open files, open '/srv/app/node_modules/@finpilot/metrics/dist/x.js'",
    'Cannot find module file:///srv/app/dist/x.js imported from /srv/app/dist/y.js:10:5',
    'ENOENT: C:\\Users\\me\\app\\x.js',
    'cannot read \\\\server\\share\\x',
    'cannot read /srv',
    'cannot read D:\\srv',
    "open '/srv/with space/x.js'",
    '(/srv)',
  ];
  for (const text of texts) {
    const registry = { gather: () => Promise.reject(new Error(text)) };
    const server = await startServer(t, { registry });
    const { status, body } = await ask(`${server.url}/metrics`);
    assert.equal(status, 500);
    assert.doesNotMatch(body, /srv|node_modules|Users|share|\.js/, body);
    assert.match(body, /…/);
  }
});
