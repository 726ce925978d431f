import { Counter } from '../metrics/counter.ts';
import { Gauge } from '../metrics/gauge.ts';
import { errorCode, errorText, warn } from '../model/error-text.ts';
import type { Family, Gatherer } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { keptAlive, MAX_TIMER_MILLISECONDS, nextTurn } from '../model/promises.ts';
import { MetricsRegistry } from '../registry/metrics-registry.ts';
import { register } from '../registry/register.ts';
import { createTogether } from './self-metrics.ts';

/** Options of every bridge that pushes. */
export interface PushOptions {
  /** The registry to push; the default registry unless given. */
  readonly registry?: Gatherer;
  /** Seconds between two pushes, which are aligned to the clock; `Infinity` to push only when `push()` is called. */
  readonly intervalSeconds?: number;
  /** Seconds after which a push is given up; those between two pushes at most, and 10 unless given. */
  readonly timeoutSeconds?: number;
}

/** A bridge that pushes. */
export interface MetricsPush {
  /**
   * Pushes now, or joins the push that is under way. Resolves when the metrics have been handed to the network, and rejects
   * with the error if they could not.
   */
  push(): Promise<void>;
  /**
   * Ends the timer, pushes what has been counted since the last push, and resolves when that is done. Does not push if a push
   * that is under way is given up. Never rejects.
   */
  close(): Promise<void>;
}

/** What a bridge does with the families of one push. It stops when the signal is aborted. */
export type SendFamilies = (families: readonly Family[], signal: AbortSignal, about: PushContext) => Promise<void>;

/** What a bridge may want to know of a push. */
export interface PushContext {
  /** When the push is given up, by `performance.now()`: retries end before. */
  readonly deadline: number;
  /** Whether this is the push of `close()`: no other follows. */
  readonly isLast: boolean;
  /** Counts series as arrived. What has not arrived when a push fails is counted as dropped. */
  readonly taken: (seriesCount: number) => void;
  /** Notes that some series were refused. The push goes on with the others, and fails at its end. */
  readonly refused: (error: unknown) => void;
}

/** The shortest interval. */
export const MIN_INTERVAL_SECONDS = 0.1;

/** So many pushes may hang before the next one has to wait: they would pile up. */
const MAX_UNENDED = 3;
/** That wait: some may never end. */
const WAIT_MILLISECONDS = 3_600_000;

/**
 * Pushes a registry at each interval: one push at a time, and none while the one before is under way, so that nothing piles
 * up when a receiver hangs. Failures are counted, reported once as a process warning, and do not end the loop.
 * `gracefulShutdown()` closes it.
 *
 * Neither its timer nor a push keeps the process alive, but for {@link push} and {@link close}, which are awaited.
 */
export class PushLoop implements MetricsPush {
  readonly #bridge: string;
  readonly #registry: Gatherer;
  readonly #send: SendFamilies;
  readonly #intervalMilliseconds: number;
  readonly #timeoutMilliseconds: number;
  readonly #results: { inc(labels: { bridge: string; result: string }): void } | undefined;
  readonly #dropped: { inc(labels: { bridge: string }, seriesCount: number): void } | undefined;
  readonly #duration: { set(labels: { bridge: string }, seconds: number): void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Pushes that have not ended, though they were given up: a function of the program hangs. */
  #unended = 0;
  #begunAt = 0;
  #hasWarned = false;
  #isLast = false;

  /** `bridge` is what it is called in messages and self-metrics. Throws a TypeError or RangeError on an invalid option. */
  constructor(bridge: string, options: PushOptions, defaultIntervalSeconds: number, send: SendFamilies) {
    const { registry = register, intervalSeconds = defaultIntervalSeconds } = options;
    const { timeoutSeconds = Math.min(10, intervalSeconds) } = options;
    const action = `push metrics to ${bridge}`;
    if (typeof registry?.gather !== 'function') refuse(action, 'registry to be a registry', registry);
    if (typeof intervalSeconds !== 'number' || !(intervalSeconds >= MIN_INTERVAL_SECONDS))
      refuse(action, `intervalSeconds of ${MIN_INTERVAL_SECONDS} or more`, intervalSeconds, RangeError);
    if (typeof timeoutSeconds !== 'number' || !(timeoutSeconds > 0 && timeoutSeconds <= intervalSeconds))
      refuse(action, 'timeoutSeconds above 0, and not above intervalSeconds', timeoutSeconds, RangeError);
    this.#bridge = bridge;
    this.#registry = registry;
    this.#send = send;
    this.#intervalMilliseconds = intervalSeconds * 1000;
    this.#timeoutMilliseconds = Math.min(timeoutSeconds * 1000, MAX_TIMER_MILLISECONDS);
    if (registry instanceof MetricsRegistry) {
      const { pushes, dropped, duration } = selfMetrics(registry);
      this.#results = pushes;
      this.#dropped = dropped;
      this.#duration = duration;
    }
    openPushes().add(this);
    this.#schedule();
  }

  push(): Promise<void> {
    return keptAlive(this.#join());
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    openPushes().delete(this);
    this.#closing ??= keptAlive(this.#finish());
    return this.#closing;
  }

  async #finish(): Promise<void> {
    try {
      await this.#running;
    } catch (error) {
      // A receiver that hangs would hold up the end of the process twice as long.
      if (errorCode(error) === 'ETIMEDOUT') return this.#warn(error);
    }
    this.#isLast = true;
    await this.#join().catch((error: unknown) => this.#warn(error));
  }

  /** Waits for the next multiple of the interval that is so far away at least. */
  #schedule(leastMilliseconds = 0): void {
    const interval = this.#intervalMilliseconds;
    if (interval > MAX_TIMER_MILLISECONDS) return;
    const left = interval - (Date.now() % interval);
    this.#timer = setTimeout(
      () => {
        // Timers count by another clock, and may end a millisecond before the multiple: it would be pushed again at once.
        this.#schedule(interval / 2);
        const isHung = this.#unended >= MAX_UNENDED && performance.now() - this.#begunAt < WAIT_MILLISECONDS;
        if (this.#running !== undefined || isHung) this.#results?.inc({ bridge: this.#bridge, result: 'skipped' });
        else this.#join().catch((error: unknown) => this.#warn(error));
      },
      left < leastMilliseconds ? left + interval : left,
    );
    this.#timer.unref();
  }

  #join(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    const startedAt = performance.now();
    this.#begunAt = startedAt;
    let result = 'failed';
    let missing = 0;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(this.#timeoutError()), this.#timeoutMilliseconds);
    timer.unref();
    const pushed = async (): Promise<void> => {
      const timeoutSeconds = this.#timeoutMilliseconds / 2000;
      const families = await this.#registry.gather({ timeoutSeconds, keepAlive: false });
      for (const { series } of families) missing += series.length;
      const refusals: unknown[] = [];
      await this.#send(families, controller.signal, {
        deadline: startedAt + this.#timeoutMilliseconds,
        isLast: this.#isLast,
        taken: (seriesCount) => void (missing -= seriesCount),
        refused: (error) => void refusals.push(error),
      });
      if (refusals.length > 0) throw refusals[0];
    };
    try {
      this.#unended++;
      const pushing = pushed().finally(() => this.#unended--);
      await Promise.race([pushing, givenUp(controller.signal)]);
      result = 'sent';
    } finally {
      clearTimeout(timer);
      this.#results?.inc({ bridge: this.#bridge, result });
      if (result === 'failed') this.#dropped?.inc({ bridge: this.#bridge }, Math.max(0, missing));
      this.#duration?.set({ bridge: this.#bridge }, (performance.now() - startedAt) / 1000);
    }
  }

  #timeoutError(): Error {
    const seconds = this.#timeoutMilliseconds / 1000;
    const message =
      `Cannot push metrics to ${this.#bridge}: expected the receiver to take them within ${seconds} s, got no end of it. ` +
      'Check that it answers, or raise timeoutSeconds.';
    return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
  }

  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn(
      'METRICS_PUSH_FAILED',
      `Pushing metrics to ${this.#bridge} fails: ${errorText(error).replace(/\.$/, '')}. Further failures are only counted.`,
    );
  }
}

/** Rejects soon after a push is given up: a bridge that stops by itself says why before, but a function of the program may hang. */
function givenUp(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => void nextTurn().then(() => reject(signal.reason)));
  });
}

/** The names of the metrics of all bridges that push a registry. */
const SELF = {
  pushes: 'metrics_client_pushes_total',
  dropped: 'metrics_client_push_dropped_series_total',
  duration: 'metrics_client_push_duration_seconds',
} as const;

function selfMetrics(registry: MetricsRegistry) {
  const common = { registers: [registry], ifExists: 'reuse' } as const;
  return createTogether(registry, Object.values(SELF), () => ({
    pushes: new Counter({
      ...common,
      name: SELF.pushes,
      help: 'Pushes by their result: sent, failed, or skipped since the one before was still under way.',
      labelNames: ['bridge', 'result'],
    }),
    dropped: new Counter({
      ...common,
      name: SELF.dropped,
      help: 'Series whose values did not arrive, in pushes that failed.',
      labelNames: ['bridge'],
    }),
    duration: new Gauge({
      ...common,
      name: SELF.duration,
      help: 'Time that the last push took.',
      labelNames: ['bridge'],
    }),
  }));
}

/**
 * The loops that are open, where `gracefulShutdown()` finds those of all copies of this package in the process. It does not
 * import this file, nor this file that one: programs would load both.
 */
function openPushes(): Set<MetricsPush> {
  const holder = globalThis as { [PUSHES]?: Set<MetricsPush> };
  return (holder[PUSHES] ??= new Set());
}

const PUSHES = Symbol.for('@finpilot/metrics.pushes');

/** How long a bridge works before it gives other work its turn. */
const SLICE_MILLISECONDS = 0.5;

/** Ends each half millisecond of work, so that a push of any size stalls nothing. */
export class WorkSlice {
  #end = performance.now() + SLICE_MILLISECONDS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop go round. Rejects if the push is to end. */
  async next(signal: AbortSignal): Promise<void> {
    await nextTurn();
    signal.throwIfAborted();
    this.#end = performance.now() + SLICE_MILLISECONDS;
  }
}
