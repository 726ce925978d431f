import { loadModule } from '../model/load-module.ts';
import { type HealthCheck, type HealthCheckOptions, HealthChecks } from './health-checks.ts';
import type { OpenServer } from './http/open-server.ts';
import { type MetricsServerOptions, readServerOptions, type ServerSettings } from './metrics-server-options.ts';
import { ScrapeSchedule } from './scrape/scrape-schedule.ts';

/**
 * An HTTP server for Prometheus and health probes. It answers GET and HEAD of
 *
 * - `/metrics`: a scrape,
 * - `/health`: liveness, 200 or 503, with a {@link HealthReport} as JSON,
 * - `/ready`: readiness, the same,
 * - `/`: a page that shows them live in a browser, with its script and style at `/page.js` and `/page.css`.
 *
 * It never throws into the host process and adds no process-wide handlers. It keeps the process alive until {@link
 * MetricsServer.close}, unless {@link MetricsServer.unref} was called. By default, everyone who can reach the port can
 * read the metrics and the errors of the checks.
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
  readonly #settings: ServerSettings;
  readonly #liveness = new HealthChecks();
  readonly #readiness = new HealthChecks();
  readonly #schedule = new ScrapeSchedule();
  #port: number;
  #isUnref = false;
  #open: OpenServer | undefined;
  #listening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Does not listen yet. Throws a TypeError, RangeError or SyntaxError if an option is invalid. */
  constructor(options: MetricsServerOptions = {}) {
    this.#settings = readServerOptions(options);
    this.#port = this.#settings.port;
  }

  /** The port that the server listens on; the one given until {@link MetricsServer.listen} has resolved. */
  get port(): number {
    return this.#port;
  }

  /** The URL of the server on this machine, such as `http://localhost:8000`, without a trailing slash. */
  get url(): string {
    const { tls, host } = this.#settings;
    return serverUrl(tls === undefined ? 'http' : 'https', host, this.port);
  }

  /**
   * Loads every module that the server needs and starts to listen. On failure, rejects with an Error that says what to
   * do and keeps Node's `code`, such as `EADDRINUSE`, and `cause`; the next call tries again. Never crashes the
   * process.
   */
  listen(): Promise<void> {
    if (this.#closing !== undefined) {
      const message = 'Cannot serve metrics: expected an open server, got a closed one. Create another.';
      return Promise.reject(new Error(message));
    }
    this.#listening ??= this.#startListening().catch((error: unknown) => {
      this.#listening = undefined; // the next call tries again
      throw error;
    });
    return this.#listening;
  }

  /**
   * Adds a liveness check to `/health`: if it fails, the process should be restarted. It runs on each request for the
   * path, concurrently with the other checks, but not while an earlier run is unfinished. Throws if the name is taken.
   */
  addHealthCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void {
    this.#liveness.add(name, check, options);
  }

  /** Removes a check from `/health`; returns whether there was one. */
  removeHealthCheck(name: string): boolean {
    return this.#liveness.remove(name);
  }

  /**
   * Adds a check to `/ready`: whether the process can take work. Otherwise like {@link MetricsServer.addHealthCheck}.
   */
  addReadinessCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void {
    this.#readiness.add(name, check, options);
  }

  /** Removes a check from `/ready`; returns whether there was one. */
  removeReadinessCheck(name: string): boolean {
    return this.#readiness.remove(name);
  }

  /** Lets the process exit while the server listens, even in the middle of a scrape. */
  unref(): this {
    this.#isUnref = true;
    this.#open?.setUnref(true);
    return this;
  }

  /** Undoes {@link MetricsServer.unref}. */
  ref(): this {
    this.#isUnref = false;
    this.#open?.setUnref(false);
    return this;
  }

  /**
   * Shuts down without losing counts. `/ready` answers 503 from now on. Once `lastWork` has settled, if given, the
   * server waits until each scraper has come once more: for one scrape interval, but at most `drainTimeoutSeconds`, and
   * not at all if nobody scrapes. Then it stops accepting connections, lets requests in flight finish, and cuts off
   * those that are unfinished after `closeTimeoutSeconds`.
   *
   * Resolves when everything is closed; never rejects. Further calls return the same promise.
   */
  close(lastWork?: PromiseLike<unknown>): Promise<void> {
    this.#closing ??= this.#stop(lastWork);
    return this.#closing;
  }

  async #startListening(): Promise<void> {
    // Loaded on demand, which keeps the import of the package fast.
    const { OpenServer } = await loadModule(() => import('./http/open-server.ts'), 'OpenServer');
    const checks = { liveness: this.#liveness, readiness: this.#readiness };
    const parts = { ...checks, schedule: this.#schedule, isClosing: () => this.#closing !== undefined };
    this.#open = await OpenServer.listen(this.#settings, parts);
    this.#port = this.#open.port;
    if (this.#isUnref) this.#open.setUnref(true);
  }

  async #stop(lastWork: PromiseLike<unknown> | undefined): Promise<void> {
    // Whether the work succeeded is its owner's concern.
    await Promise.allSettled([lastWork, this.#listening]);
    if (this.#open === undefined) return;
    await this.#schedule.lastScrapes(this.#settings.drainTimeoutSeconds);
    await this.#open.close(this.#settings.closeTimeoutSeconds);
  }
}

/**
 * Starts a {@link MetricsServer}, on port 8000 by default, and resolves when it listens. If it cannot listen, rejects
 * with an Error that says what to do; for instance, `code` is `EADDRINUSE` if the port is taken.
 *
 * @example
 * ```ts
 * const server = await startMetricsServer({ port: 8000 });
 * server.addHealthCheck('scanner', () => scanner.isRunning, { timeoutSeconds: 1 });
 * gracefulShutdown(server);
 * ```
 */
export async function startMetricsServer(options?: MetricsServerOptions): Promise<MetricsServer> {
  const server = new MetricsServer(options);
  await server.listen();
  return server;
}

/** Returns the URL, on this machine, of a server that listens on `host`, without a trailing slash. */
export function serverUrl(scheme: 'http' | 'https', host: string | undefined, port: number): string {
  // "All interfaces" is not an address to connect to.
  if (host === undefined || host === '' || host === '0.0.0.0' || host === '::') return `${scheme}://localhost:${port}`;
  return host.includes(':') ? `${scheme}://[${host}]:${port}` : `${scheme}://${host}:${port}`;
}
