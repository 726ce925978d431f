import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter, type PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import type { Gatherer } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { warn } from '../model/warning.ts';
import { register } from '../registry/register.ts';
import { type HealthCheck, type HealthCheckOptions, HealthChecks } from './health-checks.ts';
import { createHealthHandler } from './health-handler.ts';
import { createLandingPage } from './landing-page.ts';
import { listenError } from './listen-error.ts';
import { OpenConnections } from './open-connections.ts';
import { createRouter } from './router.ts';
import { createScrapeHandler } from './scrape-handler.ts';
import { checkSeconds } from './seconds.ts';
import { serverUrl } from './server-url.ts';

/** What a server is created with. */
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
  /** Whether a scrape is compressed for a client that takes it so. Default true; false leaves it to a proxy. */
  readonly compression?: boolean;
  /**
   * How long `close()` waits for scrapes in flight before it cuts them off, in seconds; above 0. Default 10, which is
   * also how long Prometheus waits for a scrape unless told otherwise.
   */
  readonly closeTimeoutSeconds?: number;
}

const DEFAULT_PORT = 8000;
const DEFAULT_CLOSE_TIMEOUT_SECONDS = 10;

/**
 * An HTTP server for Prometheus and for whatever watches the process. It answers GET and HEAD of
 *
 * - `/metrics`: a scrape,
 * - `/health`: liveness, 200 or 503, with a {@link HealthReport} as JSON,
 * - `/ready`: readiness, the same,
 * - `/`: a page that shows them live in a browser, with its script and style at `/page.js` and `/page.css`.
 *
 * It never throws into the process it lives in, and adds no handler to it. It keeps the process alive until
 * {@link MetricsServer.close}, unless {@link MetricsServer.unref} was called. There is no TLS and no access control:
 * whoever reaches the port can read the metrics and the errors of the checks.
 *
 * @example
 * ```ts
 * const server = new MetricsServer({ port: 0, host: '127.0.0.1' });
 * await server.listen();
 * server.addReadinessCheck('prices', () => prices.length > 0);
 * console.log(`${server.url}/metrics`);
 * await server.close();
 * ```
 */
export class MetricsServer {
  #port: number;
  readonly #host: string | undefined;
  readonly #closeTimeoutSeconds: number;
  readonly #liveness = new HealthChecks();
  readonly #readiness = new HealthChecks();
  readonly #server: Server;
  readonly #connections: OpenConnections;
  #listening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Listens to nothing yet. Throws a TypeError or RangeError if an option is not what its description says. */
  constructor(options: MetricsServerOptions = {}) {
    const { port = DEFAULT_PORT, host, registry = register, exporterOptions } = options;
    const { compression = true, closeTimeoutSeconds = DEFAULT_CLOSE_TIMEOUT_SECONDS } = options;
    checkPort(port);
    checkHost(host);
    checkCompression(compression);
    checkSeconds(closeTimeoutSeconds, 'create a metrics server', 'closeTimeoutSeconds');
    this.#port = port;
    this.#host = host;
    this.#closeTimeoutSeconds = closeTimeoutSeconds;
    this.#server = createServer();
    this.#connections = new OpenConnections(this.#server);
    this.#server.on(
      'request',
      createRouter({
        '/metrics': createScrapeHandler(new PrometheusExporter(registry, exporterOptions), { compression }),
        '/health': createHealthHandler(this.#liveness),
        '/ready': createHealthHandler(this.#readiness),
        ...createLandingPage(),
      }),
    );
  }

  /** The port that the server listens on; until {@link MetricsServer.listen} has resolved, the one it was given. */
  get port(): number {
    return this.#port;
  }

  /** Where this machine reaches the server, such as `http://localhost:8000`; no slash at the end. */
  get url(): string {
    return serverUrl(this.#host, this.port);
  }

  /**
   * Starts to listen; call it once. Rejects with an Error that says what to do and keeps Node's `code`, such as
   * `EADDRINUSE`, and `cause`. It never takes the process down.
   */
  listen(): Promise<void> {
    if (this.#closing !== undefined) {
      const message = 'Cannot serve metrics: expected an open server, got a closed one. Create another.';
      return Promise.reject(new Error(message));
    }
    this.#listening ??= this.#startListening();
    return this.#listening;
  }

  /**
   * Adds a check to `/health`: whether the process works at all, or should be restarted. It runs at each request for
   * the path, beside the other checks, and not again while it hangs. Throws if the name is taken.
   */
  addHealthCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void {
    this.#liveness.add(name, check, options);
  }

  /** Removes a check from `/health`; returns whether there was one. */
  removeHealthCheck(name: string): boolean {
    return this.#liveness.remove(name);
  }

  /** Adds a check to `/ready`: whether the process can take work now. Else as {@link MetricsServer.addHealthCheck}. */
  addReadinessCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void {
    this.#readiness.add(name, check, options);
  }

  /** Removes a check from `/ready`; returns whether there was one. */
  removeReadinessCheck(name: string): boolean {
    return this.#readiness.remove(name);
  }

  /** Lets the process exit although the server listens, even in the middle of a scrape. */
  unref(): this {
    this.#server.unref();
    this.#connections.setUnref(true);
    return this;
  }

  /** Undoes {@link MetricsServer.unref}. */
  ref(): this {
    this.#server.ref();
    this.#connections.setUnref(false);
    return this;
  }

  /**
   * Stops: takes no new connection, closes idle ones, lets scrapes in flight finish, and cuts off those that are not
   * done after `closeTimeoutSeconds`. Resolves when all is closed; never rejects. Calling it again gives the same
   * promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #startListening(): Promise<void> {
    const server = this.#server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port: this.#port, host: this.#host }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, this.#port, this.#host);
    }
    this.#port = (server.address() as AddressInfo).port;
    // Without a listener a later 'error' event would be an uncaught exception.
    server.on('error', (error) => warn('METRICS_SERVER_ERROR', `The metrics server has a problem: ${error.message}`));
  }

  async #stop(): Promise<void> {
    // A name may still be being looked up: an http.Server can be closed only once it listens.
    await this.#listening?.catch(() => undefined);
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#connections.closeWhenAnswered();
    const timer = setTimeout(() => this.#connections.destroyAll(), this.#closeTimeoutSeconds * 1000);
    timer.unref();
    await closed;
    clearTimeout(timer);
  }
}

function checkPort(port: unknown): asserts port is number {
  const expected = 'Cannot create a metrics server: expected port to be an integer from 0 to 65535';
  if (typeof port !== 'number') {
    throw new TypeError(`${expected}, got ${describe(port)}. Turn a setting into a number by Number(…).`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${expected}, got ${port}.`);
}

function checkHost(host: unknown): void {
  if (host === undefined || typeof host === 'string') return;
  throw new TypeError(`Cannot create a metrics server: expected host to be a string, got ${describe(host)}.`);
}

function checkCompression(compression: unknown): void {
  if (typeof compression === 'boolean') return;
  throw new TypeError(`Cannot create a metrics server: expected compression to be true or false, got ${describe(compression)}.`);
}
