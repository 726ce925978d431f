import type { Gatherer } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { register } from '../registry/register.ts';
import { checkOptions, checkRegistry, checkSeconds } from '../server/common-options.ts';
import { type MetricsServerOptions, readServerOptions, SERVER_OPTION_NAMES } from '../server/metrics-server-options.ts';

/** Options for a metrics thread: those of `startMetricsServer()`, and some of its own. */
export interface MetricsThreadOptions extends Omit<MetricsServerOptions, 'onCollectorError'> {
  /**
   * Seconds between reports that no scrape asked for (default 5, `Infinity` for none). While the event loop is blocked, the
   * metrics that are not shared are at most this old.
   */
  readonly reportIntervalSeconds?: number;
  /** How long the event loop may be blocked before `/health` answers 503, in seconds. Default: for ever. */
  readonly unhealthyAfterSeconds?: number;
  /** How long the event loop may be blocked before `/ready` answers 503, in seconds. Default: for ever. */
  readonly unreadyAfterSeconds?: number;
  /**
   * Where the file `thread-worker.js` of this package is. Default: beside the file that holds this code. Only a program that
   * is bundled to another place needs it.
   */
  readonly workerUrl?: URL | string;
}

/** {@link MetricsThreadOptions}, validated and with defaults. */
export interface ThreadSettings {
  readonly registry: Gatherer;
  /** The options for the server, copied: they can be sent to the thread. */
  readonly server: Omit<MetricsServerOptions, 'registry'>;
  readonly reportIntervalSeconds: number;
  readonly unhealthyAfterSeconds: number;
  readonly unreadyAfterSeconds: number;
  readonly workerUrl: URL | string | undefined;
}

const ACTION = 'start a metrics thread';
const OWN_NAMES = ['reportIntervalSeconds', 'unhealthyAfterSeconds', 'unreadyAfterSeconds', 'workerUrl'] as const;
const NAMES = [...SERVER_OPTION_NAMES.filter((name) => name !== 'onCollectorError'), ...OWN_NAMES];

/** Validates the options and fills in defaults. Throws a TypeError, RangeError or SyntaxError if one is invalid. */
export function readThreadOptions(options: MetricsThreadOptions): ThreadSettings {
  checkOptions(options, NAMES, 'options');
  const { registry = register, workerUrl, ...rest } = options;
  const { reportIntervalSeconds = 5, unhealthyAfterSeconds = Infinity, unreadyAfterSeconds = Infinity } = rest;
  for (const [name, seconds] of Object.entries({ reportIntervalSeconds, unhealthyAfterSeconds, unreadyAfterSeconds }))
    if (seconds !== Infinity) checkSeconds(seconds, ACTION, name);
  checkRegistry(registry, ACTION);
  if (workerUrl !== undefined && typeof workerUrl !== 'string' && !(workerUrl instanceof URL)) {
    refuse(ACTION, 'workerUrl to be a URL or a path', workerUrl);
  }
  const server = Object.fromEntries(Object.entries(rest).filter(([name]) => !OWN_NAMES.includes(name as never)));
  const { tls } = readServerOptions(server);
  return {
    registry,
    server: cloned(tls === undefined ? server : { ...server, tls }),
    reportIntervalSeconds,
    unhealthyAfterSeconds,
    unreadyAfterSeconds,
    workerUrl: typeof workerUrl === 'string' ? fileOf(workerUrl) : workerUrl,
  };
}

/** A restarted thread is to find the same file, though the program may have changed its working directory. */
function fileOf(workerUrl: string): URL | string {
  return workerUrl.startsWith('file:') ? new URL(workerUrl) : process.getBuiltinModule('node:path').resolve(workerUrl);
}

function cloned<T>(options: T): T {
  try {
    return structuredClone(options);
  } catch (error) {
    throw new TypeError(
      `Cannot ${ACTION}: expected options that can be copied to a thread, got one that cannot. Pass no functions.`,
      { cause: error },
    );
  }
}
