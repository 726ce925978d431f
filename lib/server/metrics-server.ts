import { loadModule } from '../model/load-module.ts';
import { type HealthCheck, type HealthCheckOptions, HealthChecks } from './health-checks.ts';
import type { OpenServer } from './http/open-server.ts';
import { type MetricsServerOptions, readServerOptions, type ServerSettings } from './metrics-server-options.ts';
import { ScrapeSchedule } from './scrape/scrape-schedule.ts';

/**
 * An HTTP server for Prometheus and for whatever watches the process. It answers GET and HEAD of
 *
 * - `/metrics`: a scrape,
 * - `/health`: liveness, 200 or 503, with a {@link HealthReport} as JSON,
 * - `/ready`: readiness, the same,
 * - `/`: a page that shows them live in a browser, with its script and style at `/page.js` and `/page.css`.
 *
 * It never throws into the process it lives in, and adds no handler to it. It keeps the process alive until
 * {@link MetricsServer.close}, unless {@link MetricsServer.unref} was called. Unless options say otherwise, whoever reaches
 * the port can read the metrics and the errors of the checks.
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

  /** Listens to nothing yet. Throws a TypeError or RangeError if an option is not what its description says. */
  constructor(options: MetricsServerOptions = {}) {
    this.#settings = readServerOptions(options);
    this.#port = this.#settings.port;
  }

  /** The port that the server listens on; until {@link MetricsServer.listen} has resolved, the one it was given. */
  get port(): number {
    return this.#port;
  }

  /** Where this machine reaches the server, such as `http://localhost:8000`; no slash at the end. */
  get url(): string {
    const { tls, host } = this.#settings;
    return serverUrl(tls === undefined ? 'http' : 'https', host, this.port);
  }

  /**
   * Loads all that the server will need, and starts to listen. Rejects with an Error that says what to do and keeps Node's
   * `code`, such as `EADDRINUSE`, and `cause`; the next call tries again. It never takes the process down.
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
   * Stops, so that nothing that was counted is lost. `/ready` answers 503 from now on. Once `lastWork` has settled, if there
   * is any, scrapes go on until each scraper has come once more: for the interval in which it comes, and for
   * `drainTimeoutSeconds` at most; not at all if nobody scrapes. Then the server takes no new connection, lets requests in
   * flight finish, and cuts off those that are not done after `closeTimeoutSeconds`.
   *
   * Resolves when all is closed; never rejects. Calling it again gives the same promise.
   */
  close(lastWork?: PromiseLike<unknown>): Promise<void> {
    this.#closing ??= this.#stop(lastWork);
    return this.#closing;
  }

  async #startListening(): Promise<void> {
    // Only now: a program that imports the package starts sooner without.
    const { OpenServer } = await loadModule(() => import('./http/open-server.ts'), 'OpenServer');
    const checks = { liveness: this.#liveness, readiness: this.#readiness };
    const parts = { ...checks, schedule: this.#schedule, isClosing: () => this.#closing !== undefined };
    this.#open = await OpenServer.listen(this.#settings, parts);
    this.#port = this.#open.port;
    if (this.#isUnref) this.#open.setUnref(true);
  }

  async #stop(lastWork: PromiseLike<unknown> | undefined): Promise<void> {
    // Whether the work succeeded is for its owner to see to.
    await Promise.allSettled([lastWork, this.#listening]);
    if (this.#open === undefined) return;
    await this.#schedule.lastScrapes(this.#settings.drainTimeoutSeconds);
    await this.#open.close(this.#settings.closeTimeoutSeconds);
  }
}

/**
 * Starts a {@link MetricsServer} and resolves when it listens, on port 8000 by default. Rejects with an
 * Error that says what to do if it cannot, for instance because the port is taken (`code` is then `EADDRINUSE`).
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

/** Returns the URL at which this machine reaches a server that was asked to listen on `host`; no slash at its end. */
export function serverUrl(scheme: 'http' | 'https', host: string | undefined, port: number): string {
  // Listening on all interfaces is no address to connect to.
  if (host === undefined || host === '' || host === '0.0.0.0' || host === '::') return `${scheme}://localhost:${port}`;
  return host.includes(':') ? `${scheme}://[${host}]:${port}` : `${scheme}://${host}:${port}`;
}
