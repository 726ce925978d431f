import { parseArgs } from 'node:util';

/** The options from the command line and the environment. */
export interface MainOptions {
  readonly port: number;
  readonly host: string | undefined;
  readonly paceSeconds: number;
  /** Paths of PEM files; undefined to serve HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Whether a thread serves the metrics. */
  readonly thread: boolean;
  /** How long the signal SIGUSR2 blocks the event loop; undefined to leave the signal alone. */
  readonly blockSeconds: number | undefined;
}

/** Shown by `--help`. */
export const USAGE = `Usage: npm start -- [--port PORT] [--host HOST] [--pace MS] [--cert FILE --key FILE] [--thread] [--block SECONDS]

  --port PORT      where to serve the metrics, 0 for any free port (default: $PORT, or 8000)
  --host HOST      name or address to listen on (default: every interface)
  --pace MS        milliseconds for each replayed day (default: 250)
  --cert FILE      certificate chain in PEM: serves HTTPS
  --key FILE       the certificate's private key in PEM
  --thread         serve the metrics in a thread, from shared memory
  --block SECONDS  block the event loop for that long at each signal SIGUSR2, up to an hour
`;

/** Reads the options; undefined if help was asked for. Throws a TypeError or RangeError on what it cannot read. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): MainOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: env['PORT'] ?? '8000' },
      host: { type: 'string' },
      pace: { type: 'string', default: '250' },
      cert: { type: 'string' },
      key: { type: 'string' },
      thread: { type: 'boolean', default: false },
      block: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const port = integer('port', values.port, 65_535);
  const paceSeconds = integer('pace', values.pace, 3_600_000) / 1000;
  const blockSeconds = values.block === undefined ? undefined : integer('block', values.block, 3600);
  const { host, thread } = values;
  return { port, host, paceSeconds, tls: tlsOf(values.cert, values.key), thread, blockSeconds };
}

function tlsOf(cert: string | undefined, key: string | undefined): MainOptions['tls'] {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new RangeError(
    `Cannot start: expected --cert and --key together, got only --${cert === undefined ? 'key' : 'cert'}.`,
  );
}

function integer(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new RangeError(`Cannot start: expected --${name} to be an integer from 0 to ${max}, got "${text}".`);
}
