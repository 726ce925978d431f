import type { Worker } from 'node:worker_threads';
import type { FromWorker } from '../aggregate/message.ts';
import { Reporter } from '../aggregate/reporter.ts';
import { errorCode, errorText, warn } from '../model/error-text.ts';
import type { Gatherer } from '../model/family.ts';
import { MAX_TIMER_MILLISECONDS } from '../model/promises.ts';
import type { HealthCheck, HealthCheckOptions } from '../server/health-checks.ts';
import { serverUrl } from '../server/metrics-server.ts';
import { Heartbeat } from './heartbeat.ts';
import { type FromThread, isOfReport, type ThreadStart, type ToThread } from './messages.ts';
import type { ThreadSettings } from './options.ts';
import { ProgramChecks } from './program-checks.ts';
import { SharedDirectory } from './shared/shared-directory.ts';
import { usedMemory } from './shared/shared-memory.ts';

/** The wait before a first restart. It doubles with each one, until a thread has run for a while. */
const FIRST_WAIT_MILLISECONDS = 50;
/** The longest wait if the thread has listened: with its start, it is to be back within a second on a busy machine. */
const LONGEST_WAIT_MILLISECONDS = 300;
/** The longest wait if it could not even listen, such as on a port that is taken by now. */
const LONGEST_WAIT_FOR_PORT_MILLISECONDS = 30_000;
/** How long a thread has to run to count as one that works. */
const STEADY_MILLISECONDS = 10_000;

/**
 * A `MetricsServer` in a thread of its own, which answers while the event loop of the program is blocked.
 *
 * It never throws into the host process and does not keep it alive. If the thread fails it is restarted, with a warning.
 */
export class MetricsThread {
  readonly #settings: ThreadSettings;
  readonly #heartbeat = new Heartbeat();
  readonly #checks = new ProgramChecks((message) => this.#worker?.postMessage(message));
  readonly #shared = new SharedDirectory();
  readonly #reporter: Reporter;
  #reports: NodeJS.Timeout | undefined;
  #nextStart: NodeJS.Timeout | undefined;
  #reportedAt = 0;
  #worker: Worker | undefined;
  /** 0 is any free port, until the first thread has listened. */
  #port: number;
  #isRef = false;
  #restarts = 0;
  /** Restarts since a thread last ran for a while. */
  #recentRestarts = 0;
  #closing: Promise<void> | undefined;
  #onClosed: () => void = () => undefined;

  private constructor(settings: ThreadSettings) {
    this.#settings = settings;
    this.#port = settings.server.port ?? 8000;
    this.#reporter = new Reporter(withoutShared(settings.registry), (message) => this.#sendReport(message));
  }

  /** Resolves when a thread listens. Rejects as `startMetricsServer()` does, and if the thread's file cannot be loaded. */
  static async start(settings: ThreadSettings): Promise<MetricsThread> {
    const thread = new MetricsThread(settings);
    thread.#heartbeat.start();
    try {
      await thread.#run();
    } catch (error) {
      thread.#release();
      throw error;
    }
    const { reportIntervalSeconds } = settings;
    if (reportIntervalSeconds * 1000 <= MAX_TIMER_MILLISECONDS) {
      const { setInterval } = process.getBuiltinModule('node:timers');
      thread.#reports = setInterval(() => thread.#reportIfOld(), reportIntervalSeconds * 1000).unref();
    }
    // So that the thread has values to serve, should the loop be blocked from now on.
    await thread.#reporter.report();
    return thread;
  }

  /** The port that the server listens on. A restarted thread listens on the same one. */
  get port(): number {
    return this.#port;
  }

  /** The URL of the server on this machine, such as `http://localhost:8000`, without a trailing slash. */
  get url(): string {
    const { tls, host } = this.#settings.server;
    return serverUrl(tls === undefined ? 'http' : 'https', host, this.#port);
  }

  /**
   * Adds a liveness check to `/health`, as `MetricsServer.addHealthCheck()` does. It runs on this thread, so it times out
   * while the event loop is blocked. The name `event_loop` is that of the thread's own check.
   */
  addHealthCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void {
    this.#checks.add('health', name, check, options);
  }

  /** Removes a check from `/health`; returns whether there was one. */
  removeHealthCheck(name: string): boolean {
    return this.#checks.remove('health', name);
  }

  /** Adds a check to `/ready`. Otherwise like {@link MetricsThread.addHealthCheck}. */
  addReadinessCheck(name: string, check: HealthCheck, options?: HealthCheckOptions): void {
    this.#checks.add('ready', name, check, options);
  }

  /** Removes a check from `/ready`; returns whether there was one. */
  removeReadinessCheck(name: string): boolean {
    return this.#checks.remove('ready', name);
  }

  /** Keeps the process alive until {@link MetricsThread.close}. Without it, a program that has finished ends. */
  ref(): this {
    this.#isRef = true;
    this.#worker?.ref();
    this.#nextStart?.ref();
    return this;
  }

  /** Undoes {@link MetricsThread.ref}. */
  unref(): this {
    this.#isRef = false;
    this.#worker?.unref();
    this.#nextStart?.unref();
    return this;
  }

  /**
   * Shuts down without losing counts, as `MetricsServer.close()` does: `/ready` fails, `lastWork` is awaited, the last values
   * are reported, each scraper gets them in a last scrape, then the thread ends. Keeps the process alive meanwhile.
   *
   * Resolves when everything is closed; never rejects. Further calls return the same promise.
   */
  close(lastWork?: PromiseLike<unknown>): Promise<void> {
    this.#closing ??= this.#stop(lastWork);
    return this.#closing;
  }

  async #stop(lastWork: PromiseLike<unknown> | undefined): Promise<void> {
    const worker = this.#worker;
    worker?.ref();
    const closed = new Promise<void>((resolve) => (this.#onClosed = resolve));
    this.#tell({ kind: 'close' });
    // Whether the work succeeded is its owner's concern.
    await Promise.allSettled([lastWork]);
    if (this.#worker !== undefined) {
      await this.#reporter.report();
      this.#tell({ kind: 'finish' });
      if (this.#worker !== undefined) await closed;
    }
    this.#release();
    await worker?.terminate();
  }

  #release(): void {
    clearInterval(this.#reports);
    clearTimeout(this.#nextStart);
    this.#reporter.stop();
    this.#heartbeat.stop();
    this.#shared.close();
  }

  /** Starts a thread, and resolves when it listens. Until then it keeps the process alive, for the caller waits. */
  async #run(): Promise<void> {
    const { unhealthyAfterSeconds, unreadyAfterSeconds } = this.#settings;
    const start: ThreadStart = {
      options: { ...this.#settings.server, port: this.#port },
      heartbeat: this.#heartbeat.memory,
      checks: this.#checks.descriptions,
      shared: this.#shared.begin(),
      unhealthyAfterSeconds,
      unreadyAfterSeconds,
      restarts: this.#restarts,
    };
    const worker = createWorker(this.#settings.workerUrl, start);
    this.#worker = worker;
    let failure: unknown = 'it has ended without an error';
    let listenedAt: number | undefined;
    let isOver = false;
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromThread | object) => {
        if (isOfReport(message)) return this.#reporter.take(message);
        const said = message as FromThread;
        switch (said.kind) {
          case 'listening':
            this.#port = said.port;
            listenedAt = performance.now();
            this.#tell({ kind: 'missed', announcements: this.#shared.missed() });
            return resolve();
          case 'failed':
            isOver = true;
            void worker.terminate();
            return reject(Object.assign(new Error(said.message), said.code === undefined ? {} : { code: said.code }));
          case 'check':
            return void this.#checks.run(said);
          case 'warning':
            return warn(said.code, said.message);
          case 'closed':
            return this.#onClosed();
        }
      });
      worker.on('error', (error) => (failure = error));
      worker.once('exit', () => {
        this.#worker = undefined;
        this.#onClosed();
        if (listenedAt === undefined) {
          if (!isOver) reject(startError(failure));
          return;
        }
        if (this.#closing !== undefined) return;
        if (performance.now() - listenedAt > STEADY_MILLISECONDS) this.#recentRestarts = 0;
        warn(
          'METRICS_THREAD_RESTARTED',
          `The metrics thread has ended and is restarted: expected it to run until it is closed, got ${errorText(failure)}.`,
        );
        this.#restart(LONGEST_WAIT_MILLISECONDS);
      });
    });
    if (!this.#isRef) worker.unref();
    this.#reporter.begin();
  }

  #restart(longestWait: number): void {
    this.#restarts++;
    const wait = Math.min(FIRST_WAIT_MILLISECONDS * 2 ** this.#recentRestarts++, longestWait);
    const { setTimeout } = process.getBuiltinModule('node:timers');
    this.#nextStart = setTimeout(() => {
      if (this.#closing !== undefined) return;
      this.#run().catch((error: unknown) => {
        if (this.#closing !== undefined) return;
        if (this.#recentRestarts === 1 || wait === LONGEST_WAIT_FOR_PORT_MILLISECONDS) {
          warn(
            'METRICS_THREAD_FAILED',
            `The metrics thread cannot be restarted, it is tried again: ${errorText(error)}`,
          );
        }
        this.#restart(LONGEST_WAIT_FOR_PORT_MILLISECONDS);
      });
    }, wait);
    if (!this.#isRef) this.#nextStart.unref();
  }

  #tell(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  #sendReport(message: FromWorker): void {
    if (message.kind === 'report' && message.isLast) this.#reportedAt = performance.now();
    this.#worker?.postMessage(message);
  }

  /** Reports unless a scrape has asked for a report meanwhile. */
  #reportIfOld(): void {
    const age = performance.now() - this.#reportedAt;
    if (age * 1.5 >= this.#settings.reportIntervalSeconds * 1000) this.#reporter.reportIfTaken();
  }
}

/** Leaves out the families that the thread reads from shared memory. */
function withoutShared(registry: Gatherer): Gatherer {
  return {
    async gather(options) {
      const families = await registry.gather(options);
      const names = usedMemory()?.exposedNames;
      return names === undefined ? families : families.filter(({ name }) => !names.has(name));
    },
    prepare: async () => registry.prepare?.(),
  };
}

/** Starts the program of a metrics thread, without the options and preloaded modules of this one: they could start another. */
function createWorker(workerUrl: URL | string | undefined, start: ThreadStart): Worker {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const { NODE_OPTIONS, ...env } = process.env;
  // Node's warnings of the thread are passed on to this one, which prints them.
  const options = { name: 'metrics', workerData: start, execArgv: ['--no-warnings'], env };
  try {
    // Written so that Vite sees that the file belongs to the program.
    return workerUrl === undefined
      ? new Worker(new URL('./thread-worker.js', import.meta.url), options)
      : new Worker(workerUrl, options);
  } catch (error) {
    throw startError(error);
  }
}

function startError(cause: unknown): Error {
  // Bundled to CommonJS, `import.meta.url` is undefined.
  const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_INVALID_URL'].includes(errorCode(cause) ?? '');
  const remedy = isMissing
    ? ' If the program is bundled, make dist/bundle/thread-worker.js of this package a second entry beside it. ' +
      'In CommonJS and with webpack, pass a workerUrl too.'
    : '';
  return new Error(`Cannot start a metrics thread: expected it to listen, got ${errorText(cause)}.${remedy}`, {
    cause,
  });
}
