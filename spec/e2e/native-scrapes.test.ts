import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Histogram, MetricsRegistry, startMetricsServer } from '@finpilot/metrics';
import { type NativeBucketsOptions, nativeBuckets } from '@finpilot/metrics/native';
import { startRealServer } from '../support/real-server.ts';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { startPrometheus } from './start-prometheus.ts';

// Real scrapers of a native histogram: what they answer is compared with a recount of the observations.

/** Log-normal around 50 ms. */
const OBSERVED = (() => {
  const random = new SeededRandom(17);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Array.from({ length: 5000 }, () => 0.05 * Math.exp(1.5 * normal())).sort((a, b) => a - b);
})();
const SUM = OBSERVED.reduce((sum, value) => sum + value, 0);

/** How much wider a bucket is than the previous one, with the default factor. */
const GROWTH = 2 ** (1 / 8);

/** Serves a native histogram of {@link OBSERVED}; returns host and port. */
async function serve(t: TestContext, options?: NativeBucketsOptions): Promise<string> {
  const registry = new MetricsRegistry();
  const about = { name: 'run_seconds', help: 'Run.', registers: [registry] };
  const histogram = new Histogram({ ...about, buckets: nativeBuckets(options) });
  for (const value of OBSERVED) histogram.observe(value);
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', registry });
  t.after(() => server.close());
  return `127.0.0.1:${server.port}`;
}

function scrapeOf(address: string): string {
  return `scrape_configs: [{ job_name: run, static_configs: [{ targets: ['${address}'] }] }]`;
}

async function valueOf(api: PrometheusApi, query: string): Promise<number> {
  const [sample, ...others] = await until(query, async () => {
    const found = await api.query(query);
    return found.length === 0 ? undefined : found;
  });
  assert.equal(others.length, 0, query);
  return sample!.value;
}

function countUpTo(limit: number): number {
  return OBSERVED.filter((value) => value <= limit).length;
}

/** Asserts that a job of a scraper has the classic series of {@link OBSERVED}. */
async function assertClassic(
  api: PrometheusApi,
  { upperBounds } = nativeBuckets(),
  selector = '{job="run"}',
): Promise<void> {
  assert.equal(await valueOf(api, `run_seconds_count${selector}`), OBSERVED.length);
  assert.ok(Math.abs((await valueOf(api, `run_seconds_sum${selector}`)) / SUM - 1) < 1e-12);
  const buckets = await api.query(`run_seconds_bucket${selector}`);
  assert.equal(buckets.length, upperBounds.length + 1);
  for (const { labels, value } of buckets)
    assert.equal(value, countUpTo(Number(labels.get('le')!.replace('+Inf', 'Infinity'))));
}

testOnEach(
  'prometheus',
  'Prometheus with native histograms finds quantiles, shares, count, sum and average as stated',
  async (program, t) => {
    const { url } = await startPrometheus(t, program, scrapeOf(await serve(t)), ['native-histograms']);
    const api = new PrometheusApi(url);
    for (const q of [0.01, 0.25, 0.5, 0.9, 0.99, 0.999]) {
      const exact = OBSERVED[Math.ceil(q * OBSERVED.length) - 1]!;
      const found = await valueOf(api, `histogram_quantile(${q}, run_seconds)`);
      assert.ok(found > exact / GROWTH && found < exact * GROWTH, `${q}: expected about ${exact}, got ${found}`);
    }
    // Powers of two are bounds of buckets.
    for (const limit of [2 ** -7, 2 ** -4, 1]) {
      const found = await valueOf(api, `histogram_fraction(0, ${limit}, run_seconds)`);
      assert.ok(Math.abs(found - countUpTo(limit) / OBSERVED.length) < 1e-12, `${limit}: ${found}`);
    }
    assert.equal(await valueOf(api, 'histogram_count(run_seconds)'), OBSERVED.length);
    const average = await valueOf(api, 'histogram_sum(run_seconds) / histogram_count(run_seconds)');
    assert.ok(Math.abs(average / (SUM / OBSERVED.length) - 1) < 1e-12);
    assert.deepEqual(await api.query('run_seconds_bucket'), []);
  },
);

testOnEach('prometheus', 'Prometheus without native histograms finds classic buckets', async (program, t) => {
  const { url } = await startPrometheus(t, program, scrapeOf(await serve(t)));
  await assertClassic(new PrometheusApi(url));
});

/** They are bounds of native buckets, of which that of 0.0964 is no power of two. */
const BOTH = { classicBounds: [0.015625, 0.1, 0.5, 2] };

/** A job of each kind: `run` as it is, `both` with `always_scrape_classic_histograms`, which Prometheus 2.42 does not know. */
function jobsOf(address: string, { name }: RealProgram): string {
  const target = `static_configs: [{ targets: ['${address}'] }]`;
  const jobs = [`{ job_name: run, ${target} }`];
  if (name === 'prometheus3') jobs.push(`{ job_name: both, always_scrape_classic_histograms: true, ${target} }`);
  return `scrape_configs: [${jobs}]`;
}

testOnEach(
  'prometheus',
  'Prometheus with native histograms stores native buckets of both forms, and classic ones too if told so',
  async (program, t) => {
    const jobs = jobsOf(await serve(t, BOTH), program);
    const { url } = await startPrometheus(t, program, jobs, ['native-histograms']);
    const api = new PrometheusApi(url);
    assert.equal(await valueOf(api, 'histogram_count(run_seconds{job="run"})'), OBSERVED.length);
    assert.deepEqual(await api.query('{job="run",__name__=~"run_seconds_.*"}'), []);
    if (program.name !== 'prometheus3') return;
    assert.equal(await valueOf(api, 'histogram_count(run_seconds{job="both"})'), OBSERVED.length);
    await assertClassic(api, nativeBuckets(BOTH), '{job="both"}');
  },
);

testOnEach(
  'prometheus',
  'Prometheus without native histograms stores the classic buckets of both forms',
  async (program, t) => {
    const { url } = await startPrometheus(t, program, jobsOf(await serve(t, BOTH), program));
    const api = new PrometheusApi(url);
    await assertClassic(api, nativeBuckets(BOTH));
    assert.deepEqual(await api.query('run_seconds'), []);
  },
);

testOnEach(
  'prometheus',
  'Prometheus that wants start times only stores the classic buckets of both forms if told so, and else nothing',
  async (program, t) => {
    if (program.name !== 'prometheus3') return t.skip('Prometheus 2 has neither the feature nor the setting');
    const jobs = jobsOf(await serve(t, BOTH), program);
    const { url } = await startPrometheus(t, program, jobs, ['created-timestamp-zero-ingestion']);
    const api = new PrometheusApi(url);
    await assertClassic(api, nativeBuckets(BOTH), '{job="both"}');
    assert.equal(await valueOf(api, 'up{job="run"}'), 1);
    assert.deepEqual(await api.query('{job="run",__name__=~"run_seconds.*"}'), []);
  },
);

testOnEach(
  'prometheus',
  'Prometheus that wants start times only is told to scrape text, since it finds nothing in protobuf',
  async (program, t) => {
    const address = await serve(t);
    const job = (name: string, config: string): string =>
      `{ job_name: ${name}, static_configs: [{ targets: ['${address}'] }]${config} }`;
    const protocols = ', scrape_protocols: [OpenMetricsText1.0.0, PrometheusText0.0.4]';
    if (program.name !== 'prometheus3') return t.skip('Prometheus 2 has neither the feature nor the setting');
    const jobs = `scrape_configs: [${job('any', '')}, ${job('text', protocols)}]`;
    const { url } = await startPrometheus(t, program, jobs, ['created-timestamp-zero-ingestion']);
    const api = new PrometheusApi(url);
    assert.equal(await valueOf(api, 'run_seconds_bucket{job="text",le="1.0"}'), countUpTo(1));
    assert.equal(await valueOf(api, 'up{job="any"}'), 1);
    assert.deepEqual(await api.query('{job="any",__name__=~"run_seconds.*"}'), []);
  },
);

testOnEach('victoria-metrics', 'VictoriaMetrics finds classic buckets in a scrape', async (program, t) => {
  const address = await serve(t);
  const { url } = await startRealServer(t, program, {
    readyPath: '/health',
    args: (port, folder) => {
      const config = join(folder, 'scrape.yml');
      writeFileSync(config, `global: { scrape_interval: 1s, scrape_timeout: 1s }\n${scrapeOf(address)}\n`);
      const server = [`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`];
      return [`-promscrape.config=${config}`, ...server, '-retentionPeriod=1d', '-search.latencyOffset=0s'];
    },
  });
  await assertClassic(new PrometheusApi(url));
});
