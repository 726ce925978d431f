import { setTimeout as sleep } from 'node:timers/promises';
import { PrometheusApi } from '../../spec/e2e/prometheus-api.ts';
import type { RealServer } from '../../spec/support/real-server.ts';
import type { Cleanup } from '../../spec/support/started-program.ts';
import { checkQueries, checkRules, type DataReport } from './check-data.ts';
import { compareSums, type SumReport } from './compare-sums.ts';
import { dashboardQueries, inEitherForm, readDashboards } from './dashboard-queries.ts';
import { type DiskReport, measureDisk } from './measure-disk.ts';
import { type AlertReport, provokeAlerts } from './provoke-alerts.ts';
import type { StackOptions } from './read-options.ts';
import { type Stack, startStack } from './start-stack.ts';

/** The results. */
export interface StackReport {
  /** The version. */
  readonly prometheus: string;
  /** How many scanners each shard scrapes. */
  readonly scrapedByShard: readonly number[];
  /** Queries of panels, asked of the long-term store where there is one, else of Prometheus. */
  readonly panels: DataReport;
  /** Rules of all Prometheus servers. */
  readonly rules: DataReport;
  /** Empty without a long-term store. */
  readonly sums: readonly SumReport[];
  readonly alerts: AlertReport;
  readonly disk: DiskReport;
  readonly seconds: number;
  /** Of every program that was started. */
  readonly pids: readonly number[];
}

/** The first month of the calendar, 21 intervals, has to end before every metric has moved; the rest is reserve. */
const TIMEOUT_INTERVALS = 30;
const TIMEOUT_SECONDS = 30;

/** Starts everything, looks at it, and reports; what was started ends with `cleanup`. `say` is told what goes on. */
export async function runStack(
  cleanup: Cleanup,
  options: StackOptions,
  say: (line: string) => void,
): Promise<StackReport> {
  const startedAt = performance.now();
  const timeoutSeconds = TIMEOUT_SECONDS + TIMEOUT_INTERVALS * options.intervalSeconds;
  const stack = await startStack(cleanup, options);
  for (const line of addresses(stack)) say(line);
  const panels = await checkQueries(
    (stack.store ?? stack.global).url,
    inEitherForm(dashboardQueries(readDashboards())),
    timeoutSeconds,
  );
  say(`panels: ${panels.withData} of ${panels.all} queries have data`);
  const rules = await checkRulesOf(stack, timeoutSeconds);
  say(`rules: ${rules.withData} of ${rules.all} are evaluated, and have data if they record`);
  const scrapedByShard = await Promise.all(stack.shards.map(scrapedBy));
  const sums = stack.store === undefined ? [] : await compareSums(stack, options.intervalSeconds, timeoutSeconds);
  if (options.minutes > 0) say(`staying up for ${options.minutes} minutes; Ctrl+C ends it at once`);
  await sleep(options.minutes * 60_000);
  const disk = await measureDisk(stack.shards[0]!);
  say('stopping the scanners, starting them again, and blocking the event loop of one');
  const alerts = await provokeAlerts(cleanup, stack, options.intervalSeconds, timeoutSeconds);
  const prometheus = await new PrometheusApi(stack.global.url).version();
  const pids = [...pidsOf(stack), ...alerts.pids];
  const seconds = (performance.now() - startedAt) / 1000;
  return { prometheus, scrapedByShard, panels, rules, sums, alerts, disk, seconds, pids };
}

async function scrapedBy({ url }: RealServer): Promise<number> {
  return (await new PrometheusApi(url).targets()).filter(({ health }) => health === 'up').length;
}

async function checkRulesOf({ shards, global }: Stack, timeoutSeconds: number): Promise<DataReport> {
  const servers = [...new Set([...shards, global])];
  const reports = await Promise.all(servers.map(({ url }) => checkRules(url, timeoutSeconds)));
  return {
    all: reports.reduce((sum, { all }) => sum + all, 0),
    withData: reports.reduce((sum, { withData }) => sum + withData, 0),
    missing: reports.flatMap(({ missing }) => missing),
  };
}

function addresses({ scanners, shards, global, alertmanager, store }: Stack): string[] {
  const isSharded = store !== undefined;
  return [
    `scanner         ${scanners[0]!.url}${scanners.length > 1 ? ` and ${scanners.length - 1} more` : ''}`,
    ...shards.map(({ url }, i) => `Prometheus${isSharded ? ` ${i}` : '  '}    ${url}`),
    ...(isSharded ? [`Prometheus      ${global.url}, above the others`, `VictoriaMetrics ${store.url}`] : []),
    `Alertmanager    ${alertmanager.url}`,
  ];
}

function pidsOf({ scanners, shards, global, alertmanager, store }: Stack): number[] {
  const started = [...scanners, ...shards, global, alertmanager, ...(store === undefined ? [] : [store])];
  return [...new Set(started.flatMap(({ program }) => program.pid ?? []))];
}
