import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before } from 'node:test';
import { MetricsRegistry, MetricsServer } from '@finpilot/metrics';
import { PasswordHash } from '../../lib/server/guard/auth-options.ts';
import { createCertificate } from '../support/certificate.ts';
import { fileCleanup } from '../support/file-cleanup.ts';
import { packageRoot } from '../support/package-root.ts';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { startPrometheus } from './start-prometheus.ts';

// Prometheus with the two configurations of docs/server.md, on servers that are set up as the page says.

const PASSWORD = 'open sesame';
const TOKEN = 'a-token-of-thirty-two-characters';

const page = readFileSync(join(packageRoot(), 'docs', 'server.md'), 'utf8');
const [withPassword = '', withToken = ''] = [...page.matchAll(/^```yaml\n(scrape_configs:.*?)^```/gms)].map(
  ([, text]) => text,
);
const cleanup = fileCleanup();
const ca = createCertificate({ commonName: 'Test authority' });
const client = createCertificate({ commonName: 'prometheus', issuer: ca });
let secured: MetricsServer;
let guarded: MetricsServer;

before(async () => {
  const own = createCertificate({
    commonName: 'metrics',
    alternativeNames: ['DNS:localhost', 'IP:127.0.0.1'],
    issuer: ca,
  });
  const options = { port: 0, host: '127.0.0.1', registry: new MetricsRegistry(), drainTimeoutSeconds: 0 };
  const tls = { cert: own.cert, key: own.key, clientCa: ca.cert, allowedClientNames: ['prometheus'] };
  const users = { prometheus: String(await PasswordHash.create(PASSWORD)) };
  secured = new MetricsServer({ ...options, tls, auth: { users, openPaths: ['/health', '/ready'] } });
  guarded = new MetricsServer({ ...options, auth: { tokens: [TOKEN] } });
  for (const server of [secured, guarded]) {
    await server.listen();
    cleanup.after(() => server.close());
  }
});

/** Starts a Prometheus with a configuration of the page, its files and its target being ours. */
async function scrapesOf(program: RealProgram, configuration: string, server: MetricsServer, password: string) {
  const prometheus = await startPrometheus(cleanup, program, (folder) => {
    const files = { 'metrics-password': password, 'metrics-token': password, 'server-ca.crt': ca.cert };
    for (const [name, content] of Object.entries({ ...files, 'client.crt': client.cert, 'client.key': client.key })) {
      writeFileSync(join(folder, name), content);
    }
    return configuration.replaceAll('/etc/prometheus', folder).replace('localhost:8000', `127.0.0.1:${server.port}`);
  });
  const api = new PrometheusApi(prometheus.url);
  const ups = await until('two scrapes', async () => {
    const samples = await api.samples('up');
    return samples.length >= 2 ? samples : undefined;
  });
  const [target] = await api.targets();
  return { ups: ups.map(({ value }) => value), lastError: target?.lastError ?? '' };
}

testOnEach(
  'prometheus',
  'Prometheus scrapes by TLS with client certificate and password, as docs/server.md says',
  async (program) => {
    const { ups, lastError } = await scrapesOf(program, withPassword, secured, PASSWORD);
    assert.deepEqual([new Set(ups), lastError], [new Set([1]), '']);
  },
);

testOnEach('prometheus', 'Prometheus scrapes with a token, as docs/server.md says', async (program) => {
  const { ups, lastError } = await scrapesOf(program, withToken, guarded, TOKEN);
  assert.deepEqual([new Set(ups), lastError], [new Set([1]), '']);
});

testOnEach('prometheus', 'Prometheus with a wrong password is not let in', async (program) => {
  const { ups, lastError } = await scrapesOf(program, withPassword, secured, 'open barley');
  assert.deepEqual(new Set(ups), new Set([0]));
  assert.match(lastError, /401/);
});
