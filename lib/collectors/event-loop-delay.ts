import type { IntervalHistogram } from 'node:perf_hooks';
import type { Aggregator } from '../model/family.ts';
import { describe } from '../model/names.ts';
import type { Group } from './group.ts';
import { RollingWindow } from './rolling-window.ts';
import { singleSeries } from './single-series.ts';

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
 * How late the event loop runs what is due: the delay that an event meets which comes at any moment. Over the last one
 * to two minutes, the same for every scraper (see {@link RollingWindow}), and left out until there is a measurement.
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
 * Node measures it natively, by a timer that does not keep the process alive. A coarse resolution loses precision, not
 * truth: a stall of 50 ms is met by one in four measurements 200 ms apart, as by one in four events that come at any
 * moment, so the figures are estimates of the same thing from fewer measurements. A rare short stall may not be met at
 * all; `eventLoopMonitoringPrecision` buys a finer net.
 *
 * Other than in prom-client
 *
 * - the interval of the timer is taken off: an idle loop has a lag of 0 to 1 ms, not of the resolution;
 * - `nodejs_eventloop_lag_seconds` is the mean. There, the scrape measures the time to the next turn of the loop, which
 *   is mostly that of its own rendering; where it is not, it is one random sample of what the mean is the mean of;
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
