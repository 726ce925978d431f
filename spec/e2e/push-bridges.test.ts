import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { ParsedSample } from '../support/parsed-family.ts';
import { type RealServer, startRealServer } from '../support/real-server.ts';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { until } from '../support/until.ts';
import { EVERY_TYPE } from './every-type.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { sortedSamples } from './sorted-samples.ts';

// Registries pushed into Prometheus by remote write and into VictoriaMetrics by both protocols, and read back.

const OPTIONS = { intervalSeconds: Infinity } as const;

function startReceiver(t: TestContext, program: RealProgram): Promise<RealServer> {
  return startRealServer(t, program, {
    readyPath: '/-/ready',
    args: (port, folder) => [
      '--web.enable-remote-write-receiver',
      '--enable-feature=exemplar-storage',
      '--config.file=/dev/null',
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
  });
}

function startVictoria(t: TestContext, program: RealProgram): Promise<RealServer> {
  return startRealServer(t, program, {
    readyPath: '/health',
    args: (port, folder) => [
      `-storageDataPath=${folder}/data`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=1d',
      '-search.latencyOffset=0s',
      '-loggerLevel=WARN',
    ],
  });
}

testOnEach(
  'prometheus',
  'Remote write brings every series of a registry to Prometheus, and ends it',
  async (program, t) => {
    const server = await startReceiver(t, program);
    const api = new PrometheusApi(server.url);
    const labels = { job: 'push', instance: 'a' };
    const push = startRemoteWrite({
      ...OPTIONS,
      registry: EVERY_TYPE.createRegistry(),
      url: `${server.url}/api/v1/write`,
      labels,
    });
    await push.push();
    const found = await api.query('{job="push",__name__=~"e2e.*"}');
    const expected = EVERY_TYPE.samples('openmetrics').filter(({ name }) => !name.endsWith('_created'));
    assert.deepEqual(sortedSamples(withoutLabels(found, labels)), sortedSamples(expected));
    await push.close();
    await until('the end of all series', async () => {
      return (await api.query('{job="push"}')).length === 0 ? true : undefined;
    });
  },
);

testOnEach('victoria-metrics', 'Remote write and OTLP bring series to VictoriaMetrics', async (program, t) => {
  const server = await startVictoria(t, program);
  const api = new PrometheusApi(server.url);
  const registry = new MetricsRegistry();
  const registers = [registry];
  new Counter({ name: 'e2e_jobs_total', help: 'Jobs.', labelNames: ['queue'], registers }).inc({ queue: 'a "b"' }, 2.5);
  new Gauge({ name: 'e2e_temperature_celsius', help: 'T.', unit: 'celsius', registers }).set(-3);
  const wait = new Histogram({ name: 'e2e_wait_seconds', help: 'Wait.', buckets: [0.1, 1], registers });
  for (const value of [0.05, 0.5, 0.6, 5]) wait.observe(value);
  const remote = startRemoteWrite({
    ...OPTIONS,
    registry,
    url: `${server.url}/api/v1/write`,
    labels: { job: 'remote', instance: 'a' },
  });
  const resource = { 'service.name': 'otlp', 'service.instance.id': 'a' };
  const url = `${server.url}/opentelemetry/v1/metrics`;
  const otlp = startOtlpPush({ ...OPTIONS, registry, url, resource, env: {} });
  await Promise.all([remote.push(), otlp.push()]);
  const values = async (selector: string): Promise<string[] | undefined> => {
    await fetch(`${server.url}/internal/force_flush`);
    const found = await api.query(`{__name__=~"e2e.*",${selector}}`);
    const texts = found.map(({ name, labels, value }) =>
      [name, labels.get('le')?.replace(/\.0$/, ''), labels.get('queue'), value].join(' '),
    );
    return texts.length === 7 ? texts.sort() : undefined;
  };
  const byRemoteWrite = await until('all series by remote write', () => values('job="remote"'));
  const byOtlp = await until('all series by OTLP', () => values('"service.name"="otlp"'));
  assert.deepEqual(byRemoteWrite, [
    'e2e_jobs_total  a "b" 2.5',
    'e2e_temperature_celsius   -3',
    'e2e_wait_seconds_bucket +Inf  4',
    'e2e_wait_seconds_bucket 0.1  1',
    'e2e_wait_seconds_bucket 1  3',
    'e2e_wait_seconds_count   4',
    'e2e_wait_seconds_sum   6.15',
  ]);
  assert.deepEqual(byOtlp, byRemoteWrite);
});

testOnEach('prometheus', 'Remote write goes on with a Prometheus that was down', async (program, t) => {
  const first = await startReceiver(t, program);
  let target = first.url;
  const relay = createServer((request, response) => {
    const onward = httpRequest(`${target}${request.url}`, { method: 'POST', headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  t.after(() => relay.close());
  const registry = new MetricsRegistry();
  const depth = new Gauge({ name: 'depth', help: 'Depth.', registers: [registry] });
  const push = startRemoteWrite({
    ...OPTIONS,
    registry,
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}/api/v1/write`,
    labels: { job: 'push', instance: 'a' },
    timeoutSeconds: 1,
  });
  depth.set(1);
  await push.push();
  await first.program.stop();
  depth.set(2);
  await assert.rejects(push.push(), /got none after \d attempts|within 1 s/);
  const again = await startReceiver(t, program);
  target = again.url;
  depth.set(3);
  await push.push();
  const [found] = await new PrometheusApi(again.url).query('depth');
  assert.equal(found?.value, 3);
});

function withoutLabels(samples: readonly ParsedSample[], labels: Readonly<Record<string, string>>): ParsedSample[] {
  return samples.map((sample) => {
    const others = [...sample.labels].filter(([name, value]) => labels[name] !== value);
    return { ...sample, labels: new Map(others) };
  });
}
