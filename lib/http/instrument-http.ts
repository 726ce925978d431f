import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, warn } from '../model/error-text.ts';
import { type LabelValue, labelValueText } from '../model/label-value.ts';
import { describe } from '../model/names.ts';
import { ignoreRejection, isThenable } from '../model/promises.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { register } from '../registry/register.ts';
import { ClientRequests } from './client-requests.ts';
import { NAMES, type SideNames } from './names.ts';
import { type Buckets, RequestMetrics, type RequestMetricsOptions } from './request-metrics.ts';
import { FASTIFY_CHANNELS } from './routes.ts';
import { ServerRequests } from './server-requests.ts';
import { Subscriptions } from './subscriptions.ts';

/** Options for {@link instrumentHttp}. */
export interface HttpOptions {
  /**
   * `semconv`, the default: the names of OpenTelemetry's semantic conventions, such as
   * `http_server_request_duration_seconds{http_request_method, http_route, http_response_status_code}`. `classic`: those that
   * dashboards for Node.js ask for, `http_request_duration_seconds{method, route, status_code}`.
   */
  readonly names?: 'semconv' | 'classic';
  /** Whether requests to the servers of this process are counted; true unless given. */
  readonly servers?: boolean;
  /** Whether requests that this process makes are counted; true unless given. */
  readonly clients?: boolean;
  /**
   * Paths whose requests are not counted, without the query, or a function that says so. By default `/metrics` and the usual
   * paths of health checks: `/health`, `/healthz`, `/ready`, `/readyz`, `/live`, `/livez`.
   */
  readonly ignore?: readonly string[] | ((path: string) => boolean);
  /** `exact`, the default: each status code has its series. `class`: `2xx`, `3xx`, … */
  readonly statusCodes?: 'exact' | 'class';
  /**
   * More labels for the duration of requests to servers, each with a function that returns its value when the response has
   * ended. Use values of a small set: each new one is another histogram. Empty for HTTP/2 and for upgrades.
   */
  readonly labels?: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => LabelValue | undefined>
  >;
  /** Buckets of durations, in seconds: bounds, or `nativeBuckets()`. By default those of the semantic conventions, 5 ms to 10 s. */
  readonly buckets?: Buckets;
  /** Whether the sizes of bodies are counted; true unless given. */
  readonly sizes?: boolean;
  /** Buckets of sizes, in bytes. By default 100 B to 10 MB, by powers of ten. */
  readonly sizeBuckets?: Buckets;
  /** Series of each metric; further ones are counted together. 10,000 unless given. */
  readonly maxSeries?: number;
}

/** HTTP metrics that are being collected. */
export interface HttpMetrics {
  /** Removes the metrics from the registry, and all listeners. The second call does nothing. */
  stop(): void;
}

/** "HTTP semantic conventions", section "Metric: http.server.request.duration". */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const BYTES = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
const IGNORED = ['/metrics', '/health', '/healthz', '/ready', '/readyz', '/live', '/livez'];

/**
 * Counts all HTTP requests that this process answers and makes: their duration, those in flight, and the sizes of their bodies.
 * The application is not changed: everything comes from `node:diagnostics_channel`.
 *
 * Servers are those of `node:http`, `node:https` and, from Node 22, `node:http2`; clients are `fetch()`, undici and
 * `http.request()`. A request is counted once, however it ends; a response that could not be completed, since the
 * connection was closed, has status 499. Requests are labelled with the route that matched, never with their path, for Express,
 * Fastify, NestJS and Next.js; Koa and Hono need a line, see {@link setRoute}. Requests that matched no route share the empty one.
 *
 * Call it before the application creates its Fastify instances and connections are opened. Throws a RangeError or TypeError if
 * an option is invalid or the registry has a metric of one of these names; then nothing has changed.
 *
 * @example
 * ```ts
 * const { stop } = instrumentHttp(registry, { names: 'classic', statusCodes: 'class' });
 * ```
 */
export function instrumentHttp(registry: MetricsRegistry = register, options: HttpOptions = {}): HttpMetrics {
  checkOptions(registry, options);
  const { servers = true, clients = true, names = 'semconv', labels = {}, ignore = IGNORED } = options;
  const common: RequestMetricsOptions = {
    buckets: options.buckets ?? SECONDS,
    sizeBuckets: options.sizeBuckets ?? BYTES,
    sizes: options.sizes ?? true,
    statusCodes: options.statusCodes ?? 'exact',
    maxSeries: options.maxSeries ?? 10_000,
  };
  const { server, client } = NAMES[names];
  if (servers) refuseTaken(registry, server, common.sizes);
  if (clients) refuseTaken(registry, client, common.sizes);
  const labelNames = Object.keys(labels);
  const serverMetrics = servers ? new RequestMetrics(registry, 'server', server, labelNames, common) : undefined;
  let clientMetrics: RequestMetrics | undefined;
  try {
    if (clients) clientMetrics = new RequestMetrics(registry, 'client', client, [], common);
  } catch (error) {
    serverMetrics?.leave();
    throw error;
  }
  const subscriptions = new Subscriptions();
  let serverRequests: ServerRequests | undefined;
  if (serverMetrics !== undefined) {
    for (const [name, listener] of Object.entries(FASTIFY_CHANNELS)) subscriptions.add(name, listener);
    const isIgnored =
      typeof ignore === 'function'
        ? guardedHook(ignore, Boolean, false, 'ignore() fails, so requests are counted')
        : isAmong(ignore);
    const noExtraLabels = labelNames.map(() => '');
    const extraLabels = labelNames.length === 0 ? () => noExtraLabels : extraLabelsOf(labels, server.duration);
    serverRequests = new ServerRequests(serverMetrics, { isIgnored, extraLabels, noExtraLabels }, subscriptions);
  }
  if (clientMetrics !== undefined) new ClientRequests(clientMetrics, subscriptions);
  return {
    stop() {
      subscriptions.removeAll();
      serverRequests?.stop();
      serverMetrics?.leave();
      clientMetrics?.leave();
    },
  };
}

function isAmong(paths: readonly string[]): (path: string) => boolean {
  const set = new Set(paths);
  return (path) => set.has(path);
}

/** Returns the values of the extra labels: empty where there is no valid one. */
function extraLabelsOf(labels: NonNullable<HttpOptions['labels']>, metricName: string) {
  const functions = Object.entries(labels).map(([name, valueOf]) => {
    const read = (value: unknown): string => labelValueText(value ?? '', name, metricName);
    return guardedHook(valueOf, read, '', 'A label of HTTP requests is left empty');
  });
  return (request: IncomingMessage, response: ServerResponse): readonly LabelValue[] =>
    functions.map((valueOf) => valueOf(request, response));
}

/**
 * Returns a function of the application as one that never fails: what it throws, a promise, and what `read` refuses are reported
 * once, and give `otherwise`. So the request is counted all the same.
 */
function guardedHook<A extends readonly unknown[], R>(
  hook: (...args: A) => unknown,
  read: (value: unknown) => R,
  otherwise: R,
  consequence: string,
): (...args: A) => R {
  let hasWarned = false;
  return (...args) => {
    try {
      const value = hook(...args);
      if (!isThenable(value)) return read(value);
      ignoreRejection(value);
      throw new TypeError('expected a value, got a promise. Pass a function that is not asynchronous');
    } catch (error) {
      if (!hasWarned) warn('METRICS_HTTP_OPTION', `${consequence}: ${errorText(error)}`);
      hasWarned = true;
      return otherwise;
    }
  };
}

/** A metric would refuse the name too, but its remedies are not options of `instrumentHttp()`. */
function refuseTaken(registry: MetricsRegistry, names: SideNames, sizes: boolean): void {
  const { duration, active, requestSize, responseSize } = names;
  const wanted = [duration, active, ...(sizes ? [requestSize, responseSize] : [])];
  const taken = wanted.find((name) => registry.getSingleMetric(name));
  if (taken === undefined) return;
  throw new RangeError(
    `Cannot instrument HTTP: expected no metric ${describe(taken)}, got one in this registry. ` +
      'Call stop() of the first instrumentHttp(), or pass another registry.',
  );
}

const OPTIONS = [
  'names',
  'servers',
  'clients',
  'ignore',
  'statusCodes',
  'labels',
  'buckets',
  'sizes',
  'sizeBuckets',
  'maxSeries',
] as const satisfies readonly (keyof HttpOptions)[];

function checkOptions(registry: MetricsRegistry, options: HttpOptions): void {
  const refuse = (what: string, got: unknown): never => {
    throw new TypeError(`Cannot instrument HTTP: expected ${what}, got ${describe(got)}.`);
  };
  // By shape: a registry may come from another copy of this module.
  if (typeof registry?.registerCollector !== 'function') refuse('a registry', registry);
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    refuse('an object of options', options);
  const unknown = Object.keys(options).find((name) => !(OPTIONS as readonly string[]).includes(name));
  if (unknown !== undefined) refuse(`the options ${OPTIONS.join(', ')}`, unknown);
  const { names = 'semconv', statusCodes = 'exact', ignore = [], labels = {} } = options;
  for (const name of ['servers', 'clients', 'sizes'] as const) {
    const value = options[name] ?? true;
    if (typeof value !== 'boolean') refuse(`${name} to be true or false`, value);
  }
  if (!Object.hasOwn(NAMES, names)) refuse('names "semconv" or "classic"', names);
  if (statusCodes !== 'exact' && statusCodes !== 'class') refuse('statusCodes "exact" or "class"', statusCodes);
  if (!(Array.isArray(ignore) && ignore.every((path) => typeof path === 'string')) && typeof ignore !== 'function')
    refuse('ignore to be an array of paths or a function', ignore);
  if (typeof labels !== 'object' || labels === null) refuse('labels to be an object of functions', labels);
  for (const [name, valueOf] of Object.entries(labels)) {
    if (typeof valueOf !== 'function') refuse(`a function for label ${describe(name)}`, valueOf);
  }
}
