import assert from 'node:assert/strict';
import { fileCleanup } from '../support/file-cleanup.ts';
import { testOnEach } from '../support/real-system.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { startPrometheus } from './start-prometheus.ts';

// A process that counts to the last moment, ended by SIGTERM while Prometheus scrapes it once a second.

const PROGRAM = `
  import { Counter, gracefulShutdown, startMetricsServer } from '@finpilot/metrics';
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs done.' });
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  const finishWork = async () => {
    jobs.inc(1000);
    await new Promise((resolve) => setImmediate(resolve));
    jobs.inc(234);
  };
  gracefulShutdown(server, { finishWork });
  console.log(server.url);
`;

const cleanup = fileCleanup();

testOnEach(
  'prometheus',
  'Prometheus has what was counted at SIGTERM and until the work was finished',
  async (program, t) => {
    const args = ['--input-type=module', '--eval', PROGRAM];
    const app = new StartedProgram(cleanup, { program: process.execPath, args });
    const url = await until('the URL of the program', () => {
      app.requireRunning();
      return /http:\S+/.exec(app.output)?.[0];
    });
    const targets = `[{ targets: ['${new URL(url).host}'] }]`;
    const scrapeConfigs = `scrape_configs: [{ job_name: app, static_configs: ${targets} }]`;
    const prometheus = await startPrometheus(cleanup, program, scrapeConfigs);
    const api = new PrometheusApi(prometheus.url);
    await until('two scrapes', async () => ((await api.samples('jobs_total')).length >= 2 ? true : undefined));
    const signalledAt = performance.now();
    const end = await app.stop('SIGTERM');
    const seconds = (performance.now() - signalledAt) / 1000;
    assert.deepEqual(end, { code: null, signal: 'SIGTERM' });
    const last = await until('the last scrape in the database', async () => {
      const values = (await api.samples('jobs_total')).map(({ value }) => value);
      return values.at(-1) === 0 ? undefined : values.at(-1);
    });
    assert.equal(last, 1234);
    assert.ok(seconds < 5, `${seconds} s`);
    t.diagnostic(`ended ${seconds.toFixed(2)} s after SIGTERM, the last value scraped`);
  },
);
