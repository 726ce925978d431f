import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type OtlpPushOptions, startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { everyKind } from '../bridges/every-kind.ts';
import { freePort } from '../support/free-port.ts';
import type { ParsedSample } from '../support/parsed-family.ts';
import { type RealProgram, testOnEach } from '../support/real-system.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { assertStoredRanges, nativeRun } from './native-run.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { everyKindWithUnit, storedMetadata } from './stored-metadata.ts';

// OTLP into a system that others wrote, and what it has stored.

/**
 * What VictoriaMetrics stores of spec/bridges/every-kind.ts: names and labels as a scrape has them, without the gauge
 * histogram, for which OTLP has nothing, and without NaN, which it does not store.
 */
const EXPECTED = [
  'build_info{region="eu",version="1.4"} 1',
  'depth{i="0",region="eu"} 7',
  'depth{i="1",region="eu"} -2.5',
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
  'wait_seconds_bucket{le="1",region="eu"} 1',
  'wait_seconds_bucket{le="2",region="eu"} 3',
  'wait_seconds_bucket{le="4",region="eu"} 4',
  'wait_seconds_count{region="eu"} 4',
  'wait_seconds_sum{region="eu"} 6.5',
];

interface VictoriaMetrics {
  readonly url: string;
  start(): Promise<StartedProgram>;
  /** The samples of the service `shop`, as many as there are to be. */
  stored(count: number): Promise<readonly string[]>;
  push(registry: MetricsRegistry, options?: OtlpPushOptions): ReturnType<typeof startOtlpPush>;
}

/** VictoriaMetrics on a port and a folder that it has again when it is started again. */
async function victoriaMetrics({ path }: RealProgram, t: TestContext): Promise<VictoriaMetrics> {
  const port = await freePort();
  const folder = temporaryFolder(t);
  const url = `http://127.0.0.1:${port}`;
  const listen = [`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`];
  const args = [...listen, '-retentionPeriod=1d', '-search.latencyOffset=0s', '-loggerLevel=WARN', '-enableMetadata'];
  const api = new PrometheusApi(url);
  return {
    url,
    async start() {
      const started = new StartedProgram(t, { program: path, args });
      await until('VictoriaMetrics to listen', () => {
        started.requireRunning();
        return fetch(`${url}/health`).then(
          () => true as const,
          () => undefined,
        );
      });
      return started;
    },
    async stored(count) {
      const found = await until('all series', async () => {
        await fetch(`${url}/internal/force_flush`);
        const all = await api.query('{"service.name"="shop",__name__!~"metrics_client.*"}');
        return all.length >= count ? all : undefined;
      });
      return found.map(textOf).sort();
    },
    push(registry, options) {
      const resource = { 'service.name': 'shop', 'service.instance.id': 'shop-1' };
      const common = { registry, resource, intervalSeconds: Infinity, timeoutSeconds: 20, env: {} };
      return startOtlpPush({ url: `${url}/opentelemetry/v1/metrics`, ...common, ...options });
    },
  };
}

/** A sample without the labels of its resource and scope, which are the same for all. */
function textOf({ name, labels, value }: ParsedSample): string {
  const own = [...labels].filter(([label]) => !/^service\.|^scope\.|^otel_scope/.test(label));
  const pairs = own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return `${name}{${pairs.join()}} ${value}`;
}

testOnEach(
  'victoria-metrics',
  'startOtlpPush() reaches VictoriaMetrics: names, labels and values are those of a scrape',
  async (program, t) => {
    for (const gzip of [true, false]) {
      const receiver = await victoriaMetrics(program, t);
      await receiver.start();
      await receiver.push(everyKind().registry, { gzip }).push();
      assert.deepEqual(await receiver.stored(EXPECTED.length), EXPECTED);
      const own = await (await fetch(`${receiver.url}/metrics`)).text();
      assert.match(own, /^vm_rows_inserted_total\{type="opentelemetry"\} [1-9]/m);
      assert.doesNotMatch(own, /^vm_rows_(?:ignored|invalid)_total\{[^}]*\} [1-9]/m);
    }
  },
);

testOnEach(
  'victoria-metrics',
  'startOtlpPush() fails while VictoriaMetrics is dead, and its totals are right when it is back',
  async (program, t) => {
    const receiver = await victoriaMetrics(program, t);
    const registry = new MetricsRegistry();
    const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
    const push = receiver.push(registry, { timeoutSeconds: 1, retryDelay: 10 });
    const first = await receiver.start();
    jobs.inc();
    await push.push();
    await first.stop('SIGKILL');
    jobs.inc();
    await assert.rejects(push.push(), { code: 'ECONNREFUSED' });
    await receiver.start();
    jobs.inc();
    await push.push();
    assert.deepEqual(await receiver.stored(1), ['jobs_total{} 3']);
  },
);

testOnEach(
  'victoria-metrics',
  'startOtlpPush() brings native buckets to VictoriaMetrics, as ranges of its own kind',
  async (program, t) => {
    const receiver = await victoriaMetrics(program, t);
    await receiver.start();
    await receiver.push(nativeRun().registry).push();
    await assertStoredRanges(new PrometheusApi(receiver.url), receiver.url, '{kind="a"}');
  },
);

testOnEach(
  'victoria-metrics',
  'startOtlpPush() brings types, help texts and units to VictoriaMetrics',
  async (program, t) => {
    const receiver = await victoriaMetrics(program, t);
    await receiver.start();
    await receiver.push(everyKindWithUnit()).push();
    assert.deepEqual(await storedMetadata(new PrometheusApi(receiver.url), 7), [
      'build_info info Build.',
      'depth gauge Depth.',
      'phase stateset Phase.',
      'scans_total counter Scans.',
      'size_bytes summary Size.',
      'size_of_all_bytes gauge Size of all. By',
      'wait_seconds histogram Wait.',
    ]);
  },
);
