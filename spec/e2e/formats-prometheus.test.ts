import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { before } from 'node:test';
import { parse } from '@finpilot/metrics/parse';
import { deadline } from '../support/deadline.ts';
import { fileCleanup } from '../support/file-cleanup.ts';
import type { ParsedSample } from '../support/parsed-family.ts';
import type { RealServer } from '../support/real-server.ts';
import { findPrograms, type RealProgram, testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { until } from '../support/until.ts';
import { EVERY_TYPE } from './every-type.ts';
import { type FormatsJob, formatsJobs } from './formats-jobs.ts';
import { PrometheusApi } from './prometheus-api.ts';
import type { RecordingProxy } from './recording-proxy.ts';
import { sortedSamples } from './sorted-samples.ts';
import { startFormatsProxy } from './start-formats-proxy.ts';
import { startPrometheus } from './start-prometheus.ts';
import { UTF8_NAMES } from './utf8-names.ts';

// Registries that hold every type and all sorts of names, scraped by every version of Prometheus that this machine has, in
// every format that it takes: what it then knows must be what the registries hold.

/** A Prometheus, and what it has to do with us. */
interface Scraper {
  readonly majorVersion: number;
  readonly jobs: readonly FormatsJob[];
  readonly proxy: RecordingProxy;
  readonly server: RealServer;
  readonly api: PrometheusApi;
}

/** Prometheus 2 asks for protobuf only if it takes native histograms. The registries here have none. */
const FEATURES = {
  prometheus2: ['exemplar-storage', 'native-histograms'],
  prometheus3: ['exemplar-storage', 'created-timestamp-zero-ingestion'],
} as const;

/** With `createdLines`; of the requests, each method has one. */
const CREATED = ['answer_bytes', 'duration_seconds', 'requests', 'requests', 'sent_bytes'].map(
  (name) => `e2e_${name}_created`,
);

const cleanup = fileCleanup();
const scrapers = new Map<string, Scraper>();
const startedAtSeconds = Date.now() / 1000;

before(startAll, { timeout: deadline(90) });

async function startAll(): Promise<void> {
  const start = async (program: RealProgram): Promise<unknown> =>
    scrapers.set(program.path, await startScraper(program));
  await Promise.all(findPrograms('prometheus').map(start));
}

async function startScraper(program: RealProgram): Promise<Scraper> {
  const majorVersion = majorVersionOf(program);
  const scraper = majorVersion === 2 ? 'prometheus2' : 'prometheus3';
  const jobs = formatsJobs(scraper);
  const proxy = await startFormatsProxy(cleanup, jobs);
  const scrapeConfigs = jobs.map(({ name, config }) => {
    const told = config === undefined ? '' : `, ${config}`;
    return `{ job_name: ${name}, metrics_path: /${name}/metrics, static_configs: [{ targets: ['${proxy.address}'] }]${told} }`;
  });
  const server = await startPrometheus(
    cleanup,
    program,
    `scrape_configs: [${scrapeConfigs.join()}]`,
    FEATURES[scraper],
  );
  const api = new PrometheusApi(server.url);
  await until(`two scrapes of each job by ${program.name}`, async () => {
    const counts = await api.query('count_over_time(up[5m])');
    return counts.length === jobs.length && counts.every(({ value }) => value >= 2) ? true : undefined;
  });
  return { majorVersion, jobs, proxy, server, api };
}

function majorVersionOf({ path }: RealProgram): number {
  const { stdout, stderr } = runProgram(path, ['--version'], tmpdir());
  return Number(/version (\d+)\./.exec(stdout + stderr)?.[1] ?? assert.fail(`${path} does not say its version`));
}

function scraperOf({ path }: RealProgram): Scraper {
  return scrapers.get(path)!;
}

function expectedSamples({ target, wire, escaping }: FormatsJob): ParsedSample[] {
  return target === 'utf8' ? UTF8_NAMES.samples(escaping) : EVERY_TYPE.samples(wire);
}

/** The series of a job that a registry of ours holds, without those that Prometheus or a server adds. */
function seriesOf({ name }: FormatsJob): string {
  return `{job="${name}",__name__=~"(U__)?e2e.*"}`;
}

testOnEach(
  'prometheus',
  'MetricsServer answers each scrape protocol in its format, compressed unless told not to',
  (program, t) => {
    const { jobs, proxy } = scraperOf(program);
    for (const { name, target, contentType } of jobs) {
      const { requestHeaders, status, responseHeaders } = proxy.exchange(name);
      assert.equal(status, 200, name);
      assert.equal(responseHeaders['content-type'], contentType, name);
      assert.match(String(requestHeaders['accept-encoding']), /gzip/, name);
      // The names of all sorts take less than what is worth compressing.
      const encoding = target === 'every-type' || target === 'created-lines' ? 'gzip' : undefined;
      assert.equal(responseHeaders['content-encoding'], encoding, name);
      assert.equal(responseHeaders.vary, target === 'uncompressed' ? 'Accept' : 'Accept, Accept-Encoding', name);
    }
    t.diagnostic(`${jobs.length} jobs`);
  },
);

testOnEach(
  'prometheus',
  'Prometheus finds each target up at each scrape, warns of nothing and drops nothing',
  async (program) => {
    const { api, jobs, server } = scraperOf(program);
    const ups = await api.query('min by (job) (min_over_time(up[5m])) == 1');
    assert.equal(ups.length, jobs.length);
    assert.deepEqual(
      (await api.targets()).filter(({ health, lastError }) => health !== 'up' || lastError !== ''),
      [],
    );
    assert.equal(server.program.output, '', 'warnings in the log');
    const own = parse(await (await fetch(`${server.url}/metrics`)).text());
    const isFault = /^prometheus_target_scrapes_.*(duplicate|out_of|exceeded)|exemplar_out_of_order/;
    const faults = own.filter(({ name }) => isFault.test(name));
    assert.ok(faults.length >= 4, `${faults.length} counters of faults`);
    assert.deepEqual(
      faults.flatMap(({ samples }) => samples).filter(({ value }) => value !== 0),
      [],
    );
  },
);

testOnEach('prometheus', 'Prometheus stores from each format the values that the registry holds', async (program) => {
  const { api, jobs, majorVersion } = scraperOf(program);
  for (const job of jobs) {
    const stored = (await api.query(seriesOf(job))).filter(({ name }) => !name.endsWith('_created'));
    if (majorVersion === 2 && job.wire === 'protobuf') {
      // It drops the suffixes of a gauge histogram in protobuf, and with them the difference between sum and count.
      const isRead = ({ name }: ParsedSample): boolean => !name.startsWith('e2e_age_seconds');
      assert.deepEqual(
        sortedSamples(stored.filter(isRead)),
        sortedSamples(expectedSamples(job).filter(isRead)),
        job.name,
      );
      continue;
    }
    assert.deepEqual(sortedSamples(stored), sortedSamples(expectedSamples(job)), job.name);
    // A series that is there twice would be stored once.
    const [scraped] = await api.query(`scrape_samples_scraped{job="${job.name}"}`);
    const [count] = await api.query(`count({job="${job.name}",__name__!~"up|scrape_.*"})`);
    assert.equal(scraped?.value, count?.value, job.name);
  }
});

testOnEach('prometheus', 'Prometheus learns types, units and help texts from each format', async (program) => {
  const { api, jobs, majorVersion } = scraperOf(program);
  for (const { name, wire } of jobs.filter(({ target }) => target === 'every-type')) {
    // Prometheus 2 passes over the unit in protobuf, which was new then.
    const hasUnits = wire === 'openmetrics' || (wire === 'protobuf' && majorVersion > 2);
    const metadata = (await api.metadata(name)).filter(({ metric }) => metric.startsWith('e2e_'));
    const shown = metadata.map(({ metric, type, unit }) => `${metric} ${type} ${unit}`.trim()).sort();
    assert.deepEqual(shown, EVERY_TYPE.metadata(wire, hasUnits), name);
    const { help } = metadata.find(({ metric }) => metric.startsWith('e2e_requests'))!;
    assert.equal(help, 'A "counter" with \\ and\na line feed.', name);
  }
});

testOnEach(
  'prometheus',
  'Prometheus finds the exemplars in each format that has them, with labels, value and time',
  async (program) => {
    const { api, jobs } = scraperOf(program);
    for (const { name, wire } of jobs.filter(({ target }) => target === 'every-type')) {
      const found = await api.exemplars(`{job="${name}"}`);
      const bySeries = new Map(
        found.map((exemplar) => {
          const point = [...exemplar.series.labels].filter(([label]) => label === 'method' || label === 'le');
          return [[exemplar.series.name, ...point.map((pair) => pair.join('='))].join(' '), exemplar];
        }),
      );
      const expected = wire === 'text' ? [] : EVERY_TYPE.exemplars(wire);
      assert.equal(found.length, expected.length, name);
      for (const { series, labels, value, timestampSeconds } of expected) {
        const exemplar = bySeries.get(series) ?? assert.fail(`${name}: no exemplar of ${series}`);
        assert.deepEqual({ labels: exemplar.labels, value: exemplar.value }, { labels, value }, `${name}: ${series}`);
        // Prometheus counts in milliseconds, and rounds down.
        const [least, most] = [timestampSeconds ?? startedAtSeconds - 0.001, timestampSeconds ?? Date.now() / 1000];
        assert.ok(exemplar.timestampSeconds >= least && exemplar.timestampSeconds <= most, `${name}: ${series}`);
      }
    }
  },
);

testOnEach(
  'prometheus',
  'Prometheus 3 can be asked for UTF-8 names, 2 for the same with underscores',
  async (program) => {
    const { api, majorVersion } = scraperOf(program);
    const byName = majorVersion === 2 ? 'e2e_http_server_duration_count' : '{"e2e.http.server.duration_count"}';
    const byLabel = majorVersion === 2 ? '{http_method="GET"}' : '{"e2e.http.requests_total","http.method"="GET"}';
    // Two jobs of each version get these names, in different formats.
    assert.deepEqual(
      (await api.query(byName)).map(({ value }) => value),
      [1, 1],
    );
    assert.deepEqual(
      (await api.query(byLabel)).map(({ value }) => value),
      [5, 5],
    );
  },
);

testOnEach(
  'prometheus',
  'Prometheus 3 takes the start of a series from protobuf and _created, 2 stores _created lines',
  async (program) => {
    const { api, jobs, majorVersion } = scraperOf(program);
    for (const { name, target, wire } of jobs) {
      const startsOf = async (metric: string): Promise<number[]> => {
        const samples = await api.samples(`${metric}{job="${name}"}`);
        return samples.filter(({ value }) => value === 0).map(({ timestamp }) => timestamp / 1000);
      };
      const takesStarts =
        majorVersion > 2 && (target === 'created-lines' || (target === 'every-type' && wire === 'protobuf'));
      assert.deepEqual(await startsOf('e2e_answer_bytes_count'), takesStarts ? [EVERY_TYPE.collectedSince] : [], name);
      const starts = await startsOf('e2e_sent_bytes_total');
      assert.equal(starts.length, takesStarts ? 1 : 0, name);
      assert.ok(
        starts.every((start) => start >= startedAtSeconds - 0.001 && start <= Date.now() / 1000),
        name,
      );

      const created = await api.query(`{job="${name}",__name__=~"e2e.*_created"}`);
      const names = majorVersion === 2 && target === 'created-lines' ? CREATED : [];
      assert.deepEqual(created.map((series) => series.name).sort(), names, name);
      assert.ok(
        created.every(({ value }) => value >= EVERY_TYPE.collectedSince && value <= Date.now() / 1000),
        name,
      );
    }
  },
);
