import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before } from 'node:test';
import { deadline } from '../support/deadline.ts';
import { fileCleanup } from '../support/file-cleanup.ts';
import type { ParsedSample } from '../support/parsed-family.ts';
import { type RealServer, startRealServer } from '../support/real-server.ts';
import { findPrograms, testOnEach } from '../support/real-system.ts';
import { until } from '../support/until.ts';
import { EVERY_TYPE } from './every-type.ts';
import { formatsJobs } from './formats-jobs.ts';
import { PrometheusApi } from './prometheus-api.ts';
import type { RecordingProxy } from './recording-proxy.ts';
import { sortedSamples } from './sorted-samples.ts';
import { startFormatsProxy } from './start-formats-proxy.ts';
import { UTF8_NAMES } from './utf8-names.ts';

// The same registries as in formats-prometheus.test.ts, scraped by VictoriaMetrics, which asks for text 0.0.4.

const SYSTEM = 'victoria-metrics';
/** Series with longer label values are dropped. */
const MAX_LABEL_VALUE_BYTES = 4096;
/** Values are stored as decimals of about so many digits, and those near 0 as 0. */
const DIGITS = 14;
const LEAST_VALUE = 1e-300;

const cleanup = fileCleanup();
const jobs = formatsJobs(SYSTEM);
let proxy: RecordingProxy;
let server: RealServer;
let api: PrometheusApi;

before(startAll, { timeout: deadline(90) });

async function startAll(): Promise<void> {
  const [program] = findPrograms(SYSTEM);
  if (program === undefined) return;
  proxy = await startFormatsProxy(cleanup, jobs);
  const scrapeConfigs = jobs.map(({ name }) => {
    return `  - { job_name: ${name}, metrics_path: /${name}/metrics, static_configs: [{ targets: ['${proxy.address}'] }] }\n`;
  });
  server = await startRealServer(cleanup, program, {
    readyPath: '/health',
    args: (port, folder) => {
      const config = join(folder, 'scrape.yml');
      writeFileSync(
        config,
        `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${scrapeConfigs.join('')}`,
      );
      const store = `-storageDataPath=${join(folder, 'data')}`;
      const listen = `-httpListenAddr=127.0.0.1:${port}`;
      const rest = ['-retentionPeriod=1d', '-search.latencyOffset=0s', '-loggerLevel=WARN'];
      return [`-promscrape.config=${config}`, store, listen, ...rest];
    },
  });
  api = new PrometheusApi(server.url);
  await until('two scrapes of each job by VictoriaMetrics', async () => {
    const counts = await api.query('count_over_time(up[5m])');
    return counts.length === jobs.length && counts.every(({ value }) => value >= 2) ? true : undefined;
  });
}

testOnEach(SYSTEM, 'VictoriaMetrics gets text 0.0.4, compressed unless told not to', () => {
  for (const { name, target, contentType } of jobs) {
    const { requestHeaders, status, responseHeaders } = proxy.exchange(name);
    assert.equal(status, 200, name);
    assert.equal(responseHeaders['content-type'], contentType, name);
    assert.equal(requestHeaders['accept-encoding'], 'gzip', name);
    assert.equal(responseHeaders['content-encoding'], target === 'every-type' ? 'gzip' : undefined, name);
  }
});

testOnEach(SYSTEM, 'VictoriaMetrics finds each target up at each scrape and every line readable', async () => {
  const ups = await api.query('min by (job) (min_over_time(up[5m])) == 1');
  assert.equal(ups.length, jobs.length);
  // Its own metrics are in no order that a strict parser takes.
  const own = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(own, /^vm_rows_invalid_total\{type="prometheus"\} 0$/m);
  assert.doesNotMatch(server.program.output, /error when scraping/);
});

testOnEach(SYSTEM, 'VictoriaMetrics stores the values that the registry holds', async () => {
  const isStored = ({ labels, value }: ParsedSample): boolean => {
    return (
      !Number.isNaN(value) && [...labels.values()].every((text) => Buffer.byteLength(text) <= MAX_LABEL_VALUE_BYTES)
    );
  };
  for (const { name, target, escaping } of jobs) {
    const held = target === 'utf8' ? UTF8_NAMES.samples(escaping) : EVERY_TYPE.samples('text');
    const expected = held.filter(isStored).map(withoutReservedLabels);
    const stored = await api.query(`{job="${name}",__name__=~"e2e.*"}`);
    assert.deepEqual(sortedSamples(stored.map(rounded)), sortedSamples(expected.map(rounded)), name);
  }
});

/** Escaping may put `__` at the start of a label name, which this system takes for labels of its own and drops. */
function withoutReservedLabels(sample: ParsedSample): ParsedSample {
  return { ...sample, labels: new Map([...sample.labels].filter(([name]) => !name.startsWith('__'))) };
}

function rounded(sample: ParsedSample): ParsedSample {
  return { ...sample, value: Math.abs(sample.value) < LEAST_VALUE ? 0 : Number(sample.value.toPrecision(DIGITS)) };
}
