import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import * as zlib from 'node:zlib';
import {
  Counter,
  Gauge,
  Histogram,
  MetricsRegistry,
  MetricsServer,
  type MetricsServerOptions,
} from '../../../lib/index.ts';
import { parse } from '../../../lib/parse/index.ts';
import { decodeProtobuf } from '../../support/decode-protobuf.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { until } from '../../support/until.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const decompressors = zlib as typeof zlib & { readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer };
const hasZstd = decompressors.zstdDecompressSync !== undefined;

/** Serves a registry of so many series of a counter, beside a gauge and a histogram; resolves to the server's URL. */
async function serve(t: TestContext, series: number, options: MetricsServerOptions = {}): Promise<string> {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'scans_total', help: 'S.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < series; i++) counter.inc({ i }, i);
  new Gauge({ name: 'open_orders', help: 'O.', registers: [registry] }).set(3);
  new Histogram({ name: 'scan_seconds', help: 'D.', registers: [registry] }).observe(1);
  const server = new MetricsServer({ port: 0, host: '127.0.0.1', registry, selfMetrics: false, ...options });
  await server.listen();
  t.after(() => server.close());
  return server.url;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

async function get(url: string, headers: Record<string, string | string[]> = {}, method = 'GET'): Promise<Answer> {
  const asked = request(url, { headers, method, agent: false }).end();
  const [response] = await once(asked, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
}

test('/metrics answers in the format that is asked for, and says so', async (t) => {
  const url = `${await serve(t, 3)}/metrics`;
  const openMetrics = await get(url, { accept: OPENMETRICS });
  assert.equal(
    openMetrics.headers['content-type'],
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  );
  assert.equal(parse(openMetrics.body, openMetrics.headers['content-type'])[0]?.name, 'scans');
  const protobuf = await get(url, { accept: PROTOBUF });
  assert.match(String(protobuf.headers['content-type']), /^application\/vnd\.google\.protobuf; /);
  assert.deepEqual(
    decodeProtobuf(protobuf.body).map(({ name }) => name),
    ['scans_total', 'open_orders', 'scan_seconds'],
  );
  const severalLines = await get(url, { accept: ['text/plain;version=0.0.4;q=0.5', `${OPENMETRICS};q=0.7`] });
  assert.match(severalLines.body.toString(), /# EOF\n$/);
  const plain = await get(url);
  assert.equal(plain.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  for (const { headers } of [openMetrics, protobuf, plain]) assert.equal(headers['vary'], 'Accept, Accept-Encoding');
});

for (const [claim, series] of [
  ['a scrape of one chunk', 500],
  ['a streamed scrape', 20_000],
] as const) {
  test(`/metrics compresses ${claim} as the client takes it`, async (t) => {
    const url = `${await serve(t, series)}/metrics`;
    const plain = await get(url);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.ok(parseExposition(plain.body.toString()).length === 3);
    const gzip = await get(url, { 'accept-encoding': 'gzip' });
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.deepEqual(zlib.gunzipSync(gzip.body), plain.body);
    assert.ok(gzip.body.length * 3 < plain.body.length);
    const openMetrics = await get(url, { 'accept-encoding': 'gzip', accept: OPENMETRICS });
    assert.equal(parse(zlib.gunzipSync(openMetrics.body), String(openMetrics.headers['content-type'])).length, 3);
    const head = await get(url, { 'accept-encoding': 'gzip' }, 'HEAD');
    assert.deepEqual(
      [head.body.length, head.headers['content-encoding'], head.headers['content-length']],
      [0, 'gzip', gzip.headers['content-length']],
    );
  });

  test(`/metrics compresses ${claim} by zstd`, {
    skip: hasZstd ? false : 'this Node has no zstd: it came with 22.15',
  }, async (t) => {
    const url = `${await serve(t, series)}/metrics`;
    const { headers, body } = await get(url, { 'accept-encoding': 'gzip, zstd' });
    assert.equal(headers['content-encoding'], 'zstd');
    assert.deepEqual(decompressors.zstdDecompressSync!(body), (await get(url)).body);
  });
}

test('/metrics sends a small scrape as it is', async (t) => {
  const { headers, body } = await get(`${await serve(t, 2)}/metrics`, { 'accept-encoding': 'gzip' });
  assert.equal(headers['content-encoding'], undefined);
  assert.equal(headers['content-length'], String(body.length));
});

test('/metrics compresses nothing when it is told not to', async (t) => {
  for (const series of [500, 20_000]) {
    const { headers } = await get(`${await serve(t, series, { compression: false })}/metrics`, {
      'accept-encoding': 'gzip',
    });
    assert.deepEqual([headers['content-encoding'], headers['vary']], [undefined, 'Accept']);
  }
});

test('/metrics?name[]= answers with the families that are named, by any of their names', async (t) => {
  const url = `${await serve(t, 3)}/metrics`;
  const cases: readonly (readonly [query: string, names: readonly string[]])[] = [
    ['?name[]=open_orders', ['open_orders']],
    ['?name%5B%5D=scans', ['scans_total']],
    ['?name[]=scans_total&name[]=scan_seconds_bucket', ['scans_total', 'scan_seconds']],
    ['?name[]=nothing', []],
    ['?name[]=', []],
    ['?names=open_orders', ['scans_total', 'open_orders', 'scan_seconds']],
    ['?', ['scans_total', 'open_orders', 'scan_seconds']],
  ];
  for (const [query, names] of cases) {
    const { status, body } = await get(url + query);
    assert.equal(status, 200);
    assert.deepEqual(
      parseExposition(body.toString()).map(({ name }) => name),
      names,
      query,
    );
  }
  assert.equal((await get(`${url}?name[]=nothing`, { accept: OPENMETRICS })).body.toString(), '# EOF\n');
});

test('a client that leaves in the middle of a compressed scrape takes nothing down', async (t) => {
  const url = `${await serve(t, 50_000)}/metrics`;
  for (let i = 0; i < 20; i++) {
    const asked = request(url, { headers: { 'accept-encoding': 'gzip' }, agent: false }).end();
    const [response] = await once(asked, 'response');
    response.once('data', () => asked.destroy());
    response.on('error', () => {});
    await once(asked, 'close');
  }
  await until('all sockets closed', () =>
    process.getActiveResourcesInfo().includes('TCPSocketWrap') ? undefined : true,
  );
  assert.equal(
    zlib.gunzipSync((await get(url, { 'accept-encoding': 'gzip' })).body).length,
    (await get(url)).body.length,
  );
});
