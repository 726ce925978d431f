import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorText } from '../model/error-text.ts';
import type { Family, Gatherer } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { warn } from '../model/warning.ts';
import { register } from '../registry/register.ts';
import { type FromWorker, PROTOCOL, randomId, readToWorker } from './message.ts';
import { ReportWriter } from './report-writer.ts';

/** A worker's side of the reports. */
export interface MetricsReporter {
  /**
   * Reports now: before the worker ends, so that nothing is lost. Resolves when the report is on its way, or
   * nobody has asked for one within a second of waiting; never rejects.
   */
  report(): Promise<void>;
  /** Ends the reports. What was counted stays in the sums, as after the end of the worker. */
  stop(): void;
}

/** How messages get to the aggregators, and theirs here. */
export interface Transport {
  /** Must not throw. */
  send(message: FromWorker): void;
  close(): void;
}

/** The longest delay that a timer takes, 24.8 days; beyond it Node fires at once. */
const LONGEST_INTERVAL_SECONDS = (2 ** 31 - 1) / 1000;

/** By registry, the reporter that runs: a module that is evaluated twice, as in hot reload, must not count twice. */
const running = new WeakMap<Gatherer, MetricsReporter>();

/**
 * Starts the reports of a registry, by a timer that does not keep the process alive, and returns the reporter; that which
 * runs, if there is one for the registry. `open` is given what takes the messages that come.
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
    intervalSeconds <= LONGEST_INTERVAL_SECONDS ? setInterval(() => reporter.reportIfTaken(), intervalSeconds * 1000) : undefined;
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

/** What a worker reports. */
export interface ReportOptions {
  /** The registry whose metrics are reported; the default registry unless given. */
  readonly registry?: Gatherer;
  /**
   * Seconds between reports that nobody asks for; 5 unless given, `Infinity` for none. What was counted since the last
   * report is lost when the worker crashes.
   */
  readonly intervalSeconds?: number;
}

/** Returns the options with what is left out filled in. Throws a TypeError or RangeError on one that is none. */
export function checkReportOptions({ registry = register, intervalSeconds = 5 }: ReportOptions): Required<ReportOptions> {
  if (typeof registry?.gather !== 'function') {
    throw new TypeError(`Cannot report metrics: expected registry to be a registry, got ${describe(registry)}.`);
  }
  if (typeof intervalSeconds !== 'number' || !(intervalSeconds > 0)) {
    throw new RangeError(`Cannot report metrics: expected intervalSeconds above 0, got ${describe(intervalSeconds)}.`);
  }
  return { registry, intervalSeconds };
}

/** How long a report holds the event loop before it gives it back. */
const SLICE_MILLISECONDS = 0.5;

/** How long a report waits for an aggregator, when there has been none. */
const FIRST_ASK_MILLISECONDS = 1000;

/** Aggregators that a reporter remembers: more than one only where a program makes several. */
const MAX_AGGREGATORS = 8;

/** What one aggregator has been told, and is still to be. */
interface Listener {
  writer: ReportWriter;
  isFresh: boolean;
  /** The request to be answered next; 0 for a report that nobody asked for. */
  wanted: number | undefined;
  /** The reports that are being written, until none is wanted. */
  reporting: Promise<void> | undefined;
  /** Whether it has not yet said that it took the last report. */
  isBehind: boolean;
}

/** Tells aggregators the values of a registry, when they ask and when {@link report} is called. */
export class Reporter {
  readonly #id = randomId();
  readonly #registry: Gatherer;
  readonly #send: (message: FromWorker) => void;
  readonly #listeners = new Map<string, Listener>();
  /** Ends the wait for the first request. */
  #onAsk: () => void = () => undefined;
  #isStopped = false;
  #hasWarned = false;

  /** `send` must not throw. */
  constructor(registry: Gatherer, send: (message: FromWorker) => void) {
    this.#registry = registry;
    this.#send = send;
  }

  /** Says that there is a reporter, to aggregators that were there before. */
  begin(): void {
    this.#send({ protocol: PROTOCOL, kind: 'hello', reporter: this.#id });
  }

  /** Takes a message; one that is not for reporters is left alone. */
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
   * Reports to every aggregator that has asked before; if none has, waits a second for one, since a worker may end so
   * soon after its start. Resolves when the report is on its way; never rejects.
   */
  async report(): Promise<void> {
    if (this.#listeners.size === 0 && !this.#isStopped) await this.#firstAsk();
    await Promise.all([...this.#listeners].map(([aggregator, listener]) => this.#reportTo(aggregator, listener, listener.wanted ?? 0)));
  }

  /** Reports to those that took the last report: for a primary that hangs, messages would pile up. */
  reportIfTaken(): void {
    for (const [aggregator, listener] of this.#listeners) {
      if (!listener.isBehind && listener.reporting === undefined) void this.#reportTo(aggregator, listener, 0);
    }
  }

  /** Ends the reports. The aggregators keep what was counted, as after the end of the worker. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#listeners.clear();
    this.#send({ protocol: PROTOCOL, kind: 'bye', reporter: this.#id });
  }

  #firstAsk(): Promise<void> {
    return new Promise((resolve) => {
      // Keeps the worker alive, which has been told to report before it ends.
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
    const listener = { writer: new ReportWriter(), isFresh: true, wanted: undefined, reporting: undefined, isBehind: false };
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
        // Read only now: a request that came while the collectors ran is answered by the same report.
        const request = listener.wanted;
        listener.wanted = undefined;
        listener.isBehind = true;
        await this.#write(aggregator, listener, request, families);
      }
    } catch (error) {
      // What the aggregator has been told is not known now, so the next report begins anew.
      if (this.#listeners.get(aggregator) === listener) this.#listeners.delete(aggregator);
      this.#warn(error);
    }
    // In one step with the last look at what is wanted: a request that comes now begins anew.
    listener.reporting = undefined;
  }

  async #write(aggregator: string, listener: Listener, request: number, families: readonly Family[]): Promise<void> {
    let sliceEnd = performance.now() + SLICE_MILLISECONDS;
    const parts = listener.writer.parts(families);
    let next = parts.next();
    while (next.done !== true) {
      const content = next.value;
      next = parts.next();
      // Left, or stopped, in the meantime: the rest would be told to nobody.
      if (this.#listeners.get(aggregator) !== listener) return;
      const { isFresh } = listener;
      listener.isFresh = false;
      const isLast = next.done === true;
      this.#send({ protocol: PROTOCOL, kind: 'report', reporter: this.#id, aggregator, request, isFresh, isLast, ...content });
      if (isLast || performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MILLISECONDS;
    }
  }

  /** A registry never rejects; what else is a `Gatherer` may, and then has nothing to say. */
  async #gather(): Promise<readonly Family[]> {
    try {
      return await this.#registry.gather();
    } catch (error) {
      this.#warn(error);
      return [];
    }
  }

  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn('METRICS_REPORT_FAILED', `Cannot report metrics: expected families with series, got an error (${errorText(error)}).`);
  }
}
