import type { EventLoopUtilization, IntervalHistogram } from 'node:perf_hooks';
import type { Aggregator } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { type Group, singleSeries } from './group.ts';

/** How the delay is measured. */
interface EventLoopDelayOptions {
  /** Milliseconds between two measurements, a positive integer. */
  readonly resolutionMilliseconds?: number | undefined;
  readonly monitor?: (options: { readonly resolution: number }) => IntervalHistogram;
  readonly nowSeconds?: () => number;
}

/**
 * Each measurement wakes an idle process up. Measured with Node 20 on two shared cores of an EPYC, % of a core:
 *
 * | resolution | 10 ms | 20 ms | 50 ms | 100 ms | 150 ms | 200 ms | 500 ms | none |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | idle CPU | 0.70 | 0.37 | 0.15 | 0.08-0.10 | 0.065 | 0.042-0.051 | 0.017 | 0.005 |
 *
 * by `node -e "perf_hooks.monitorEventLoopDelay({ resolution: 200 }).enable(); setTimeout(() => { const c =
 * process.cpuUsage(); setTimeout(() => { const d = process.cpuUsage(c); console.log((d.user + d.system) / 2e5, '%') },
 * 2e4) }, 1e3)"`. The budget is 0.1 %; 200 ms leaves a busier or slower machine half of it. The second histogram is
 * free, since both timers are due at the same time.
 */
const DEFAULT_RESOLUTION_MILLISECONDS = 200;

/**
 * Event loop lag: the delay of a timer or event that becomes due at a random moment. Covers the last one to two
 * minutes, is the same for every scraper (see {@link RollingWindow}), and is left out until there is a measurement.
 *
 * ```text
 * nodejs_eventloop_lag_seconds 0.0002
 * nodejs_eventloop_lag_min_seconds 0
 * nodejs_eventloop_lag_max_seconds 0.0131
 * nodejs_eventloop_lag_mean_seconds 0.0002
 * nodejs_eventloop_lag_stddev_seconds 0.0007
 * nodejs_eventloop_lag_p50_seconds 0.0001
 * nodejs_eventloop_lag_p90_seconds 0.0003
 * nodejs_eventloop_lag_p99_seconds 0.0008
 * ```
 *
 * Node measures it natively, by a timer that does not keep the process alive. A coarse resolution is less
 * precise but unbiased: of measurements 200 ms apart, one in four meets a stall of 50 ms, as does one in four events that
 * come at random moments. It may miss a rare short stall; lower `eventLoopMonitoringPrecision` to catch more of them.
 *
 * Differences from prom-client:
 *
 * - the timer's interval is subtracted: an idle loop has a lag of 0 to 1 ms, not of the resolution;
 * - `nodejs_eventloop_lag_seconds` is the mean. There, the scrape measures the time to the next turn of the loop, which
 *   is mostly the duration of the scrape itself, and otherwise a single random sample;
 * - scraping resets nothing.
 */
export function eventLoopDelay({
  resolutionMilliseconds = DEFAULT_RESOLUTION_MILLISECONDS,
  monitor = process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay,
  nowSeconds,
}: EventLoopDelayOptions = {}): Group {
  checkResolution(resolutionMilliseconds);
  const begin = (histogram = monitor({ resolution: resolutionMilliseconds })): IntervalHistogram => {
    histogram.enable(); // does nothing if it runs
    histogram.reset();
    return histogram;
  };
  const window = new RollingWindow(begin, nowSeconds);
  const lag = (nanoseconds: number): number => Math.max(0, nanoseconds - resolutionMilliseconds * 1e6) / 1e9;
  return {
    collect() {
      const delay = window.look();
      const ifAny = (read: () => number): number | undefined => (delay.count === 0 ? undefined : read());
      const mean = ifAny(() => lag(delay.mean));
      const gauge = (part: string, what: string, value: number | undefined, aggregator: Aggregator = 'average') =>
        singleSeries('gauge', `nodejs_eventloop_lag_${part}seconds`, `${what} in seconds.`, value, aggregator);
      return [
        gauge('', 'Mean event loop lag', mean),
        gauge(
          'min_',
          'Minimum event loop lag',
          ifAny(() => lag(delay.min)),
          'min',
        ),
        gauge(
          'max_',
          'Maximum event loop lag',
          ifAny(() => lag(delay.max)),
          'max',
        ),
        gauge('mean_', 'Mean event loop lag', mean),
        gauge(
          'stddev_',
          'Standard deviation of the event loop lag',
          ifAny(() => delay.stddev / 1e9),
        ),
        gauge(
          'p50_',
          '50th percentile of the event loop lag',
          ifAny(() => lag(delay.percentile(50))),
        ),
        gauge(
          'p90_',
          '90th percentile of the event loop lag',
          ifAny(() => lag(delay.percentile(90))),
        ),
        gauge(
          'p99_',
          '99th percentile of the event loop lag',
          ifAny(() => lag(delay.percentile(99))),
        ),
      ];
    },
    stop() {
      for (const histogram of window.recordings) histogram.disable();
    },
  };
}

function checkResolution(milliseconds: number): void {
  if (Number.isInteger(milliseconds) && milliseconds > 0) return;
  throw new RangeError(
    `Cannot monitor the event loop: expected eventLoopMonitoringPrecision as a positive integer of milliseconds, ` +
      `got ${describe(milliseconds)}.`,
  );
}

/** How the utilization is read. */
interface EventLoopUtilizationOptions {
  /** Milliseconds that the loop has been idle and active since it began. */
  readonly readTimes?: () => Pick<EventLoopUtilization, 'idle' | 'active'>;
  readonly nowSeconds?: () => number;
}

/**
 * The share of its time that the event loop is busy: 1 means that it never waits, whatever the CPU. Free: libuv keeps
 * the times anyway.
 *
 * ```text
 * nodejs_eventloop_utilization 0.12
 * nodejs_eventloop_time_seconds_total{state="active"} 51.5
 * nodejs_eventloop_time_seconds_total{state="idle"} 377.25
 * ```
 *
 * The gauge is over the last one to two minutes, the same for every scraper (see {@link RollingWindow}), and left out
 * until the loop has begun. The counters give it over any time:
 * `rate(nodejs_eventloop_time_seconds_total{state="active"}[5m])`.
 *
 * They replace `nodejs_eventloop_utilization_summary` and `…_histogram` of `@prometheus-io/client`, which are named
 * after their types and sample by a timer that nothing stops.
 */
export function eventLoopUtilization({
  readTimes = () => performance.eventLoopUtilization(),
  nowSeconds,
}: EventLoopUtilizationOptions = {}): Group {
  const window = new RollingWindow(() => readTimes(), nowSeconds);
  return {
    collect() {
      const start = window.look();
      const { idle, active } = readTimes();
      // 0 / 0, which is left out, if no time has passed.
      const utilization = (active - start.active) / (idle - start.idle + active - start.active);
      return [
        singleSeries(
          'gauge',
          'nodejs_eventloop_utilization',
          'Active share of the event loop, 0 to 1.',
          utilization,
          'average',
        ),
        {
          name: 'nodejs_eventloop_time_seconds_total',
          help: 'Time that the event loop was active, and idle waiting for events, in seconds.',
          type: 'counter',
          series: [
            { labels: { state: 'active' }, value: active / 1e3 },
            { labels: { state: 'idle' }, value: idle / 1e3 },
          ],
        },
      ];
    },
  };
}

/** How long a recorded value stays visible at least. Prometheus rarely scrapes less often. */
const WINDOW_SECONDS = 60;

/**
 * A window over the recent past that is the same for every reader: reading it changes nothing for the next one.
 *
 * Two recordings run at all times; the younger begins at least 60 seconds after the older. Reads return the older. Once
 * the younger covers 60 seconds, the next read returns it and restarts the other. So
 *
 * - a read covers at least the last 60 seconds (or the time since the start), and at most 120 seconds plus the time
 *   between two reads (there is no timer: recordings change only when they are read);
 * - an event is visible for at least 60 seconds: a scraper that reads at least that often misses nothing, however many
 *   others there are.
 *
 * Rejected: one recording that restarts at each read (a second scraper gets only what came since the first), or once it
 * is old enough (one scraper sees everything, the next one nothing).
 */
export class RollingWindow<T> {
  readonly #begin: (ended?: T) => T;
  readonly #nowSeconds: () => number;
  #older: T;
  #younger: T;
  #youngerSince: number;

  /** `begin` starts a recording and may reuse `ended`; `nowSeconds` is a monotonic clock. */
  constructor(begin: (ended?: T) => T, nowSeconds: () => number = () => performance.now() / 1000) {
    this.#begin = begin;
    this.#nowSeconds = nowSeconds;
    this.#older = begin();
    this.#younger = begin();
    this.#youngerSince = nowSeconds();
  }

  /** Returns the recording to show, which goes on. */
  look(): T {
    const now = this.#nowSeconds();
    if (now - this.#youngerSince >= WINDOW_SECONDS) {
      const ended = this.#older;
      this.#older = this.#younger;
      this.#younger = this.#begin(ended);
      this.#youngerSince = now;
    }
    return this.#older;
  }

  /** Both recordings, for their owner to end them. */
  get recordings(): readonly [older: T, younger: T] {
    return [this.#older, this.#younger];
  }
}
