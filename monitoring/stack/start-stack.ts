import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StartedScanner, startScanner } from '../../spec/e2e/start-scanner.ts';
import { type RealServer, startRealServer } from '../../spec/support/real-server.ts';
import { findPrograms, type RealProgram } from '../../spec/support/real-system.ts';
import type { Cleanup } from '../../spec/support/started-program.ts';
import { copyConfiguration, type Differences } from './copy-configuration.ts';
import type { StackOptions } from './read-options.ts';
import { shardOf } from './shard-of.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

/** Everything that runs. */
export interface Stack {
  readonly scanners: readonly StartedScanner[];
  readonly receiver: WebhookReceiver;
  readonly alertmanager: RealServer;
  /** Those that scrape the scanners. */
  readonly shards: readonly RealServer[];
  /** The one that has the recorded series of all: the only shard, or the one above several. */
  readonly global: RealServer;
  /** The long-term store; where there is one Prometheus only, there is none. */
  readonly store: RealServer | undefined;
}

/** Of each day of the calendar, for one scanner alone: after the first month, all metrics have moved. */
const ALONE_MILLISECONDS = 100;

/** Starts the whole stack; `cleanup` stops it. Throws an Error that names what is missing. */
export async function startStack(cleanup: Cleanup, options: StackOptions): Promise<Stack> {
  const { shards, intervalSeconds } = options;
  const prometheus = requireProgram('prometheus');
  const alertmanagerProgram = requireProgram('alertmanager', 'prometheus-alertmanager');
  const victoriaMetrics = shards > 1 ? requireProgram('victoria-metrics') : undefined;

  const scanners = await startScanners(cleanup, options);
  const targets = scanners.map(({ url }) => hostOf(url));

  const receiver = await startWebhookReceiver(cleanup);
  const alertmanager = await startRealServer(cleanup, alertmanagerProgram, {
    readyPath: '/-/ready',
    args: (port, folder) => {
      copyConfiguration(folder, { intervalSeconds, replacements: { 'localhost:5001': receiver.address } });
      const config = join(folder, 'alertmanager', 'alertmanager.yml');
      const listen = `--web.listen-address=127.0.0.1:${port}`;
      return [`--config.file=${config}`, `--storage.path=${join(folder, 'data')}`, listen, '--cluster.listen-address='];
    },
  });
  const start = (config: string, replacements: Differences['replacements']): Promise<RealServer> =>
    startPrometheus(cleanup, prometheus, { config, targets, intervalSeconds, replacements });
  const addresses = { 'localhost:9093': hostOf(alertmanager.url) };

  if (victoriaMetrics === undefined) {
    const replacements = { ...addresses, "'localhost:8000'": quoted(targets) };
    const only = await start('prometheus/prometheus.yml', replacements);
    return { scanners, receiver, alertmanager, shards: [only], global: only, store: undefined };
  }

  const store = await startRealServer(cleanup, victoriaMetrics, {
    readyPath: '/health',
    args: (port, folder) => [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=1d',
      '-search.latencyOffset=0s',
    ],
  });
  const scaled = { ...addresses, 'localhost:8428': hostOf(store.url) };
  const sharing: RealServer[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const replacements = { ...scaled, SHARDS: String(shards), SHARD: String(shard) };
    sharing.push(await start('scaling/prometheus-shard.yml', replacements));
  }
  const federating = { ...scaled, "'localhost:9091', 'localhost:9092'": quoted(sharing.map(({ url }) => hostOf(url))) };
  const global = await start('scaling/prometheus-global.yml', federating);
  return { scanners, receiver, alertmanager, shards: sharing, global, store };
}

/**
 * One after the other, since the start of a process keeps a core busy. Of the first, each shard gets one. A day takes
 * several of them as long as an interval: twenty would ask too much of two cores otherwise.
 */
async function startScanners(cleanup: Cleanup, options: StackOptions): Promise<readonly StartedScanner[]> {
  const { instances, shards, intervalSeconds } = options;
  const paceMilliseconds = instances === 1 ? ALONE_MILLISECONDS : intervalSeconds * 1000;
  const scanners: StartedScanner[] = [];
  while (scanners.length < instances) {
    // With metrics threads, whose metrics have a panel too.
    const scanner = await startScanner(cleanup, { paceMilliseconds, blockSeconds: 0 });
    const isWanted = scanners.length >= shards || shardOf(hostOf(scanner.url), shards) === scanners.length;
    if (isWanted) scanners.push(scanner);
    else await scanner.program.stop();
  }
  return scanners;
}

interface PrometheusOptions extends Differences {
  /** The path of its configuration below monitoring/. */
  readonly config: string;
  /** Where the shards look for the instances; a single Prometheus has its target in its configuration. */
  readonly targets: readonly string[];
}

function startPrometheus(cleanup: Cleanup, program: RealProgram, options: PrometheusOptions): Promise<RealServer> {
  const { config, targets } = options;
  return startRealServer(cleanup, program, {
    readyPath: '/-/ready',
    args: (port, folder) => {
      copyConfiguration(folder, options);
      mkdirSync(join(folder, 'scaling', 'targets'));
      writeFileSync(join(folder, 'scaling', 'targets', 'scanners.json'), JSON.stringify([{ targets }]));
      return [
        `--config.file=${join(folder, config)}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-admin-api',
        '--log.level=warn',
      ];
    },
  });
}

/** The newest version of a program. Throws an Error that says how to bring it. */
export function requireProgram(...names: readonly string[]): RealProgram {
  const program = names.flatMap((name) => findPrograms(name))[0];
  if (program !== undefined) return program;
  throw new Error(
    `Cannot start: expected the program ${names.join(' or ')} in $FINPILOT_REAL_SYSTEMS/bin or $PATH, got none. ` +
      'Bring it: .ci/real-systems.sh DIR, and set FINPILOT_REAL_SYSTEMS=DIR.',
  );
}

function quoted(addresses: readonly string[]): string {
  return addresses.map((address) => `'${address}'`).join(', ');
}

function hostOf(url: string): string {
  return new URL(url).host;
}
