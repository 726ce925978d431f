import { errorText, warn } from '../model/error-text.ts';
import type { Family, Gatherer } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { keptAlive, MAX_TIMER_MILLISECONDS, nextTurn } from '../model/promises.ts';
import { register } from '../registry/register.ts';
import { BoundedGatherer, within } from './bounded-gatherer.ts';
import { type FromWorker, PROTOCOL, randomId, readToWorker } from './message.ts';
import { ReportWriter } from './report-writer.ts';

/** Reports the metrics of a worker. */
export interface MetricsReporter {
  /**
   * Reports now. Call it before the worker ends, so that nothing is lost. Resolves when the report is on its way, without the
   * collectors that take longer than 5 seconds, or if no aggregator has asked for a report within a second. Never rejects.
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

/** How long an aggregator's request waits for collectors: longer than scrapers do. */
const ANSWER_SECONDS = 60;
/** How long `report()` waits for a report as aggregators get it, and then for one of what is ready. */
const WHOLE_REPORT_SECONDS = 1;
const READY_REPORT_SECONDS = 4;

/** The most aggregators that a reporter serves at the same time. */
const MAX_AGGREGATORS = 8;

/** An aggregator as its reporter sees it. */
interface Listener {
  writer: ReportWriter;
  isFresh: boolean;
  /** The request to answer next; 0 for a report without a request. */
  wanted: number | undefined;
  /** Settles when no report is wanted any more, or the gatherer hangs. */
  reporting: Promise<void> | undefined;
  /** Settles when the last report has been sent: reports must not mix. */
  writing: Promise<unknown>;
  /** Whether it has not confirmed the last report yet. */
  isBehind: boolean;
}

/** Sends the values of a registry to aggregators: on request, and when {@link report} is called. */
export class Reporter {
  readonly #id = randomId();
  readonly #registry: Gatherer;
  readonly #gatherer: BoundedGatherer;
  readonly #send: (message: FromWorker) => void;
  readonly #listeners = new Map<string, Listener>();
  /** Ends the wait of `#firstAsk()`. */
  #onAsk: () => void = () => undefined;
  #isStopped = false;
  #hasWarned = false;

  /** `send` must not throw. */
  constructor(registry: Gatherer, send: (message: FromWorker) => void) {
    this.#registry = registry;
    this.#gatherer = new BoundedGatherer(registry, {
      onFault: (got) => this.#warn(got),
      onRecovered: () => this.#reportOwed(),
    });
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
        const listener = this.#listenerOf(aggregator, said.acceptsNative === true);
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
   * worker may call this right after its start. Resolves when the report is on its way, after about 5 s without the collectors
   * that are late, and without a report if the gatherer hangs. Never rejects.
   */
  report(): Promise<void> {
    return keptAlive(this.#report());
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

  #listenerOf(aggregator: string, acceptsNative: boolean): Listener {
    const known = this.#listeners.get(aggregator);
    if (known !== undefined) return known;
    const [oldest] = this.#listeners.keys();
    if (this.#listeners.size >= MAX_AGGREGATORS) this.#listeners.delete(oldest!);
    const listener = {
      writer: new ReportWriter(acceptsNative),
      isFresh: true,
      wanted: undefined,
      reporting: undefined,
      writing: Promise.resolve(),
      isBehind: false,
    };
    this.#listeners.set(aggregator, listener);
    return listener;
  }

  async #report(): Promise<void> {
    if (this.#listeners.size === 0 && !this.#isStopped) await this.#firstAsk();
    const late = new Set(this.#listeners);
    const whole = Array.from(late, async (one) => {
      const [aggregator, listener] = one;
      await this.#reportTo(aggregator, listener, 0);
      late.delete(one);
    });
    await within(Promise.all(whole), WHOLE_REPORT_SECONDS);
    if (late.size === 0) return;
    const families = await this.#gatherer.gather(READY_REPORT_SECONDS);
    if (families === undefined) return;
    // Without a request: those who wait for one still get the whole report.
    await Promise.all(Array.from(late, ([aggregator, listener]) => this.#write(aggregator, listener, 0, families)));
  }

  #reportTo(aggregator: string, listener: Listener, request: number): Promise<void> {
    listener.wanted = Math.max(listener.wanted ?? 0, request);
    listener.reporting ??= this.#reportWhileWanted(aggregator, listener);
    return listener.reporting;
  }

  /** Answers the requests that a gatherer left unanswered while it hung. */
  #reportOwed(): void {
    for (const [aggregator, listener] of this.#listeners)
      if (listener.wanted !== undefined) void this.#reportTo(aggregator, listener, 0);
  }

  /** Never rejects. */
  async #reportWhileWanted(aggregator: string, listener: Listener): Promise<void> {
    while (listener.wanted !== undefined) {
      const families = await this.#gatherer.gather(ANSWER_SECONDS);
      // The request is still owed: the next report answers it.
      if (families === undefined) break;
      // Read after gathering: this report also answers requests that came in the meantime.
      const request = listener.wanted;
      listener.wanted = undefined;
      if (!(await this.#write(aggregator, listener, request, families))) break;
    }
    // In the same turn as the last check of `wanted`, so that no request is lost.
    listener.reporting = undefined;
  }

  /** Sends a report, after those that are on their way. Returns whether it could be written. Never rejects. */
  #write(aggregator: string, listener: Listener, request: number, families: readonly Family[]): Promise<boolean> {
    const written = listener.writing.then(async () => {
      listener.isBehind = true;
      try {
        await this.#writeParts(aggregator, listener, request, families);
        return true;
      } catch (error) {
        this.#warn(`an error (${errorText(error)})`);
        // How much the aggregator has received is unknown now, so the next report is a full one. It is still owed.
        listener.writer = new ReportWriter();
        listener.isFresh = true;
        listener.isBehind = false;
        listener.wanted = Math.max(listener.wanted ?? 0, request);
        return false;
      }
    });
    listener.writing = written;
    return written;
  }

  async #writeParts(
    aggregator: string,
    listener: Listener,
    request: number,
    families: readonly Family[],
  ): Promise<void> {
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

  #warn(got: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn('METRICS_REPORT_FAILED', `Cannot report metrics: expected families with series, got ${got}.`);
  }
}
