import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent, get as httpsGet } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import { createCertificate } from '../../support/certificate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { connectRaw } from '../raw-client.ts';
import { startServer } from '../start-server.ts';
import { collectWarnings } from '../warnings.ts';

const ca = createCertificate({ commonName: 'Test authority' });
const stranger = createCertificate({ commonName: 'Another authority' });
const alternativeNames = ['DNS:localhost', 'IP:127.0.0.1'];
const own = createCertificate({ commonName: 'metrics', alternativeNames, issuer: ca });
const credentials = { cert: own.cert, key: own.key };

/** Resolves to status and body, or to the code of the error. */
function ask(url: string, options: ConnectionOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const agent = new Agent({ ca: ca.cert, maxCachedSessions: 0, ...options });
    const done = (outcome: string) => {
      agent.destroy();
      resolve(outcome);
    };
    httpsGet(url, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => done(`${response.statusCode} ${body}`));
    }).on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  });
}

test('MetricsServer with tls serves HTTPS, from PEM, from bytes and from files', async (t) => {
  const folder = temporaryFolder(t);
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, own.cert);
  writeFileSync(key, own.key);
  for (const tls of [own, { cert: Buffer.from(own.cert), key: new TextEncoder().encode(own.key) }, { cert, key }]) {
    const server = await startServer(t, { tls: { cert: tls.cert, key: tls.key } });
    assert.equal(server.url, `https://127.0.0.1:${server.port}`);
    assert.equal(await ask(`${server.url}/health`), '200 {"status":"ok","checks":{}}\n');
    await server.close();
  }
});

test('MetricsServer with tls speaks TLS 1.2 and 1.3, and neither 1.1 nor plain HTTP', async (t) => {
  const server = await startServer(t, { tls: credentials });
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    assert.match(await ask(`${server.url}/metrics`, { minVersion: version, maxVersion: version }), /^200 /, version);
  }
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  assert.match(await ask(`${server.url}/metrics`, old), /^(ERR_SSL_|EPROTO|ECONNRESET)/);
  const plain = connectTcp(server.port, '127.0.0.1');
  plain.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let got = '';
  plain.on('data', (bytes) => (got += bytes.toString('latin1')));
  plain.on('error', () => undefined);
  await new Promise((resolve) => plain.once('close', resolve));
  assert.doesNotMatch(got, /200 OK/);
  assert.match(await ask(`${server.url}/metrics`), /^200 /);
});

test('MetricsServer with clientCa lets in those only who have a certificate of that authority', async (t) => {
  const server = await startServer(t, { tls: { ...credentials, clientCa: ca.cert } });
  const good = createCertificate({ commonName: 'prometheus', issuer: ca });
  const foreign = createCertificate({ commonName: 'prometheus', issuer: stranger });
  const expired = createCertificate({ commonName: 'prometheus', issuer: ca, expires: new Date(Date.now() - 60_000) });
  assert.match(await ask(`${server.url}/metrics`, { cert: good.cert, key: good.key }), /^200 /);
  for (const { cert, key } of [foreign, expired]) {
    assert.match(await ask(`${server.url}/metrics`, { cert, key }), /^(ERR_SSL_|ECONNRESET|EPIPE)/);
  }
  assert.match(await ask(`${server.url}/metrics`), /^(ERR_SSL_|ECONNRESET|EPIPE)/);
});

test('MetricsServer with allowedClientNames answers 403 to certificates with other names', async (t) => {
  const allowedClientNames = ['prometheus', 'scraper.example', 'spiffe://cluster/prometheus', 'DNS:odd, name'];
  const server = await startServer(t, { tls: { ...credentials, clientCa: ca.cert, allowedClientNames } });
  const statusFor = async (commonName: string, ...names: string[]) => {
    const { cert, key } = createCertificate({ commonName, alternativeNames: names, issuer: ca });
    return (await ask(`${server.url}/metrics`, { cert, key })).slice(0, 3);
  };
  assert.equal(await statusFor('prometheus'), '200');
  assert.equal(await statusFor('other', 'DNS:x.example', 'DNS:scraper.example'), '200');
  assert.equal(await statusFor('other', 'URI:spiffe://cluster/prometheus'), '200');
  assert.equal(await statusFor('other'), '403');
  assert.equal(await statusFor('Prometheus'), '403');
  assert.equal(await statusFor('prometheus.example', 'DNS:x.scraper.example'), '403');
  // A value that is written to look like another entry.
  assert.equal(await statusFor('other', 'URI:http://x/, DNS:scraper.example'), '403');
  assert.equal(await statusFor('other', 'DNS:x.example, DNS:prometheus'), '403');
});

test('MetricsServer with tls takes new certificates of changed files for new connections, and keeps the open ones', async (t) => {
  const folder = temporaryFolder(t);
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, own.cert);
  writeFileSync(key, own.key);
  const server = await startServer(t, { tls: { cert, key, reloadSeconds: 0.02 } });
  const open = await connectTls(t, server.port);
  assert.equal(open.getPeerCertificate().subject.CN, 'metrics');
  const renewed = createCertificate({ commonName: 'renewed', alternativeNames, issuer: ca });
  writeFileSync(cert, renewed.cert);
  writeFileSync(key, renewed.key);
  for (let name = ''; name !== 'renewed'; ) {
    const socket = await connectTls(t, server.port);
    name = String(socket.getPeerCertificate().subject.CN);
    socket.destroy();
  }
  open.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [bytes] = await new Promise<Buffer[]>((resolve) => open.once('data', (...all: Buffer[]) => resolve(all)));
  assert.match(String(bytes), /^HTTP\/1\.1 200 /);
});

test('MetricsServer.listen() with tls rejects for files that cannot be used, and shows nothing of them', async (t) => {
  const folder = temporaryFolder(t);
  const missing = join(folder, 'missing.pem');
  const secret = own.key.split('\n')[1]!;
  const start = (tls: object) => startServer(t, { tls: { ...credentials, ...tls } });
  await assert.rejects(start({ cert: missing }), {
    message:
      'Cannot serve metrics over TLS: expected tls.cert to be PEM or the path of a file that can be read, got ENOENT. ' +
      'Check tls.cert, tls.key and tls.clientCa.',
  });
  for (const tls of [
    { key: secret },
    { key: `-----BEGIN PRIVATE KEY-----\n${secret}` },
    { key: stranger.key },
    { cert: own.key },
  ]) {
    await assert.rejects(
      start(tls),
      (error: Error) =>
        /^Cannot serve metrics over TLS: /.test(error.message) && !error.message.includes(secret.slice(0, 20)),
    );
  }
});

test('MetricsServer throws on invalid TLS options, and shows no secret', async (t) => {
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ key: own.key }, /expected tls\.cert to be PEM or the path of a file, got undefined\.$/],
    [{ cert: own.cert }, /expected tls\.key to be PEM/],
    [{ ...credentials, ca: own.cert }, /expected tls to have cert, key, .*, got "ca"/],
    [{ ...credentials, passphrase: 5 }, /expected tls\.passphrase to be a string, got 5\.$/],
    [
      { ...credentials, allowedClientNames: ['a'] },
      /expected tls\.clientCa beside tls\.allowedClientNames, got undefined\.$/,
    ],
    [{ ...credentials, clientCa: ca.cert, allowedClientNames: 'a' }, /to be an array of strings, got a string\.$/],
  ];
  for (const [tls, message] of bad)
    await assert.rejects(startServer(t, { tls } as object), { name: 'TypeError', message });
  await assert.rejects(startServer(t, { tls: { ...credentials, reloadSeconds: 0 } }), {
    name: 'RangeError',
    message: /tls\.reloadSeconds/,
  });
});

test('MetricsServer with tls closes connections that are not allowed, or not shaken hands with, and goes on', async (t) => {
  const shut = await startServer(t, { tls: credentials, allow: ['192.0.2.1'] });
  for (let i = 0; i < 5; i++) assert.match(await ask(`${shut.url}/metrics`), /^(ECONNRESET|EPIPE|ERR_SSL_)/);
  const server = await startServer(t, { tls: credentials, limits: { maxConnections: 2 } });
  const silent = await Promise.all(Array.from({ length: 6 }, () => connectRaw(t, server.port)));
  assert.match(await ask(`${server.url}/metrics`), /^200 /);
  silent.at(-1)!.socket.end('not TLS at all\r\n\r\n');
  await silent.at(-1)!.ended;
  assert.match(await ask(`${server.url}/metrics`), /^200 /);
  const hasty = await startServer(t, { tls: credentials, limits: { headersTimeoutSeconds: 0.05 } });
  await (await connectRaw(t, hasty.port)).ended;
});

test('MetricsServer with tls closes its idle connections when it closes', async (t) => {
  const server = await startServer(t, { tls: credentials });
  const idle = await connectTls(t, server.port);
  const ended = new Promise((resolve) => idle.once('close', resolve));
  idle.resume();
  assert.match(await ask(`${server.url}/ready`), /^200 /);
  await server.close();
  await ended;
  assert.equal(await ask(`${server.url}/ready`), 'ECONNREFUSED');
});

async function connectTls(t: { after(clean: () => void): void }, port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: ca.cert });
  t.after(() => socket.destroy());
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

test('MetricsServer with allowedClientNames survives a client without an allowed name that pipelines 150 requests', async (t) => {
  const registry = new MetricsRegistry();
  const tls = { ...credentials, clientCa: ca.cert, allowedClientNames: ['prometheus'] };
  const server = await startServer(t, { registry, tls });
  const other = createCertificate({ commonName: 'other', issuer: ca });
  const good = createCertificate({ commonName: 'prometheus', issuer: ca });
  for (const count of [99, 100, 101, 150, 1000]) {
    const socket = connect({ port: server.port, host: '127.0.0.1', ca: ca.cert, cert: other.cert, key: other.key });
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => void socket.once('close', resolve));
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count));
    socket.resume();
    if (count < 101) socket.end();
    await closed;
  }
  assert.match(await ask(`${server.url}/metrics`, { cert: good.cert, key: good.key }), /^200 /);
});

test('MetricsServer keeps an exception in a request listener from its host, counts it and warns once', async (t) => {
  const warnings = collectWarnings(t);
  const tls = { ...credentials, clientCa: ca.cert, allowedClientNames: ['prometheus'] };
  const server = await startServer(t, { tls, selfMetrics: true });
  const good = createCertificate({ commonName: 'prometheus', issuer: ca });
  const asClient = { cert: good.cert, key: good.key };
  const original = TLSSocket.prototype.getPeerCertificate;
  const mock = t.mock.method(TLSSocket.prototype, 'getPeerCertificate', function (this: TLSSocket, ...args: []) {
    // The client of this spec, in the same process, looks at certificates too; only a server's socket has a server.
    if ('server' in this && this.server) throw new TypeError('no certificate here');
    return original.apply(this, args);
  });
  for (let i = 0; i < 3; i++) assert.match(await ask(`${server.url}/metrics`, asClient), /^ECONNRESET/);
  mock.mock.restore();
  const scrape = await ask(`${server.url}/metrics`, asClient);
  assert.match(scrape, /^metrics_client_listener_errors_total 3$/m);
  assert.deepEqual(warnings, ['A request could not be handled, and its connection was closed: no certificate here']);
});
