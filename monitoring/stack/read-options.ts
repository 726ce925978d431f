import { parseArgs } from 'node:util';

/** The command-line options of `npm run stack`. */
export interface StackOptions {
  /** Scanner processes, 1 to 100. */
  readonly instances: number;
  /** Prometheus servers that share them, 1 to 10, no more than scanners; another federates several. */
  readonly shards: number;
  /** Seconds between scrapes, and between evaluations of the rules: 1 to 60. */
  readonly intervalSeconds: number;
  /** How long to stay up before the end, in minutes. */
  readonly minutes: number;
  /** Whether to push to several receivers, instead of being scraped. */
  readonly push: boolean;
  /** Whether to print the report as JSON instead of as text. */
  readonly json: boolean;
}

/** Shown by `--help`. */
export const USAGE = `Usage: npm run stack -- [--instances N] [--shards M] [--interval S] [--minutes T] [--push] [--json]

Runs the scanner, Prometheus and Alertmanager with the files of monitoring/ on free ports of 127.0.0.1, checks that
every panel and every rule has data, provokes an alert, reports, and stops everything.

With --push, one process pushes to Prometheus by remote write, to VictoriaMetrics by OTLP and to statsd instead, and
the report compares their numbers.

  --instances N  scanner processes (default: 1)
  --shards M     Prometheus servers that share them; more than one needs VictoriaMetrics too (default: 1)
  --interval S   seconds between scrapes (default: 1)
  --minutes T    stay up that long before the end, to look at it and to measure the disk (default: 0)
  --push         push instead of being scraped; of the other options, --interval and --json apply
  --json         the report as JSON

The programs are looked for in $FINPILOT_REAL_SYSTEMS/bin and $PATH: .ci/real-systems.sh DIR brings them.
`;

/** Reads the options; undefined if help was asked for. Throws a TypeError or RangeError on what it cannot read. */
export function readOptions(args: readonly string[]): StackOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      instances: { type: 'string', default: '1' },
      shards: { type: 'string', default: '1' },
      interval: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '0' },
      push: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const instances = integer('instances', values.instances, 1, 100);
  return {
    instances,
    shards: integer('shards', values.shards, 1, Math.min(10, instances)),
    intervalSeconds: integer('interval', values.interval, 1, 60),
    minutes: integer('minutes', values.minutes, 0, 1440),
    push: values.push,
    json: values.json,
  };
}

function integer(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new RangeError(`Cannot start: expected --${name} to be an integer from ${min} to ${max}, got "${text}".`);
}
