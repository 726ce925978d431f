import assert from 'node:assert/strict';
import { before } from 'node:test';
import { Histogram } from '@finpilot/metrics';
import { deadline } from '../support/deadline.ts';
import { fileCleanup } from '../support/file-cleanup.ts';
import { histogramsOf, type ParsedHistogram } from '../support/histograms-of.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import type { RealServer } from '../support/real-server.ts';
import { findPrograms, type RealProgram, testOnEach } from '../support/real-system.ts';
import { risingValues } from '../support/scrape-faults.ts';
import { seriesKey } from '../support/series-key.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { startPrometheus } from './start-prometheus.ts';
import { type StartedScanner, startScanner } from './start-scanner.ts';

// The scanner as `npm start` runs it, scraped by every version of Prometheus that this machine has, once a second.

/** Scrapes with completed scans to wait for: the first such scan comes with the twelfth day. */
const SCRAPES = 8;
/** Days and scrapes fall differently each time, so that no test looks at one moment of the day only. */
const PACE_MILLISECONDS = 230;
/** Prometheus and we sum up in different orders. */
const ROUNDING = 1e-9;

const cleanup = fileCleanup();
const programs = findPrograms('prometheus');
const servers = new Map<string, RealServer>();
let scanner: StartedScanner;

before(startAll, { timeout: deadline(90) });

async function startAll(): Promise<void> {
  if (programs.length === 0) return;
  scanner = await startScanner(cleanup, { paceMilliseconds: PACE_MILLISECONDS });
  const targets = `[{ targets: ['${new URL(scanner.url).host}'] }]`;
  const scrapeConfigs = `scrape_configs: [{ job_name: finpilot, static_configs: ${targets} }]`;
  await Promise.all(
    programs.map(async (program) => {
      servers.set(program.path, await startPrometheus(cleanup, program, scrapeConfigs));
      await until(`${SCRAPES} scrapes by ${program.name}`, async () => {
        return (await durationScrapeSeconds(apiOf(program))).length >= SCRAPES ? true : undefined;
      });
    }),
  );
}

function apiOf({ path }: RealProgram): PrometheusApi {
  return new PrometheusApi(servers.get(path)!.url);
}

/** The times of the scrapes, in seconds, by which a scan had been completed. */
async function durationScrapeSeconds(api: PrometheusApi): Promise<readonly number[]> {
  const samples = await api.samples('finpilot_scan_duration_p50_seconds');
  return samples.filter(({ value }) => !Number.isNaN(value)).map(({ timestamp }) => timestamp / 1000);
}

async function readScanner(): Promise<Map<string, number>> {
  const response = await fetch(`${scanner.url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  return risingValues(parseExposition(await response.text()));
}

testOnEach('prometheus', 'Prometheus finds the scanner up at each scrape and nothing amiss', async (program, t) => {
  const api = apiOf(program);
  const ups = await api.samples('up');
  assert.ok(ups.length >= SCRAPES);
  assert.deepEqual(
    ups.filter(({ value }) => value !== 1),
    [],
  );
  const targets = (await api.targets()).map(({ scrapeUrl, health, lastError }) => ({ scrapeUrl, health, lastError }));
  assert.deepEqual(targets, [{ scrapeUrl: `${scanner.url}/metrics`, health: 'up', lastError: '' }]);
  assert.equal(servers.get(program.path)!.program.output, '', 'warnings in the log');
  t.diagnostic(`Prometheus ${await api.version()}: ${ups.length} scrapes, up == 1 in each`);
});

testOnEach('prometheus', 'Prometheus stores every sample of a scrape as a series of its own', async (program) => {
  const api = apiOf(program);
  const time = (await durationScrapeSeconds(api)).at(-1)!;
  const [scraped] = await api.query('scrape_samples_scraped', time);
  const [stored] = await api.query('count({job="finpilot", __name__!~"up|scrape_.*"})', time);
  assert.ok(scraped !== undefined && scraped.value > 100);
  assert.equal(stored?.value, scraped.value);
});

testOnEach('prometheus', 'Prometheus has values that lie between two that the scanner reports', async (program, t) => {
  const api = apiOf(program);
  const earlier = await readScanner();
  const readAtSeconds = Date.now() / 1000;
  const time = await until('another scrape', async () => {
    return (await durationScrapeSeconds(api)).find((seconds) => seconds > readAtSeconds);
  });
  const stored = await api.query('{job="finpilot"}', time);
  const later = await readScanner();

  const values = new Map(stored.map(({ name, labels, value }) => [`${name} ${seriesKey(labels)}`, value]));
  const faults = [...earlier].flatMap(([key, least]) => {
    const value = values.get(key);
    const most = later.get(key) ?? NaN;
    const isBetween = value !== undefined && value >= least && value <= most;
    return isBetween ? [] : [`${key}: expected ${least} to ${most}, got ${value}`];
  });
  assert.deepEqual(faults, []);
  assert.ok(earlier.size > 100, `${earlier.size} values`);
  const fixed = [...earlier].filter(([key, value]) => later.get(key) === value).length;
  t.diagnostic(`${earlier.size} values: ${fixed} equal the scanner's, the others lie between two that it reported`);
});

testOnEach('prometheus', 'Histogram.quantile() gives what histogram_quantile() gives', async (program, t) => {
  const api = apiOf(program);
  const time = (await durationScrapeSeconds(api)).at(-1)!;
  const quantiles = [0.01, 0.5, 0.9, 0.95, 0.99, 0.999];
  let compared = 0;
  for (const area of ['scan_duration', 'api_latency', 'inference_duration']) {
    const name = `finpilot_${area}_seconds`;
    const samples = await api.query(`${name}_bucket`, time);
    const histograms = histogramsOf([{ name, type: 'histogram', help: '', samples }]);
    for (const q of quantiles) {
      for (const { labels, value } of await api.query(`histogram_quantile(${q}, ${name}_bucket)`, time)) {
        const own = rebuilt(histograms.get(`${name} ${seriesKey(labels)}`)!).quantile(q);
        assert.ok(isSame(own, value), `${name} ${seriesKey(labels)}: expected quantile ${q} of ${value}, got ${own}`);
        compared++;
      }
    }
  }
  assert.ok(compared >= 6 * quantiles.length, `${compared} compared`);
  t.diagnostic(`${compared} quantiles agree`);
});

/** A histogram of the library with as many observations in each bucket. */
function rebuilt({ upperBounds, counts }: ParsedHistogram): Histogram<never> {
  const buckets = upperBounds.slice(0, -1);
  const histogram = new Histogram({ name: 'rebuilt', help: 'As scraped.', buckets, registers: [] });
  for (const [bucket, count] of counts.entries()) {
    for (let i = 0; i < count; i++) histogram.observe(buckets[bucket] ?? Infinity);
  }
  return histogram;
}

testOnEach('prometheus', 'the gauges of scan duration percentiles agree with its buckets', async (program, t) => {
  const api = apiOf(program);
  // The gauges are read when a scrape begins, the buckets when its health checks have been heard, some milliseconds
  // later: a scan that ends in between is in the buckets only, and such a scrape cannot be compared.
  const result = await until('five scrapes whose gauges and buckets agree', async () => {
    const times = await durationScrapeSeconds(api);
    const areEqual = await Promise.all(times.map((time) => arePercentilesEqual(api, time)));
    const equal = areEqual.filter((isEqual) => isEqual).length;
    return equal >= 5 ? `equal in ${equal} of ${times.length} scrapes` : undefined;
  });
  t.diagnostic(result);
});

async function arePercentilesEqual(api: PrometheusApi, time: number): Promise<boolean> {
  const pairs = [50, 95, 99].map(async (percent) => {
    const [gauge] = await api.query(`finpilot_scan_duration_p${percent}_seconds`, time);
    const buckets = 'sum by (le) (finpilot_scan_duration_seconds_bucket)';
    const [quantile] = await api.query(`histogram_quantile(${percent / 100}, ${buckets})`, time);
    return isSame(gauge?.value, quantile?.value);
  });
  return (await Promise.all(pairs)).every((isEqual) => isEqual);
}

function isSame(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= ROUNDING * Math.abs(b);
}
