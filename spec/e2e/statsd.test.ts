import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startStatsdPush, startStatsdServer } from '../../lib/bridges/statsd/index.ts';
import type { Tags } from '../../lib/bridges/tagged-name.ts';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { everyKind } from '../bridges/every-kind.ts';
import { samplesOf } from '../bridges/statsd/received.ts';
import { SYSTEMS, whyNoSystems } from '../bridges/systems.ts';
import { freePort } from '../support/free-port.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { startEtsy } from './start-etsy.ts';

// StatsD to servers that others wrote, and from clients that others wrote.

const ifSystems = { skip: whyNoSystems() };

function within(found: Record<string, number>, prefix: string): Record<string, number> {
  const own = Object.entries(found).filter(([name]) => name.startsWith(prefix) && !name.includes('metrics_client'));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

test(
  "startStatsdPush() reaches etsy's statsd: counters and gauges are equal there, in each dialect that it reads",
  ifSystems,
  async (t) => {
    const etsy = await startEtsy(t, await freePort(), await freePort());
    for (const protocol of ['udp', 'tcp'] as const) {
      for (const tags of ['dogstatsd', 'graphite', 'name'] as Tags[]) {
        const { registry, scans } = everyKind();
        const prefix = `${protocol}.${tags}.`;
        const push = startStatsdPush({ registry, protocol, tags, prefix, port: etsy.port, intervalSeconds: Infinity });
        await push.push();
        scans.inc({ strategy: 'swing' }, 4);
        await push.close();
        const [mark, between, end] = tags === 'name' ? ['.', '.', '.'] : [';', '=', ';'];
        const place = (name: string, ...labels: string[][]): string =>
          name + labels.map(([label, value], i) => `${i === 0 ? mark : end}${label}${between}${value}`).join('');
        const region = ['region', 'eu'];
        const quantile = ['quantile', tags === 'name' ? '0_5' : '0.5'];
        const counters = await until('the second push', async () => {
          const found = within(await etsy.read('counters'), prefix);
          return found[place('scans_total', ['strategy', 'swing'], region)] === 7 ? found : undefined;
        });
        assert.equal(counters[place('scans_total', region)], 2);
        assert.equal(counters[place('wait_seconds_count', region)], 4);
        assert.equal(counters[place('wait_seconds_sum', region)], 6.5);
        assert.equal(counters[place('size_bytes_sum', region)], 200);
        assert.equal(Object.keys(counters).length, 7);
        const gauges = within(await etsy.read('gauges'), prefix);
        assert.equal(gauges[place('depth', ['i', '0'], region)], 7);
        assert.equal(gauges[place('depth', ['i', '1'], region)], -2.5);
        assert.equal(gauges[place('wait_seconds', region, quantile)], 1.5);
        assert.equal(gauges[place('build_info', ['version', tags === 'name' ? '1_4' : '1.4'], region)], 1);
      }
    }
    const { 'statsd.bad_lines_seen': bad } = await etsy.read('counters');
    assert.equal(bad, 0);
  },
);

test("startStatsdPush() goes on when etsy's statsd is killed and started again", ifSystems, async (t) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const push = startStatsdPush({ registry, port, protocol: 'tcp', intervalSeconds: Infinity });
  const first = await startEtsy(t, port, managementPort);
  jobs.inc(3);
  await push.push();
  await until('the first count', async () => ((await first.read('counters'))['jobs_total'] === 3 ? true : undefined));
  await first.program.stop('SIGKILL');
  jobs.inc(4);
  await assert.rejects(push.push(), { code: 'ECONNREFUSED' });
  const second = await startEtsy(t, port, managementPort);
  jobs.inc(5);
  await push.push();
  await until('what it missed', async () => ((await second.read('counters'))['jobs_total'] === 9 ? true : undefined));
});

test('startStatsdServer() takes what hot-shots and node-statsd send, as they come from npm', ifSystems, async (t) => {
  const registry = new MetricsRegistry();
  const server = await startStatsdServer({ registry, udpPort: 0, tcpPort: 0 });
  t.after(() => server.close());
  const program = `
    const { StatsD } = require('hot-shots');
    const NodeStatsd = require('node-statsd');
    const done = (error) => { if (error) throw error; };
    for (const protocol of ['udp', 'tcp']) {
      const client = new StatsD({ host: '127.0.0.1', port: protocol === 'udp' ? ${server.udpPort} : ${server.tcpPort},
        protocol, prefix: protocol + '.', globalTags: { env: 'prod' }, includeDatadogTelemetry: false });
      client.increment('hits', 3, { route: '/a:b' });
      client.increment('hits', 1, 1, ['route:/a:b'], done);
      client.gauge('depth', 12.5);
      client.timing('wait', 320);
      client.histogram('size', 4);
      client.distribution('spread', 5, ['x']);
      client.set('users', 'ann');
      client.set('users', 'bob');
      client.event('deployed', 'now');
      client.check('up', client.CHECKS.OK);
      client.close(done);
    }
    const plain = new NodeStatsd({ host: '127.0.0.1', port: ${server.udpPort}, prefix: 'plain.' });
    plain.increment('hits');
    plain.decrement('hits');
    plain.gauge('depth', 7);
    plain.timing('wait', 80);
    plain.unique('users', 42);
    setTimeout(() => plain.close(), 200);`;
  const { status, stderr } = runProgram(process.execPath, ['--input-type=commonjs', '--eval', program], SYSTEMS);
  assert.equal(status, 0, stderr);
  const expected = ['udp', 'tcp'].flatMap((protocol) => [
    `${protocol}_depth{env="prod"} 12.5`,
    `${protocol}_hits_total{env="prod",route="/a:b"} 4`,
    `${protocol}_size_sum{env="prod"} 4`,
    `${protocol}_spread_sum{env="prod",x="true"} 5`,
    `${protocol}_wait_seconds_sum{env="prod"} 0.32`,
  ]);
  const plain = ['plain_depth 7', 'plain_hits_total 1', 'plain_wait_seconds_sum 0.08'];
  const samples = await until(
    'all samples',
    async () => {
      const found = await samplesOf(registry);
      return [...expected, ...plain].every((sample) => found.includes(sample)) ? found : undefined;
    },
    { timeoutSeconds: 5 },
  ).catch(async () => assert.deepEqual(await samplesOf(registry), [...expected, ...plain]));
  assert.ok(samples);
  const drops = await samplesOf(registry, /dropped/);
  assert.deepEqual(
    drops.map((line) => line.replace('metrics_client_statsd_dropped_lines_total', '')),
    ['{reason="event"} 2', '{reason="negative_counter"} 1', '{reason="service_check"} 2'],
  );
});

testOnEach('python3-statsd', "startStatsdServer() takes what Python's statsd sends", async (program, t) => {
  const registry = new MetricsRegistry();
  const server = await startStatsdServer({ registry, udpPort: 0, tcpPort: 0 });
  t.after(() => server.close());
  const script = `import statsd
for client in (statsd.StatsClient('127.0.0.1', ${server.udpPort}, prefix='udp'), statsd.TCPStatsClient('127.0.0.1', ${server.tcpPort}, prefix='tcp')):
    client.incr('hits', 3)
    client.decr('hits')
    client.gauge('depth', -4)
    client.gauge('depth', 1, delta=True)
    client.timing('wait', 320.5)
    client.set('users', 'ann')
    with client.pipeline() as pipe:
        pipe.incr('hits', 2)
        pipe.incr('other')
client.close()
`;
  const { status, stderr } = runProgram(program.path, ['-c', script], tmpdir());
  assert.equal(status, 0, stderr);
  const expected = ['udp', 'tcp'].flatMap((kind) => [
    `${kind}_depth -3`,
    `${kind}_hits_total 5`,
    `${kind}_other_total 1`,
    `${kind}_wait_seconds_sum 0.3205`,
  ]);
  await until(
    'all samples',
    async () => {
      const found = await samplesOf(registry);
      return expected.every((sample) => found.includes(sample)) ? true : undefined;
    },
    { timeoutSeconds: 5 },
  ).catch(async () => assert.deepEqual(await samplesOf(registry), expected));
});

testOnEach(
  'collectd',
  'startStatsdPush() reaches collectd, without tags: counters and gauges are equal there',
  async (program, t) => {
    const folder = temporaryFolder(t);
    const tree = join(dirname(dirname(program.path)), 'collectd', 'usr');
    const port = await freePort();
    const config = `Hostname "h"
FQDNLookup false
BaseDir "${folder}"
PIDFile "${folder}/pid"
PluginDir "${tree}/lib/collectd"
TypesDB "${tree}/share/collectd/types.db"
Interval 1
LoadPlugin statsd
LoadPlugin csv
<Plugin statsd>
  Host "127.0.0.1"
  Port "${port}"
</Plugin>
<Plugin csv>
  DataDir "${folder}/csv"
</Plugin>
`;
    writeFileSync(join(folder, 'collectd.conf'), config);
    const started = new StartedProgram(t, { program: program.path, args: ['-f', '-C', join(folder, 'collectd.conf')] });
    await until('collectd to listen', () => {
      started.requireRunning();
      return started.output.includes(`Listening on [127.0.0.1]:${port}`) ? true : undefined;
    });
    const { registry, scans } = everyKind();
    const push = startStatsdPush({ registry, port, tags: 'name', intervalSeconds: Infinity });
    await push.push();
    scans.inc({ strategy: 'swing' }, 4);
    await push.close();
    /** The last number in the file of a value, whose name ends with the day. */
    const read = (name: string): number | undefined => {
      const values = join(folder, 'csv', 'h', 'statsd');
      const file = existsSync(values) ? readdirSync(values).find((one) => one.startsWith(`${name}-`)) : undefined;
      return file === undefined ? undefined : Number(readFileSync(join(values, file), 'utf8').trim().split(',').at(-1));
    };
    await until('both pushes', () => (read('derive-scans_total.strategy.swing.region.eu') === 7 ? true : undefined));
    assert.equal(read('derive-wait_seconds_count.region.eu'), 4);
    assert.equal(read('gauge-depth.i.0.region.eu'), 7);
    assert.equal(read('gauge-depth.i.1.region.eu'), -2.5);
    assert.equal(read('gauge-wait_seconds.region.eu.quantile.0_5'), 1.5);
  },
);
