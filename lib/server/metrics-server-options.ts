import type { PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import type { Gatherer } from '../model/family.ts';
import { describe, refuse } from '../model/names.ts';
import { register } from '../registry/register.ts';
import {
  type CollectorErrorPolicy,
  checkCollectorErrorPolicy,
  checkOptions,
  checkRegistry,
  checkSeconds,
  EXPORTER_OPTION_NAMES,
  type ServerLimits,
  serverLimits,
} from './common-options.ts';
import { AllowList } from './guard/addresses.ts';
import { type AuthOptions, type Credentials, readAuthOptions } from './guard/auth-options.ts';
import { checkTlsOptions, type TlsOptions, withAbsolutePaths } from './guard/tls-options.ts';

/** Options for a metrics server. */
export interface MetricsServerOptions {
  /** TCP port, 0 to 65535; 0 picks any free port. Default 8000. */
  readonly port?: number;
  /**
   * Name or address to listen on. Default: all interfaces, IPv6 and IPv4, like other exporters, because Prometheus
   * usually runs on another machine. `'127.0.0.1'` admits this machine only.
   */
  readonly host?: string;
  /** The registry to serve. Default: the default registry. */
  readonly registry?: Gatherer;
  /** Options for the {@link PrometheusExporter}. */
  readonly exporterOptions?: PrometheusExporterOptions;
  /** Certificate and key, and which clients to admit. Default: plain HTTP. */
  readonly tls?: TlsOptions;
  /** Users and tokens. Default: no authentication. */
  readonly auth?: AuthOptions;
  /** Addresses and CIDR ranges of clients that may connect, such as `['10.0.0.0/8', '::1']`. Default: all. */
  readonly allow?: readonly string[];
  /**
   * Names and addresses to accept in the `Host` header, without ports, in addition to `localhost`, this machine's name
   * and `host`. Requests for others get 421: otherwise a web page could read the metrics by DNS rebinding. Default:
   * none on a loopback address. Elsewhere, any name is accepted unless this is set, and any address always is.
   */
  readonly allowedHosts?: readonly string[];
  /** Limits on what clients can use. */
  readonly limits?: ServerLimits;
  /** Whether to compress scrapes for clients that accept it. Default true; false leaves compression to a proxy. */
  readonly compression?: boolean;
  /**
   * What happens when a collector throws, times out or returns invalid families: `'omit'` (the default) leaves out its
   * families, `'fail'` answers the scrape with 500 and the collector's name.
   */
  readonly onCollectorError?: CollectorErrorPolicy;
  /** Whether the server appends metrics about its scrapes to those of the registry. Default true. */
  readonly selfMetrics?: boolean;
  /**
   * How long `close()` waits for a last scrape by each scraper, in seconds, but never longer than their scrape
   * interval. Default 30; 0 does not wait.
   */
  readonly drainTimeoutSeconds?: number;
  /**
   * How long `close()` then waits for requests in flight before it cuts them off, in seconds; above 0. Default 10, the
   * default scrape timeout of Prometheus.
   */
  readonly closeTimeoutSeconds?: number;
}

/** {@link MetricsServerOptions}, validated and with defaults. */
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
/** The names of the options. */
export const SERVER_OPTION_NAMES: readonly (keyof MetricsServerOptions)[] = [
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

/** Validates the options and fills in defaults. Throws a TypeError, RangeError or SyntaxError if one is invalid. */
export function readServerOptions(options: MetricsServerOptions): ServerSettings {
  checkOptions(options, SERVER_OPTION_NAMES, 'options');
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
  checkRegistry(registry, ACTION);
  if (exporterOptions !== undefined) checkOptions(exporterOptions, EXPORTER_OPTION_NAMES, 'exporterOptions');
  checkAllowedHosts(allowedHosts);
  if (tls !== undefined) checkTlsOptions(tls);
  checkCollectorErrorPolicy(onCollectorError, ACTION);
  for (const [name, value] of Object.entries({ compression, selfMetrics })) {
    if (typeof value === 'boolean') continue;
    refuse(ACTION, `${name} to be true or false`, value);
  }
  if (drainTimeoutSeconds !== 0) checkSeconds(drainTimeoutSeconds, ACTION, 'drainTimeoutSeconds');
  checkSeconds(closeTimeoutSeconds, ACTION, 'closeTimeoutSeconds');
  return {
    port,
    host,
    registry,
    exporterOptions,
    tls: tls && withAbsolutePaths(tls),
    // Not `auth && …`: null or an empty text, such as a variable that is not set, would leave the server open.
    credentials: auth === undefined ? undefined : readAuthOptions(auth),
    allow: allow === undefined ? undefined : new AllowList(allow),
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
  refuse(ACTION, 'host to be a string', host);
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
