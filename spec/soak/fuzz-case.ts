import type { SeededRandom } from '../support/seeded-random.ts';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PRI',
  'get',
  'G\0T',
  '',
  'GET GET',
  'é',
];
const TARGETS = [
  '/metrics',
  '/health',
  '/ready',
  '/',
  '//',
  '*',
  '',
  '/metrics?name[]=up',
  '/metrics?name[]=%',
  '/../etc/passwd',
  '/%2e%2e/%2e%2e',
  'http://x/metrics',
  'http://[::1',
  'x:443',
  '/\0',
  '/metrics#f',
  '/ metrics',
  '\\metrics',
  '/é',
  '/%ff',
  '/metrics?name[]=a&name[]=b',
];
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1.1 x',
  'http/1.1',
  'HTTP/1.',
  '',
  'HTTP/99999.1',
];
const NAMES = [
  'Host',
  'Accept',
  'Accept-Encoding',
  'Authorization',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Upgrade',
  'Expect',
  'X-Prometheus-Scrape-Timeout-Seconds',
  'Range',
  'If-None-Match',
  'Cookie',
  'Keep-Alive',
  'Trailer',
  ' X',
  'X ',
  'X\0',
  '',
  ':',
  'é',
];
const VALUES = [
  'localhost',
  '*/*',
  'application/openmetrics-text;version=1.0.0,text/plain;q=0.5',
  'text/plain;q=1e999',
  ';;;,,,q',
  'gzip',
  'zstd;q=0',
  'br, gzip;q=0.001',
  'identity;q=0, *;q=0',
  'Basic !!!',
  'Bearer',
  'Basic Og==',
  '0',
  '5',
  '-1',
  '1e9',
  '99999999999999999999',
  'chunked',
  'chunked, chunked',
  'gzip, chunked',
  'close',
  'keep-alive',
  'upgrade',
  'h2c',
  'websocket',
  '100-continue',
  'NaN',
  'Infinity',
  '1e-300',
  '0.001',
  'bytes=0-',
  '',
  ' ',
  '\t',
  '\0',
  '\r',
  'é',
  '\x7f',
];

/** One connection: what is written, in pieces, and whether our side is ended by a reset. */
export interface FuzzCase {
  readonly pieces: readonly Buffer[];
  readonly isReset: boolean;
}

/** Draws what a broken or hostile client may send: nearly right requests, pipelines, huge headers, bad bytes. */
export function drawCase(random: SeededRandom): FuzzCase {
  const requests = random.int(4) === 0 ? 1 + random.int(150) : 1 + random.int(3);
  let text = '';
  for (let i = 0; i < requests; i++) text += drawRequest(random);
  let bytes = Buffer.from(text, 'latin1');
  if (random.int(3) === 0) bytes = mutated(bytes, random);
  return { pieces: cut(bytes, random), isReset: random.int(5) === 0 };
}

function drawRequest(random: SeededRandom): string {
  if (random.int(20) === 0) return noise(random, 1 + random.int(300));
  const end = random.int(15) === 0 ? random.pick(['\n', '\r', '\r\n\r\n', '', '\0\r\n']) : '\r\n';
  const isPlain = random.int(3) > 0;
  const method = isPlain ? 'GET' : random.pick(METHODS);
  const target = isPlain ? random.pick(TARGETS.slice(0, 4)) : drawTarget(random);
  const headers = random.int(10) === 0 ? [] : ['Host: localhost'];
  for (let i = random.int(5); i > 0; i--) headers.push(drawHeader(random));
  const version = isPlain ? 'HTTP/1.1' : random.pick(VERSIONS);
  const body =
    random.int(6) === 0
      ? random.pick(['x', '0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'ffffffffffffffff\r\n', '-1\r\n'])
      : '';
  return [`${method} ${target} ${version}`, ...headers].join(end) + end + end + body;
}

function drawTarget(random: SeededRandom): string {
  if (random.int(10) === 0) return `/metrics?${'name[]=a&'.repeat(random.int(2_000))}`;
  if (random.int(10) === 0) return `/${'x'.repeat(random.int(20_000))}`;
  return random.pick(TARGETS);
}

function drawHeader(random: SeededRandom): string {
  if (random.int(12) === 0) return `X-Large: ${'x'.repeat(random.int(40_000))}`;
  if (random.int(12) === 0) return `${'a: b\r\n'.repeat(random.int(1_500))}c: d`;
  return `${random.pick(NAMES)}${random.int(15) === 0 ? '' : ': '}${random.pick(VALUES)}`;
}

function noise(random: SeededRandom, length: number): string {
  return String.fromCharCode(...Array.from({ length }, () => random.int(256)));
}

/** A few bytes changed, removed or doubled. */
function mutated(bytes: Buffer, random: SeededRandom): Buffer<ArrayBuffer> {
  let result = Buffer.from(bytes);
  for (let i = 1 + random.int(4); i > 0 && result.length > 0; i--) {
    const at = random.int(result.length);
    const inserted = random.int(3) === 0 ? Buffer.from([random.int(256)]) : result.subarray(at, at + random.int(20));
    result = Buffer.concat([result.subarray(0, at), inserted, result.subarray(at + random.int(3))]);
  }
  return result;
}

function cut(bytes: Buffer, random: SeededRandom): Buffer[] {
  if (random.int(2) === 0) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length && pieces.length < 5; ) {
    const length = pieces.length === 4 ? bytes.length : 1 + random.int(bytes.length);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
