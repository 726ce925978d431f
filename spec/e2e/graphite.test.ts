import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startGraphitePush } from '../../lib/bridges/graphite.ts';
import { everyKind } from '../bridges/every-kind.ts';
import { freePort } from '../support/free-port.ts';
import { startRealServer } from '../support/real-server.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';

// Graphite's plaintext protocol into systems that others wrote, and what they have stored.

/** What they store of spec/bridges/every-kind.ts: by name and tags, in the order of the tags' names. */
const EXPECTED: Readonly<Record<string, number>> = {
  'app.age_bucket;le=+Inf;region=eu': 3,
  'app.age_bucket;le=1;region=eu': 2,
  'app.age_count;region=eu': 3,
  'app.age_sum;region=eu': 5,
  'app.build_info;region=eu;version=1.4': 1,
  'app.depth;i=0;region=eu': 7,
  'app.depth;i=1;region=eu': -2.5,
  'app.phase;phase=off;region=eu': 0,
  'app.phase;phase=on;region=eu': 1,
  'app.scans_total;region=eu': 2,
  'app.scans_total;region=eu;strategy=a_b_c_d_e_f_g_h': 0.5,
  'app.scans_total;region=eu;strategy=swing': 3,
  'app.size_bytes;quantile=0.5;region=eu': 100,
  'app.size_bytes_count;region=eu': 2,
  'app.size_bytes_sum;region=eu': 200,
  'app.wait_seconds_bucket;le=+Inf;region=eu': 4,
  'app.wait_seconds_bucket;le=1;region=eu': 1,
  'app.wait_seconds_bucket;le=2;region=eu': 3,
  'app.wait_seconds_bucket;le=4;region=eu': 4,
  'app.wait_seconds_count;region=eu': 4,
  'app.wait_seconds_sum;region=eu': 6.5,
};

testOnEach(
  'victoria-metrics',
  'startGraphitePush() reaches VictoriaMetrics: tags are labels there, and all values are equal',
  async (program, t) => {
    const graphitePort = await freePort();
    const server = await startRealServer(t, program, {
      readyPath: '/health',
      args: (port, folder) => [
        `-storageDataPath=${join(folder, 'data')}`,
        `-httpListenAddr=127.0.0.1:${port}`,
        `-graphiteListenAddr=127.0.0.1:${graphitePort}`,
        ...['-retentionPeriod=1d', '-search.latencyOffset=0s', '-loggerLevel=WARN'],
      ],
    });
    const { registry } = everyKind();
    const push = startGraphitePush({ registry, port: graphitePort, prefix: 'app.', intervalSeconds: Infinity });
    await push.push();
    const api = new PrometheusApi(server.url);
    const stored = await until('all series', async () => {
      await fetch(`${server.url}/internal/force_flush`);
      const found = (await api.query('{__name__=~"app.*"}')).filter(({ name }) => !name.includes('metrics_client'));
      return found.length >= Object.keys(EXPECTED).length ? found : undefined;
    });
    const byName = stored.map(({ name, labels, value }) => {
      const tags = [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, text]) => `;${label}=${text}`);
      return [name + tags.join(''), value] as const;
    });
    assert.deepEqual(Object.fromEntries(byName.sort()), EXPECTED);
    const own = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(own, /^vm_rows_invalid_total\{type="graphite"\} 0$/m);
  },
);

testOnEach(
  'carbon-cache',
  'startGraphitePush() reaches carbon, killed and started again: tagged series hold the values',
  async (program, t) => {
    const folder = temporaryFolder(t);
    const [port, picklePort, queryPort] = [await freePort(), await freePort(), await freePort()];
    const config = {
      ...{
        STORAGE_DIR: folder,
        LOCAL_DATA_DIR: join(folder, 'whisper'),
        CONF_DIR: folder,
        LOG_DIR: folder,
        PID_DIR: folder,
      },
      ...{ LINE_RECEIVER_INTERFACE: '127.0.0.1', LINE_RECEIVER_PORT: port, PICKLE_RECEIVER_INTERFACE: '127.0.0.1' },
      ...{ PICKLE_RECEIVER_PORT: picklePort, CACHE_QUERY_INTERFACE: '127.0.0.1', CACHE_QUERY_PORT: queryPort },
      ...{
        ENABLE_TAGS: 'False',
        MAX_CREATES_PER_MINUTE: 'inf',
        CARBON_METRIC_INTERVAL: 0,
        MAX_UPDATES_PER_SECOND: 'inf',
      },
    };
    const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}\n`);
    writeFileSync(join(folder, 'carbon.conf'), `[cache]\n${lines.join('')}`);
    writeFileSync(join(folder, 'storage-schemas.conf'), '[all]\npattern = .*\nretentions = 1s:1h\n');
    const start = async (): Promise<StartedProgram> => {
      const args = [`--config=${join(folder, 'carbon.conf')}`, '--nodaemon', 'start'];
      const environment = { GRAPHITE_CONF_DIR: folder, GRAPHITE_STORAGE_DIR: folder };
      const started = new StartedProgram(t, { program: program.path, args, folder, environment });
      await until('carbon to listen', () => {
        started.requireRunning();
        return isListening(port);
      });
      return started;
    };
    const { registry } = everyKind();
    const push = startGraphitePush({ registry, port, prefix: 'app.', intervalSeconds: Infinity });
    const first = await start();
    await push.push();
    await first.stop('SIGKILL');
    await assert.rejects(push.push(), { code: 'ECONNREFUSED' });
    const second = await start();
    await push.push();
    const names = Object.keys(EXPECTED);
    await until('all series', () => {
      second.requireRunning();
      const count = readdirSync(folder, { recursive: true }).filter((path) => String(path).endsWith('.wsp')).length;
      return count >= names.length ? true : undefined;
    });
    // Whisper files have no names within: where one is follows from its series.
    const script = `
import json, os, sys, time, whisper
from carbon.util import TaggedSeries
found = {}
for name in json.loads(sys.argv[2]):
    path = os.path.join(sys.argv[1], *TaggedSeries.encode(name, '/', hash_only=True).split('/')) + '.wsp'
    (_, values) = whisper.fetch(path, int(time.time()) - 300)
    found[name] = [value for value in values if value is not None][-1]
print(json.dumps(found))`;
    const python = /exec (env .*?) "\$tree\/usr\/bin/.exec(readFileSync(program.path, 'utf8'))![1]!;
    const tree = join(program.path, '..', '..', 'carbon-cache');
    const command = `tree='${tree}'; exec ${python} -c "$1" "$2" "$3"`;
    const stored = await until('all values', () => {
      const { stdout } = runProgram(
        '/bin/sh',
        ['-c', command, 'sh', script, join(folder, 'whisper'), JSON.stringify(names)],
        folder,
      );
      return stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, number>);
    });
    assert.deepEqual(stored, EXPECTED);
  },
);

/** Resolves to true if somebody accepts connections there, else to undefined. */
function isListening(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(undefined));
  });
}
