import { errorText, warn } from '../model/error-text.ts';
import type { Family, Gatherer } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { MAX_TIMER_MILLISECONDS, nextTurn } from '../model/promises.ts';
import { register } from '../registry/register.ts';
import { type FromWorker, PROTOCOL, randomId, readToWorker } from './message.ts';
import { ReportWriter } from './report-writer.ts';

/** Reports the metrics of a worker. */
export interface MetricsReporter {
  /**
   * Reports now. Call it before the worker ends, so that nothing is lost. Resolves when the report is on its way, or if no
   * aggregator has asked for one within a second. Never rejects.
   */
  report(): Promise<void>;
  /** Stops reporting. The counts stay in the sums, as after the end of the worker. */
  stop(): void;
}

/** Carries messages to the aggregators. */
interface Transport {
  /** Must not throw. */
  send(message: FromWorker): void;
  close(): void;
}

/** The running reporter of each registry. A module that is evaluated twice, as in hot reload, must not count twice. */
const running = new WeakMap<Gatherer, MetricsReporter>();

/**
 * Starts to report a registry, with a timer that does not keep the process alive. Returns the running reporter if the
 * registry has one. `open` gets a function that takes incoming messages.
 */
export function startReports(
  { registry, intervalSeconds }: Required<ReportOptions>,
  open: (take: (message: unknown) => void) => Transport,
): MetricsReporter {
  const existing = running.get(registry);
  if (existing !== undefined) return existing;
  const transport = open((message) => reporter.take(message));
  const reporter = new Reporter(registry, (message) => transport.send(message));
  const timer =
    intervalSeconds * 1000 <= MAX_TIMER_MILLISECONDS
      ? setInterval(() => reporter.reportIfTaken(), intervalSeconds * 1000)
      : undefined;
  timer?.unref();
  reporter.begin();
  const started: MetricsReporter = {
    report: () => reporter.report(),
    stop() {
      if (running.get(registry) !== started) return;
      running.delete(registry);
      clearInterval(timer);
      reporter.stop();
      transport.close();
    },
  };
  running.set(registry, started);
  return started;
}

/** Options for a reporter. */
export interface ReportOptions {
  /** The registry to report (default: the default registry). */
  readonly registry?: Gatherer;
  /**
   * Seconds between unsolicited reports (default 5, `Infinity` for none). A worker that crashes loses what it
   * counted since its last report.
   */
  readonly intervalSeconds?: number;
}

/** Returns the options with defaults filled in. Throws a TypeError or RangeError on an invalid option. */
export function checkReportOptions({
  registry = register,
  intervalSeconds = 5,
}: ReportOptions): Required<ReportOptions> {
  if (typeof registry?.gather !== 'function') {
    refuse('report metrics', 'registry to be a registry', registry);
  }
  if (typeof intervalSeconds !== 'number' || !(intervalSeconds > 0)) {
    refuse('report metrics', 'intervalSeconds above 0', intervalSeconds, RangeError);
  }
  return { registry, intervalSeconds };
}

/** How long a report blocks the event loop before it yields. */
const SLICE_MILLISECONDS = 0.5;

/** How long `report()` waits for the first request of an aggregator. */
const FIRST_ASK_MILLISECONDS = 1000;

/** The most aggregators that a reporter serves at the same time. */
const MAX_AGGREGATORS = 8;

/** An aggregator as its reporter sees it. */
interface Listener {
  writer: ReportWriter;
  isFresh: boolean;
  /** The request to answer next; 0 for a report without a request. */
  wanted: number | undefined;
  /** Settles when no report is wanted any more. */
  reporting: Promise<void> | undefined;
  /** Whether it has not confirmed the last report yet. */
  isBehind: boolean;
}

/** Sends the values of a registry to aggregators: on request, and when {@link report} is called. */
export class Reporter {
  readonly #id = randomId();
  readonly #registry: Gatherer;
  readonly #send: (message: FromWorker) => void;
  readonly #listeners = new Map<string, Listener>();
  /** Ends the wait of `#firstAsk()`. */
  #onAsk: () => void = () => undefined;
  #isStopped = false;
  #hasWarned = false;

  /** `send` must not throw. */
  constructor(registry: Gatherer, send: (message: FromWorker) => void) {
    this.#registry = registry;
    this.#send = send;
  }

  /**
   * Announces the reporter to aggregators that were started before it. Loads what the registry needs, so that reports do not
   * depend on a file; where that fails, the first report tries again.
   */
  begin(): void {
    Promise.resolve()
      .then(() => this.#registry.prepare?.())
      .catch(() => undefined);
    this.#send({ protocol: PROTOCOL, kind: 'hello', reporter: this.#id });
  }

  /** Takes a message. Messages that are not for reporters are ignored. Never throws. */
  take(message: unknown): void {
    const said = readToWorker(message);
    if (said === undefined || this.#isStopped) return;
    const { aggregator } = said;
    switch (said.kind) {
      case 'ask': {
        const listener = this.#listenerOf(aggregator);
        void this.#reportTo(aggregator, listener, said.request);
        this.#onAsk();
        return;
      }
      case 'taken': {
        const listener = this.#listeners.get(aggregator);
        if (listener !== undefined && said.reporter === this.#id) listener.isBehind = false;
        return;
      }
      case 'leave':
        this.#listeners.delete(aggregator);
        return;
    }
  }

  /**
   * Reports to every aggregator that has asked before. If none has, waits a second for the first one, since a short-lived
   * worker may call this right after its start. Resolves when the report is on its way. Never rejects.
   */
  async report(): Promise<void> {
    if (this.#listeners.size === 0 && !this.#isStopped) await this.#firstAsk();
    const reports = [...this.#listeners].map(([aggregator, listener]) =>
      this.#reportTo(aggregator, listener, listener.wanted ?? 0),
    );
    await keptAlive(Promise.all(reports));
  }

  /** Reports to the aggregators that confirmed the last report. For a primary that hangs, messages would pile up. */
  reportIfTaken(): void {
    for (const [aggregator, listener] of this.#listeners) {
      if (!listener.isBehind && listener.reporting === undefined) void this.#reportTo(aggregator, listener, 0);
    }
  }

  /** Stops reporting. The aggregators keep the counts, as after the end of the worker. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#listeners.clear();
    this.#send({ protocol: PROTOCOL, kind: 'bye', reporter: this.#id });
  }

  #firstAsk(): Promise<void> {
    return new Promise((resolve) => {
      // Not unref'd: report() is awaited.
      const timer = setTimeout(resolve, FIRST_ASK_MILLISECONDS);
      const before = this.#onAsk;
      this.#onAsk = () => {
        clearTimeout(timer);
        before();
        resolve();
      };
    });
  }

  #listenerOf(aggregator: string): Listener {
    const known = this.#listeners.get(aggregator);
    if (known !== undefined) return known;
    const [oldest] = this.#listeners.keys();
    if (this.#listeners.size >= MAX_AGGREGATORS) this.#listeners.delete(oldest!);
    const listener = {
      writer: new ReportWriter(),
      isFresh: true,
      wanted: undefined,
      reporting: undefined,
      isBehind: false,
    };
    this.#listeners.set(aggregator, listener);
    return listener;
  }

  #reportTo(aggregator: string, listener: Listener, request: number): Promise<void> {
    listener.wanted = request;
    listener.reporting ??= this.#reportWhileWanted(aggregator, listener);
    return listener.reporting;
  }

  async #reportWhileWanted(aggregator: string, listener: Listener): Promise<void> {
    try {
      while (listener.wanted !== undefined) {
        const families = await this.#gather();
        // Read after gathering: this report also answers requests that came in the meantime.
        const request = listener.wanted;
        listener.wanted = undefined;
        listener.isBehind = true;
        await this.#write(aggregator, listener, request, families);
      }
    } catch (error) {
      // How much the aggregator has received is unknown now, so the next report is a full one.
      if (this.#listeners.get(aggregator) === listener) this.#listeners.delete(aggregator);
      this.#warn(error);
    }
    // In the same turn as the last check of `wanted`, so that no request is lost.
    listener.reporting = undefined;
  }

  async #write(aggregator: string, listener: Listener, request: number, families: readonly Family[]): Promise<void> {
    let sliceEnd = performance.now() + SLICE_MILLISECONDS;
    const parts = listener.writer.parts(families);
    let next = parts.next();
    while (next.done !== true) {
      const content = next.value;
      next = parts.next();
      // The aggregator has left, or the reporter was stopped.
      if (this.#listeners.get(aggregator) !== listener) return;
      const { isFresh } = listener;
      listener.isFresh = false;
      const isLast = next.done === true;
      this.#send({
        protocol: PROTOCOL,
        kind: 'report',
        reporter: this.#id,
        aggregator,
        request,
        isFresh,
        isLast,
        ...content,
      });
      if (isLast || performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MILLISECONDS;
    }
  }

  /** Returns nothing if the gatherer rejects, which a registry never does. {@link report} keeps the process alive. */
  async #gather(): Promise<readonly Family[]> {
    try {
      return await this.#registry.gather({ keepAlive: false });
    } catch (error) {
      this.#warn(error);
      return [];
    }
  }

  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn(
      'METRICS_REPORT_FAILED',
      `Cannot report metrics: expected families with series, got an error (${errorText(error)}).`,
    );
  }
}

/**
 * Waits for a promise, and keeps the process alive meanwhile. For calls that a program awaits: Node ends the process, with exit
 * code 0, when all that is left to wait for is unref'd, as the timers of shared work are.
 */
async function keptAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, MAX_TIMER_MILLISECONDS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
