import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startCloudwatchPush } from '../../lib/bridges/cloudwatch.ts';
import { startGraphitePush } from '../../lib/bridges/graphite.ts';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import type { MetricsPush, PushOptions } from '../../lib/bridges/push-loop.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { startStatsdPush } from '../../lib/bridges/statsd/index.ts';
import type { MetricsRegistry } from '../../lib/core.ts';
import type { Case } from '../case.ts';
import { OURS } from '../library.ts';
import { fillCounters } from './scrapes.ts';
import { type Felt, feltDuring, feltWhileDownloading, longestOf, p99Of, recordDelays } from './stall.ts';

const SERIES = 100_000;

/** The first push finds cold code and remembers what it sends; the later ones find both. */
const PUSHES = 3;

/** Starts a bridge whose receiver listens on these ports. */
type Start = (options: PushOptions, http: number, stream: number) => MetricsPush;

const BRIDGES: readonly (readonly [name: string, start: Start])[] = [
  ['OTLP', (options, http) => startOtlpPush({ ...options, url: `http://127.0.0.1:${http}/`, env: {} })],
  [
    'remote write',
    (options, http) =>
      startRemoteWrite({ ...options, url: `http://127.0.0.1:${http}/`, labels: { job: 'bench', instance: 'a' } }),
  ],
  ['StatsD', (options, _, port) => startStatsdPush({ ...options, port, protocol: 'tcp' })],
  ['Graphite', (options, _, port) => startGraphitePush({ ...options, port })],
  ['CloudWatch', (options) => startCloudwatchPush({ ...options, namespace: 'Bench', write: () => undefined })],
];

/**
 * What the process feels while it pushes: the delay of a 1 ms interval. The floor is what it feels in the same process while
 * a scraper downloads the same series, in turns with the pushes.
 */
export const pushStallCases: readonly Case[] = BRIDGES.map(([bridge, start]) => {
  const longest = `longest stall while pushing 100,000 series by ${bridge}`;
  const p99 = `p99 of the loop's delay while pushing 100,000 series by ${bridge}`;
  return {
    figures: [
      { name: longest, unit: 'ms', target: { timesFloor: 2 }, isGuarded: false },
      { name: p99, unit: 'ms', target: {}, isGuarded: false },
    ],
    isForPeers: false,
    nodeFlags: ['--expose-gc'],
    processRounds: 3,
    run: async (library) => {
      if (!library.name.startsWith(OURS)) throw new RangeError(`Cannot push: expected ${OURS}, got ${library.name}.`);
      const registry = new library.Registry() as MetricsRegistry;
      const { change } = fillCounters(library, registry, SERIES, 1);
      const url = await library.serve(registry);
      const { ports, end } = await startSink();
      const push = start({ registry, intervalSeconds: Infinity, timeoutSeconds: 60 }, ports[0]!, ports[1]!);
      const [scraped, pushed]: [Felt[], Felt[]] = [[], []];
      for (let i = 0; i < PUSHES; i++) {
        change();
        scraped.push(await feltWhileDownloading(url));
        change();
        pushed.push(await feltWhilePushing(push));
      }
      end();
      return {
        [longest]: { rounds: pushed.map(longestOf), floorRounds: scraped.map(longestOf) },
        [p99]: { rounds: pushed.map(p99Of), floorRounds: scraped.map(p99Of) },
      };
    },
  };
});

async function feltWhilePushing(push: MetricsPush): Promise<Felt> {
  const stopRecording = recordDelays();
  const now = (): number => performance.timeOrigin + performance.now();
  const start = now();
  await push.push();
  const end = now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return feltDuring({ start, end }, stopRecording());
}

async function startSink(): Promise<{ readonly ports: readonly number[]; readonly end: () => void }> {
  const program = fileURLToPath(new URL('../push-sink.js', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { ports: JSON.parse(line.toString()) as number[], end: () => child.stdin.end() };
}
