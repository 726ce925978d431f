import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import type { MetricsPush } from '../../lib/bridges/push-loop.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { startStatsdPush } from '../../lib/bridges/statsd/index.ts';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { whyNoSystems } from '../../spec/bridges/systems.ts';
import { PrometheusApi } from '../../spec/e2e/prometheus-api.ts';
import { type Etsy, startEtsy } from '../../spec/e2e/start-etsy.ts';
import { freePort } from '../../spec/support/free-port.ts';
import { type RealServer, startRealServer } from '../../spec/support/real-server.ts';
import type { Cleanup } from '../../spec/support/started-program.ts';
import { until } from '../../spec/support/until.ts';
import type { StackOptions } from './read-options.ts';
import { requireProgram } from './start-stack.ts';

/** A number of this process, and what each receiver has of it. */
export interface PushedNumber {
  /** As in text: `name{label="value"}`. */
  readonly series: string;
  readonly here: number;
  readonly prometheus: number | undefined;
  readonly victoriaMetrics: number | undefined;
  readonly statsd: number | undefined;
}

/** The results. */
export interface PushReport {
  readonly numbers: readonly PushedNumber[];
  /** The pushes of each bridge, by what became of them. */
  readonly pushes: Readonly<Record<string, number>>;
  /** Of every program that was started. */
  readonly pids: readonly number[];
}

/** How many intervals the bridges push by themselves, before a last push. */
const INTERVALS = 3;

const SIDES = ['buy', 'sell'] as const;

/**
 * Starts Prometheus, VictoriaMetrics and a StatsD server, pushes one registry to all of them at the same time, by remote write,
 * OTLP and StatsD, and reads the numbers back. What was started ends with `cleanup`.
 */
export async function pushEverywhere(
  cleanup: Cleanup,
  { intervalSeconds }: Pick<StackOptions, 'intervalSeconds'>,
  say: (line: string) => void,
): Promise<PushReport> {
  const { prometheus, victoriaMetrics, statsd } = await startReceivers(cleanup);
  say(`Prometheus      ${prometheus.url}, by remote write`);
  say(`VictoriaMetrics ${victoriaMetrics.url}, by OTLP`);
  say(`statsd          127.0.0.1:${statsd.port}, by StatsD over TCP`);
  const registry = new MetricsRegistry();
  const common = { registry, intervalSeconds };
  const pushes: readonly MetricsPush[] = [
    startRemoteWrite({ ...common, url: `${prometheus.url}/api/v1/write`, labels: { job: 'stack', instance: 'a' } }),
    startOtlpPush({
      ...common,
      url: `${victoriaMetrics.url}/opentelemetry/v1/metrics`,
      resource: { 'service.name': 'stack', 'service.instance.id': 'a' },
    }),
    startStatsdPush({ ...common, port: statsd.port, protocol: 'tcp' }),
  ];
  try {
    say(`pushing for ${INTERVALS * intervalSeconds} s`);
    const trade = startTrading(registry);
    for (let i = 0; i < INTERVALS * 10; i++) {
      trade();
      await sleep(intervalSeconds * 100);
    }
    const numbers = await numbersOf(registry);
    await Promise.all(pushes.map((push) => push.push())); // may join pushes that began before the last update
    await Promise.all(pushes.map((push) => push.push()));
    return {
      numbers: await readBack(numbers, prometheus, victoriaMetrics, statsd),
      pushes: await pushResults(registry),
      pids: [prometheus, victoriaMetrics, statsd].flatMap(({ program }) => program.pid ?? []),
    };
  } finally {
    await Promise.all(pushes.map((push) => push.close()));
  }
}

/** Whether all receivers have the numbers of this process. */
export function arePushesGood({ numbers, pushes }: PushReport): boolean {
  const areEqual = numbers.every(({ here, prometheus, victoriaMetrics, statsd }) =>
    [prometheus, victoriaMetrics, statsd].every((there) => there !== undefined && isSame(here, there)),
  );
  return areEqual && !Object.keys(pushes).some((result) => result.endsWith(' failed'));
}

/** The report as lines for people. */
export function pushLines(report: PushReport): readonly string[] {
  return [
    'series, here, Prometheus by remote write, VictoriaMetrics by OTLP, statsd by StatsD:',
    ...report.numbers.map(({ series, here, prometheus, victoriaMetrics, statsd }) =>
      [`  ${series}`, here, prometheus ?? '-', victoriaMetrics ?? '-', statsd ?? '-'].join('  '),
    ),
    ...Object.entries(report.pushes).map(([result, count]) => `pushes of ${result}: ${count}`),
    arePushesGood(report) ? 'All numbers are equal.' : 'The numbers differ.',
  ];
}

/** StatsD adds up changes, and VictoriaMetrics stores twelve digits: fractions differ in the last ones. */
function isSame(here: number, there: number): boolean {
  return Math.abs(here - there) <= 1e-9 * Math.abs(here);
}

async function startReceivers(cleanup: Cleanup) {
  const [prometheusProgram, victoriaMetricsProgram] = ['prometheus', 'victoria-metrics'].map((name) =>
    requireProgram(name),
  );
  const reason = whyNoSystems();
  if (reason !== false) throw new Error(`Cannot start: ${reason}.`);
  const prometheus = await startRealServer(cleanup, prometheusProgram!, {
    readyPath: '/-/ready',
    args: (port, folder) => {
      const config = join(folder, 'prometheus.yml');
      writeFileSync(config, '');
      const listen = [`--web.listen-address=127.0.0.1:${port}`, '--web.enable-remote-write-receiver'];
      return [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, ...listen, '--log.level=warn'];
    },
  });
  const victoriaMetrics = await startRealServer(cleanup, victoriaMetricsProgram!, {
    readyPath: '/health',
    args: (port, folder) => {
      const listen = [`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`];
      return [...listen, '-retentionPeriod=1d', '-search.latencyOffset=0s'];
    },
  });
  const statsd = await startEtsy(cleanup, await freePort(), await freePort());
  return { prometheus, victoriaMetrics, statsd };
}

/** Registers some metrics, and returns what updates them. */
function startTrading(registry: MetricsRegistry): () => void {
  const registers = [registry];
  const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'], registers });
  const volume = new Counter({ name: 'volume_total', help: 'Volume.', labelNames: ['side'], registers });
  const open = new Gauge({ name: 'open_orders', help: 'Orders that are open.', labelNames: ['side'], registers });
  const about = { name: 'fill_seconds', help: 'Time to fill an order.', labelNames: ['side'], registers } as const;
  const fill = new Histogram({ ...about, buckets: [0.01, 0.1, 1] });
  let count = 0;
  return () => {
    for (const side of SIDES) {
      orders.inc({ side });
      volume.inc({ side }, 0.1 + (count % 7) / 3);
      open.set({ side }, 5 - (count % 11));
      fill.observe({ side }, 10 ** -(count % 4));
      count++;
    }
  };
}

/** The series that all receivers have: the buckets of histograms are none of StatsD's. */
async function numbersOf(registry: MetricsRegistry): Promise<ReadonlyMap<string, number>> {
  const samples = [...(await registry.metrics()).matchAll(/^((?!metrics_client)\w+\{side="\w+"\}) (.*)$/gm)];
  return new Map(samples.map(([, series = '', value]) => [series, Number(value)]));
}

async function readBack(
  numbers: ReadonlyMap<string, number>,
  prometheus: RealServer,
  victoriaMetrics: RealServer,
  statsd: Etsy,
): Promise<readonly PushedNumber[]> {
  const valueIn = async ({ url }: RealServer, series: string): Promise<number | undefined> => {
    const [found] = await new PrometheusApi(url).query(series);
    return found?.value;
  };
  const last = numbers.size > 0 ? [...numbers][0]![0] : '';
  await until('the last push in VictoriaMetrics', async () => {
    await fetch(`${victoriaMetrics.url}/internal/force_flush`);
    return (await valueIn(victoriaMetrics, last)) === numbers.get(last) ? true : undefined;
  }).catch(() => undefined); // then the report shows the difference
  const inStatsd = { ...(await statsd.read('counters')), ...(await statsd.read('gauges')) };
  return Promise.all(
    [...numbers].map(async ([series, here]) => ({
      series,
      here,
      prometheus: await valueIn(prometheus, series),
      victoriaMetrics: await valueIn(victoriaMetrics, series),
      statsd: inStatsd[series.replace(/\{(\w+)="(\w+)"\}/, ';$1=$2')],
    })),
  );
}

async function pushResults(registry: MetricsRegistry): Promise<Record<string, number>> {
  const samples = (await registry.metrics()).matchAll(
    /^metrics_client_pushes_total\{bridge="(.*)",result="(.*)"\} (.*)$/gm,
  );
  return Object.fromEntries([...samples].map(([, bridge, result, count]) => [`${bridge} ${result}`, Number(count)]));
}
