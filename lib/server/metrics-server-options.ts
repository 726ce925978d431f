import type { PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import type { Gatherer } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { register } from '../registry/register.ts';
import { AllowList } from './guard/addresses.ts';
import { type AuthOptions, type Credentials, readAuthOptions } from './guard/auth-options.ts';
import { checkTlsOptions, type TlsOptions } from './guard/tls-options.ts';
import {
  type CollectorErrorPolicy,
  checkCollectorErrorPolicy,
  checkOptions,
  checkSeconds,
  type ServerLimits,
  serverLimits,
} from './shared-options.ts';

/** Options for a metrics server. */
export interface MetricsServerOptions {
  /** TCP port, 0 to 65535; 0 takes any free one. Default 8000. */
  readonly port?: number;
  /**
   * Name or address to listen on. Default: all interfaces, IPv6 and IPv4, as exporters do, since Prometheus is usually
   * another machine. `'127.0.0.1'` admits this machine only.
   */
  readonly host?: string;
  /** Where the metrics are. Default: the default registry. */
  readonly registry?: Gatherer;
  /** Passed on to the {@link PrometheusExporter}. */
  readonly exporterOptions?: PrometheusExporterOptions;
  /** Certificate and key, and whose clients are let in. Default: plain HTTP. */
  readonly tls?: TlsOptions;
  /** Users and tokens of whom one is asked for. Default: nobody is asked. */
  readonly auth?: AuthOptions;
  /** Addresses and CIDR ranges of the clients that may connect, such as `['10.0.0.0/8', '::1']`. Default: all. */
  readonly allow?: readonly string[];
  /**
   * Further names and addresses for the `Host` header, without ports, beside `localhost`, this machine's name and `host`.
   * Requests for others are answered with 421: a web page could otherwise read the metrics by DNS rebinding. Default: none
   * on a loopback address; elsewhere any name is accepted unless this is set, and any address in any case.
   */
  readonly allowedHosts?: readonly string[];
  /** How much of the server anybody may take up. */
  readonly limits?: ServerLimits;
  /** Whether a scrape is compressed for a client that takes it so. Default true; false leaves it to a proxy. */
  readonly compression?: boolean;
  /**
   * What a collector that throws, takes too long or returns nonsense costs: its own families (`'omit'`, the default), or the
   * scrape (`'fail'`), which is then answered with 500 and the collector's name.
   */
  readonly onCollectorError?: CollectorErrorPolicy;
  /** Whether the server appends metrics about its scrapes to those of the registry. Default true. */
  readonly selfMetrics?: boolean;
  /**
   * How long `close()` waits at most for a last scrape by each scraper, in seconds; it does not wait longer than the
   * interval in which they have come. Default 30; 0 does not wait.
   */
  readonly drainTimeoutSeconds?: number;
  /**
   * How long `close()` then waits for requests in flight before it cuts them off, in seconds; above 0. Default 10, which is
   * also how long Prometheus waits for a scrape by default.
   */
  readonly closeTimeoutSeconds?: number;
}

/** The same, checked and with the defaults. */
export interface ServerSettings {
  readonly port: number;
  readonly host: string | undefined;
  readonly registry: Gatherer;
  readonly exporterOptions: PrometheusExporterOptions | undefined;
  readonly tls: TlsOptions | undefined;
  readonly credentials: Credentials | undefined;
  readonly allow: AllowList | undefined;
  readonly allowedHosts: readonly string[] | undefined;
  readonly limits: Required<ServerLimits>;
  readonly compression: boolean;
  readonly onCollectorError: CollectorErrorPolicy;
  readonly selfMetrics: boolean;
  readonly drainTimeoutSeconds: number;
  readonly closeTimeoutSeconds: number;
}

const DEFAULT_PORT = 8000;
const DEFAULT_DRAIN_TIMEOUT_SECONDS = 30;
const DEFAULT_CLOSE_TIMEOUT_SECONDS = 10;
const ACTION = 'create a metrics server';
const NAMES: readonly (keyof MetricsServerOptions)[] = [
  'port',
  'host',
  'registry',
  'exporterOptions',
  'tls',
  'auth',
  'allow',
  'allowedHosts',
  'limits',
  'compression',
  'onCollectorError',
  'selfMetrics',
  'drainTimeoutSeconds',
  'closeTimeoutSeconds',
];

/** Reads the options of a server. Throws a TypeError, RangeError or SyntaxError on one that is not what it should be. */
export function readServerOptions(options: MetricsServerOptions): ServerSettings {
  checkOptions(options, NAMES, 'options');
  const {
    port = DEFAULT_PORT,
    host,
    registry = register,
    exporterOptions,
    tls,
    auth,
    allow,
    allowedHosts,
    limits,
  } = options;
  const { compression = true, onCollectorError = 'omit', selfMetrics = true } = options;
  const { drainTimeoutSeconds = DEFAULT_DRAIN_TIMEOUT_SECONDS } = options;
  const { closeTimeoutSeconds = DEFAULT_CLOSE_TIMEOUT_SECONDS } = options;
  checkPort(port);
  checkHost(host);
  checkAllowedHosts(allowedHosts);
  if (tls !== undefined) checkTlsOptions(tls);
  checkCollectorErrorPolicy(onCollectorError, ACTION);
  for (const [name, value] of Object.entries({ compression, selfMetrics })) {
    if (typeof value === 'boolean') continue;
    throw new TypeError(`Cannot ${ACTION}: expected ${name} to be true or false, got ${describe(value)}.`);
  }
  if (drainTimeoutSeconds !== 0) checkSeconds(drainTimeoutSeconds, ACTION, 'drainTimeoutSeconds');
  checkSeconds(closeTimeoutSeconds, ACTION, 'closeTimeoutSeconds');
  return {
    port,
    host,
    registry,
    exporterOptions,
    tls,
    credentials: auth && readAuthOptions(auth),
    allow: allow && new AllowList(allow),
    allowedHosts,
    limits: serverLimits(limits),
    compression,
    onCollectorError,
    selfMetrics,
    drainTimeoutSeconds,
    closeTimeoutSeconds,
  };
}

function checkPort(port: unknown): asserts port is number {
  const expected = `Cannot ${ACTION}: expected port to be an integer from 0 to 65535`;
  if (typeof port !== 'number') {
    throw new TypeError(`${expected}, got ${describe(port)}. Turn a setting into a number by Number(…).`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${expected}, got ${port}.`);
}

function checkHost(host: unknown): void {
  if (host === undefined || typeof host === 'string') return;
  throw new TypeError(`Cannot ${ACTION}: expected host to be a string, got ${describe(host)}.`);
}

function checkAllowedHosts(names: unknown): void {
  if (names === undefined) return;
  const expected = `Cannot ${ACTION}: expected allowedHosts to be an array of host names and addresses without ports`;
  if (!Array.isArray(names)) throw new TypeError(`${expected}, got ${describe(names)}.`);
  for (const name of names as readonly unknown[]) {
    if (typeof name !== 'string') throw new TypeError(`${expected}, got ${describe(name)} in it.`);
    const isAddress = process.getBuiltinModule('node:net').isIP(name) !== 0 && !name.includes('%');
    if (isAddress || /^[a-z0-9._-]+$/i.test(name)) continue;
    throw new RangeError(`${expected}, got ${describe(name)} in it. Write metrics.example.com.`);
  }
}
