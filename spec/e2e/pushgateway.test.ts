import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, StateSet } from '../../lib/core.ts';
import { Registry } from '../../lib/index.ts';
import { wellFormed } from '../../lib/model/label-value.ts';
import { parse } from '../../lib/parse/index.ts';
import { Pushgateway, type PushgatewayOptions, type PushParameters } from '../../lib/push/index.ts';
import { LOOPBACK_CERTIFICATE } from '../push/loopback-certificate.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { type RealServer, startRealServer } from '../support/real-server.ts';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

// Pushes to the real Pushgateway, and reads back what it has taken: its own /metrics, and its API of groups.

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** With `webConfig`, the path of such a file, it speaks TLS. */
function startGateway(t: TestContext, program: RealProgram, webConfig?: string): Promise<RealServer> {
  const args = (port: number, folder: string): string[] => [
    `--web.listen-address=127.0.0.1:${port}`,
    `--persistence.file=${join(folder, 'data')}`,
    ...(webConfig === undefined ? [] : [`--web.config.file=${webConfig}`]),
  ];
  return startRealServer(t, program, { args, readyPath: '/-/ready', readyStatus: webConfig === undefined ? 200 : 400 });
}

/** The groups that the gateway has, by their labels. */
async function groupsOf(url: string): Promise<Record<string, string>[]> {
  const response = await fetch(`${url}/api/v1/metrics`, { signal: AbortSignal.timeout(10_000) });
  const { data } = (await response.json()) as { data: { labels: Record<string, string> }[] };
  return data.map(({ labels }) => labels);
}

/** Resolves when the gateway has so many groups: it answers a deletion before it is done. */
async function untilGroups(url: string, count: number): Promise<void> {
  await until(`${count} groups`, async () => ((await groupsOf(url)).length === count ? true : undefined));
}

/** The samples that the gateway exposes of its groups, without the times of its pushes and what it says of itself. */
async function samplesOf(url: string): Promise<string[]> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const families = parse(await response.text()).filter(
    ({ name }) => !/^(go|process|promhttp|pushgateway|push)_/.test(name),
  );
  return families.flatMap(({ type, samples }) =>
    samples.map(({ name, labels, value }) => {
      const shown = [...labels]
        .filter(([label]) => label !== 'instance')
        .map(([label, text]) => `${label}=${JSON.stringify(text)}`);
      return `${type} ${name}{${shown.sort().join()}} ${value}`;
    }),
  );
}

/** One metric of each type that instruments make. */
function everyType(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['queue'], registers });
  counter.inc({ queue: 'a"\\\n' }, 3);
  counter.labels('b').inc(1, { trace_id: 'trace-of-b' });
  new Gauge({ name: 'depth', help: 'Depth.', registers }).set(-0.5);
  new Histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [0.1, 1], registers }).observe(0.5);
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1' });
  new StateSet({ name: 'mode', help: 'Mode.', states: ['on', 'off'], registers }).select('on');
  return registry;
}

const EVERY_SAMPLE = [
  'counter jobs_total{job="x",queue="a\\"\\\\\\n"} 3',
  'counter jobs_total{job="x",queue="b"} 1',
  'gauge build_info{job="x",version="1"} 1',
  'gauge depth{job="x"} -0.5',
  'gauge mode{job="x",mode="off"} 0',
  'gauge mode{job="x",mode="on"} 1',
  'histogram wait_seconds_bucket{job="x",le="+Inf"} 1',
  'histogram wait_seconds_bucket{job="x",le="0.1"} 0',
  'histogram wait_seconds_bucket{job="x",le="1"} 1',
  'histogram wait_seconds_count{job="x"} 1',
  'histogram wait_seconds_sum{job="x"} 0.5',
];

testOnEach(
  'pushgateway',
  'Pushgateway takes every type of metric, in text and protobuf, compressed and not',
  async (program, t) => {
    const { url } = await startGateway(t, program);
    for (const format of ['text', 'protobuf'] as const) {
      for (const gzip of [false, true]) {
        const gateway = new Pushgateway(url, { format, gzip }, everyType());
        const { resp } = await gateway.push({ jobName: 'x' });
        assert.equal(resp.statusCode, 200);
        assert.deepEqual((await samplesOf(url)).sort(), EVERY_SAMPLE, `${format} ${gzip}`);
        const answer = await fetch(`${url}/metrics`, { headers: { accept: PROTOBUF } });
        assert.equal((await answer.text()).includes('trace-of-b'), format === 'protobuf', 'the exemplar');
        assert.equal((await gateway.delete({ jobName: 'x' })).resp.statusCode, 202);
        await untilGroups(url, 0);
      }
    }
  },
);

testOnEach(
  'pushgateway',
  'Pushgateway takes a registry that is set to OpenMetrics, with the same names whether it reads them as OpenMetrics or not',
  async (program, t) => {
    const { url } = await startGateway(t, program);
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const registers = [registry];
    const jobs = new Counter({ name: 'jobs', help: 'Jobs.', registers });
    jobs.inc(3);
    new Gauge({ name: 'depth', help: 'Depth.', registers }).set(-0.5);
    const pushed = async (): Promise<string[]> => {
      await new Pushgateway(url, {}, registry).push({ jobName: 'x' });
      return (await samplesOf(url)).sort();
    };
    // As from prom-client: OpenMetrics has the type under another name than the sample.
    assert.deepEqual(await pushed(), ['gauge depth{job="x"} -0.5', 'unknown jobs_total{job="x"} 3']);
    jobs.labels().inc(1, { trace_id: 'a' }); // an exemplar, for which the gateway would refuse OpenMetrics
    assert.deepEqual(await pushed(), ['counter jobs_total{job="x"} 4', 'gauge depth{job="x"} -0.5']);
  },
);

testOnEach(
  'pushgateway',
  'Pushgateway keeps other metrics of a group with pushAdd(), and replaces all with push()',
  async (program, t) => {
    const { url } = await startGateway(t, program);
    const call = (method: 'push' | 'pushAdd', name: string, value: number, group: PushParameters) => {
      const registry = new MetricsRegistry();
      new Gauge({ name, help: 'Value.', registers: [registry] }).set(value);
      return new Pushgateway(url, {}, registry)[method](group);
    };
    await call('pushAdd', 'a', 1, { jobName: 'x' });
    await call('pushAdd', 'b', 2, { jobName: 'x' });
    await call('pushAdd', 'a', 3, { jobName: 'x' });
    await call('push', 'c', 4, { jobName: 'x', groupings: { shard: 1 } });
    assert.deepEqual(await samplesOf(url), [
      'gauge a{job="x"} 3',
      'gauge b{job="x"} 2',
      'gauge c{job="x",shard="1"} 4',
    ]);
    await call('push', 'b', 5, { jobName: 'x' });
    assert.deepEqual(await samplesOf(url), ['gauge b{job="x"} 5', 'gauge c{job="x",shard="1"} 4']);
    await new Pushgateway(url).delete({ jobName: 'x', groupings: { shard: 1 } });
    await untilGroups(url, 1);
    assert.deepEqual(await samplesOf(url), ['gauge b{job="x"} 5']);
  },
);

testOnEach('pushgateway', 'Pushgateway takes job names and grouping values of any characters', async (program, t) => {
  const { url } = await startGateway(t, program);
  const gateway = new Pushgateway(url, {}, new MetricsRegistry());
  const more = ['/', 'a/b/', '.', '..', '%2F', 'a%', '?#&=+ ', '@base64', '*', '='];
  const values = [...new Set([...NASTY_LABEL_VALUES, ...more])];
  for (const [i, value] of values.entries())
    await gateway.push({ jobName: `job ${value}`, groupings: { value, n: i } });
  const groups = await groupsOf(url);
  const expected = values.map((value, i) => ({
    job: wellFormed(`job ${value}`),
    n: String(i),
    value: wellFormed(value),
  }));
  assert.deepEqual(
    groups.sort((a, b) => Number(a['n']) - Number(b['n'])),
    expected,
  );
  for (const [i, value] of values.entries())
    await gateway.delete({ jobName: `job ${value}`, groupings: { value, n: i } });
  await untilGroups(url, 0);
  t.diagnostic(`${values.length} values there and back`);
});

testOnEach('pushgateway', 'Pushgateway passes on the reason of a gateway that refuses', async (program, t) => {
  const { url } = await startGateway(t, program);
  const registryOf = (type: 'gauge' | 'counter'): MetricsRegistry => {
    const registry = new MetricsRegistry();
    registry.registerCollector({
      name: 'one',
      collect: () => [{ name: 'one', help: 'One.', type, series: [{ value: 1 }] }],
    });
    return registry;
  };
  await new Pushgateway(url, {}, registryOf('gauge')).push({ jobName: 'x' });
  await assert.rejects(new Pushgateway(url, {}, registryOf('counter')).push({ jobName: 'y' }), {
    status: 400,
    message:
      /^Cannot push metrics at http:\S+\/metrics\/job\/y: expected success, but push failed with status 400, .*is not a .*\. Nothing was stored\./s,
  });
  await assert.rejects(new Pushgateway(`${url}/elsewhere`).push({ jobName: 'x' }), { status: 404 });
});

testOnEach(
  'pushgateway',
  'Pushgateway logs in to a gateway that wants TLS and basic authentication',
  async (program, t) => {
    const folder = temporaryFolder(t);
    for (const file of ['key', 'cert'] as const) writeFileSync(join(folder, file), LOOPBACK_CERTIFICATE[file]);
    // The password is `s3cr3t-word`.
    const hash = '$2b$10$abcdefghijklmnopqrstuurE7nuYgU.gqcczw4th.RtvuEq2/M122';
    const config = `tls_server_config: { cert_file: cert, key_file: key }\nbasic_auth_users: { pusher: ${hash} }\n`;
    writeFileSync(join(folder, 'web.yml'), config);
    const server = await startGateway(t, program, join(folder, 'web.yml'));
    const url = server.url.replace('http:', 'https:');
    const { cert: ca } = LOOPBACK_CERTIFICATE;
    const push = (options: PushgatewayOptions, address = url) =>
      new Pushgateway(address, options, everyType()).push({ jobName: 'x' });
    assert.equal((await push({ ca, auth: 'pusher:s3cr3t-word' })).resp.statusCode, 200);
    assert.equal((await push({ ca }, url.replace('://', '://pusher:s3cr3t-word@'))).resp.statusCode, 200);
    await assert.rejects(push({ ca, auth: 'pusher:wrong' }), {
      status: 401,
      message: /push failed with status 401, Unauthorized\. Pass the option auth/,
    });
    await assert.rejects(push({ auth: 'pusher:s3cr3t-word' }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  },
);
