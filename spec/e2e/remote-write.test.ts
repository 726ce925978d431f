import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type RemoteWriteOptions, startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { MetricsServer } from '../../lib/server/metrics-server.ts';
import { everyKind } from '../bridges/every-kind.ts';
import { freePort } from '../support/free-port.ts';
import type { ParsedSample } from '../support/parsed-family.ts';
import { type RealServer, startRealServer } from '../support/real-server.ts';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { EVERY_TYPE } from './every-type.ts';
import { assertStoredRanges, nativeRun, OBSERVED } from './native-run.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { sortedSamples } from './sorted-samples.ts';
import { everyKindWithUnit, storedMetadata } from './stored-metadata.ts';

// Remote write into systems that others wrote, read back series by series.

const LABELS = { job: 'app', instance: 'app-1' };

/** What they store of spec/bridges/every-kind.ts. NaN is not equal to itself, so values are texts. */
const EXPECTED = [
  'age_bucket{le="+Inf",region="eu"} 3',
  'age_bucket{le="1.0",region="eu"} 2',
  'age_gcount{region="eu"} 3',
  'age_gsum{region="eu"} 5',
  'build_info{region="eu",version="1.4"} 1',
  'depth{i="0",region="eu"} 7',
  'depth{i="1",region="eu"} -2.5',
  'depth{i="2",region="eu"} NaN',
  'depth{i="3",region="eu"} Infinity',
  'phase{phase="off",region="eu"} 0',
  'phase{phase="on",region="eu"} 1',
  'scans_total{region="eu",strategy="a|b,c;d=e:f#g h"} 0.5',
  'scans_total{region="eu",strategy="swing"} 3',
  'scans_total{region="eu"} 2',
  'size_bytes_count{region="eu"} 2',
  'size_bytes_sum{region="eu"} 200',
  'size_bytes{quantile="0.5",region="eu"} 100',
  'wait_seconds_bucket{le="+Inf",region="eu"} 4',
  'wait_seconds_bucket{le="1.0",region="eu"} 1',
  'wait_seconds_bucket{le="2.0",region="eu"} 3',
  'wait_seconds_bucket{le="4.0",region="eu"} 4',
  'wait_seconds_count{region="eu"} 4',
  'wait_seconds_sum{region="eu"} 6.5',
];

function textOf({ name, labels, value }: ParsedSample): string {
  const pairs = [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return `${name}{${pairs.join()}} ${value}`;
}

function start(
  url: string,
  registry: MetricsRegistry,
  options: Partial<RemoteWriteOptions> = {},
): ReturnType<typeof startRemoteWrite> {
  const common = { registry, labels: LABELS, intervalSeconds: Infinity, timeoutSeconds: 20 };
  return startRemoteWrite({ url: `${url}/api/v1/write`, ...common, ...options });
}

async function storedIn(api: PrometheusApi, url: string, count: number): Promise<readonly string[]> {
  const found = await until('all series', async () => {
    await fetch(`${url}/internal/force_flush`).catch(() => undefined); // VictoriaMetrics; Prometheus has no such page
    const all = await api.query('{job="app",instance="app-1",__name__!~"metrics_client.*"}');
    return all.length >= count ? all : undefined;
  });
  return found.map(textOf).sort();
}

testOnEach(
  'prometheus',
  'startRemoteWrite() reaches Prometheus: names, labels, values, exemplars; removed series end at once',
  async (program, t) => {
    const server = await startPrometheusReceiver(program, t);
    const api = new PrometheusApi(server.url);
    const { registry, scans } = everyKind();
    const about = { name: 'traced_total', help: 'Traced.', registers: [registry], enableExemplars: true } as const;
    new Counter(about).inc({ value: 3, exemplarLabels: { trace_id: 'ab' } });
    const push = start(server.url, registry);
    await push.push();
    const expected = [...EXPECTED, 'traced_total{region="eu"} 3'].sort();
    assert.deepEqual(await storedIn(api, server.url, expected.length), expected);
    const [exemplar] = await api.exemplars('traced_total');
    assert.deepEqual([exemplar?.labels, exemplar?.value], [{ trace_id: 'ab' }, 3]);
    scans.remove({ strategy: 'swing' });
    await push.push();
    assert.equal((await api.query('scans_total')).length, 2);
    await push.close();
    assert.deepEqual(await api.query('{job="app"}'), []);
    assert.equal((await api.samples('scans_total{strategy="swing"}')).length, 1); // and not the stale marker
  },
);

testOnEach(
  'prometheus',
  'startRemoteWrite() brings to Prometheus what a scrape of OpenMetrics would, for names and values of every sort',
  async (program, t) => {
    const server = await startPrometheusReceiver(program, t);
    await start(server.url, EVERY_TYPE.createRegistry()).push();
    const found = await new PrometheusApi(server.url).query('{job="app",__name__=~"e2e.*"}');
    const expected = EVERY_TYPE.samples('openmetrics').filter(({ name }) => !name.endsWith('_created'));
    assert.deepEqual(sortedSamples(found), sortedSamples(expected));
  },
);

testOnEach(
  'victoria-metrics',
  'startRemoteWrite() reaches VictoriaMetrics by version 1.0: names, labels and values are equal',
  async (program, t) => {
    const server = await startRealServer(t, program, {
      readyPath: '/health',
      args: (port, folder) => victoriaMetricsArgs(port, join(folder, 'data')),
    });
    const { registry } = everyKind();
    await start(server.url, registry).push();
    // It does not store NaN, which no query could tell from a gap.
    const expected = EXPECTED.filter((line) => !line.endsWith('NaN'));
    assert.deepEqual(await storedIn(new PrometheusApi(server.url), server.url, expected.length), expected);
  },
);

testOnEach(
  'victoria-metrics',
  'startRemoteWrite() fails while VictoriaMetrics is dead, and its totals are right when it is back',
  async (program, t) => {
    const port = await freePort();
    const folder = temporaryFolder(t);
    const url = `http://127.0.0.1:${port}`;
    const startVictoriaMetrics = async (): Promise<StartedProgram> => {
      const args = victoriaMetricsArgs(port, join(folder, 'data'));
      const started = new StartedProgram(t, { program: program.path, args });
      await until('VictoriaMetrics to listen', async () => {
        started.requireRunning();
        return fetch(`${url}/health`).then(
          () => true,
          () => undefined,
        );
      });
      return started;
    };
    const registry = new MetricsRegistry();
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
    const push = start(url, registry, { timeoutSeconds: 1, retryDelay: 10 });
    const first = await startVictoriaMetrics();
    jobs.inc();
    await push.push();
    await first.stop('SIGKILL');
    jobs.inc();
    await assert.rejects(push.push(), { code: 'ECONNREFUSED' });
    await startVictoriaMetrics();
    jobs.inc();
    await push.push();
    const [stored] = await storedIn(new PrometheusApi(url), url, 1);
    assert.equal(stored, 'jobs_total{} 3');
  },
);

testOnEach(
  'prometheus',
  'startRemoteWrite() brings native histograms to Prometheus: what it stores is what it scrapes',
  async (program, t) => {
    const { registry, child } = nativeRun();
    const scraped = new MetricsServer({ registry, host: '127.0.0.1', port: 0 });
    await scraped.listen();
    t.after(() => scraped.close());
    const server = await startPrometheusReceiver(program, t, ['native-histograms'], scraped.port);
    const api = new PrometheusApi(server.url);
    const push = start(server.url, registry);
    await push.push();
    const [first] = await until('a scrape', async () => {
      const found = await api.histograms('run_seconds{job="scraped"}');
      return found.length === 0 ? undefined : found;
    });
    assert.equal(first!.count, String(OBSERVED.length));
    assert.deepEqual(await api.histograms('run_seconds{job="app"}'), [first]);
    const values = async (): Promise<number[]> =>
      (await api.exemplars('run_seconds{job="app"}')).map(({ value }) => value).sort((a, b) => a - b);
    // 2.42 drops the exemplars of native histograms that are written to it.
    const keepsExemplars = !(await api.version()).startsWith('2.');
    if (keepsExemplars) assert.ok((await values()).length > 5);
    for (const value of [5.5, 12]) child.observe(value, { trace_id: String(value) });
    await push.push(); // fails if exemplars come twice, which would be out of order
    assert.deepEqual(
      (await api.query('histogram_count(run_seconds{job="app"})')).map(({ value }) => value),
      [OBSERVED.length + 2],
    );
    if (keepsExemplars) assert.ok((await values()).includes(12));
    await push.close();
    assert.deepEqual(await api.histograms('run_seconds{job="app"}'), []);
  },
);

testOnEach(
  'prometheus',
  'startRemoteWrite() sends classic buckets to a Prometheus that was started without native histograms',
  async (program, t) => {
    const server = await startPrometheusReceiver(program, t);
    const api = new PrometheusApi(server.url);
    const { registry, upperBounds } = nativeRun();
    const push = start(server.url, registry);
    await push.push();
    await push.push();
    const stored = await api.query('run_seconds_bucket{job="app"}');
    assert.equal(stored.length, upperBounds.length + 1);
    assert.equal(stored.find(({ labels }) => labels.get('le') === '+Inf')!.value, OBSERVED.length);
  },
);

testOnEach(
  'victoria-metrics',
  'startRemoteWrite() brings native buckets to VictoriaMetrics, as ranges of its own kind',
  async (program, t) => {
    const server = await startRealServer(t, program, {
      readyPath: '/health',
      args: (port, folder) => victoriaMetricsArgs(port, join(folder, 'data')),
    });
    await start(server.url, nativeRun().registry).push();
    await assertStoredRanges(new PrometheusApi(server.url), server.url, '{job="app",kind="a"}');
  },
);

testOnEach(
  'victoria-metrics',
  'startRemoteWrite() brings types, help texts and units to VictoriaMetrics',
  async (program, t) => {
    const server = await startRealServer(t, program, {
      readyPath: '/health',
      args: (port, folder) => [...victoriaMetricsArgs(port, join(folder, 'data')), '-enableMetadata'],
    });
    await start(server.url, everyKindWithUnit()).push();
    assert.deepEqual(await storedMetadata(new PrometheusApi(server.url), 8), [
      'age gauge histogram Age.',
      'build_info info Build.',
      'depth gauge Depth.',
      'phase stateset Phase.',
      'scans_total counter Scans.',
      'size_bytes summary Size.',
      'size_of_all_bytes gauge Size of all. bytes',
      'wait_seconds histogram Wait.',
    ]);
  },
);

function victoriaMetricsArgs(port: number, dataFolder: string): string[] {
  const listen = [`-storageDataPath=${dataFolder}`, `-httpListenAddr=127.0.0.1:${port}`];
  return [...listen, '-retentionPeriod=1d', '-search.latencyOffset=0s', '-loggerLevel=WARN'];
}

function startPrometheusReceiver(
  program: RealProgram,
  t: TestContext,
  features: readonly string[] = [],
  scrapedPort?: number,
): Promise<RealServer> {
  return startRealServer(t, program, {
    readyPath: '/-/ready',
    args: (port, folder) => {
      const scrape =
        scrapedPort === undefined
          ? ''
          : `scrape_configs: [{ job_name: scraped, scrape_interval: 1s, scrape_timeout: 1s,
              static_configs: [{ targets: ['127.0.0.1:${scrapedPort}'] }] }]`;
      writeFileSync(join(folder, 'prometheus.yml'), scrape);
      return [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...['--web.enable-remote-write-receiver', '--log.level=warn'],
        `--enable-feature=${['exemplar-storage', ...features].join(',')}`,
      ];
    },
  });
}
