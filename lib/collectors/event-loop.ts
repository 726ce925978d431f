import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Aggregator } from '../model/family.ts';
import { type DeclaredMetric, type Group, type Naming, readTogether } from './group.ts';
import { type LoopClock, LoopWatch } from './loop-watch.ts';
import { RollingWindow } from './rolling-window.ts';

/**
 * Event loop lag: the delay of a timer or event that becomes due at a random moment. Covers the last one to two minutes,
 * and is the same for every scraper (see {@link RollingWindow}).
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
 * {@link LoopWatch} says how it is measured. Differences from prom-client, which reads a histogram of a native timer:
 *
 * - no interval of a timer is contained: an idle loop has a lag of 0;
 * - `nodejs_eventloop_lag_seconds` is the mean. There, the scrape measures the time to the next turn of the loop, which
 *   is mostly the duration of the scrape itself, and otherwise a single random sample;
 * - the minimum is 0, since an event at the end of a stall need not wait;
 * - scraping resets nothing.
 */
export function eventLoopLag(naming: Naming, intervalMilliseconds?: number, clock?: LoopClock): Group {
  // Bun and Deno do not tell when their loop was idle.
  if (clock === undefined && performance.nodeTiming === undefined) return { metrics: [] };
  const watch = new LoopWatch(intervalMilliseconds, clock);
  const gauge = (part: string, help: string, aggregator: Aggregator = 'average'): DeclaredMetric => ({
    type: 'gauge',
    name: `nodejs_eventloop_lag_${part}seconds`,
    help,
    aggregator,
  });
  const percentile = (percent: number): DeclaredMetric =>
    gauge(`p${percent}_`, `The ${percent}th percentile of the recorded event loop delays.`);
  const { metrics } = readTogether(
    naming,
    [
      gauge('', 'Lag of event loop in seconds.'),
      gauge('min_', 'The minimum recorded event loop delay.', 'min'),
      gauge('max_', 'The maximum recorded event loop delay.', 'max'),
      gauge('mean_', 'The mean of the recorded event loop delays.'),
      gauge('stddev_', 'The standard deviation of the recorded event loop delays.'),
      percentile(50),
      percentile(90),
      percentile(99),
    ],
    () => {
      const lag = watch.look();
      const percentiles = [0.5, 0.9, 0.99].map((share) => lag.percentile(share));
      return [lag.mean, 0, lag.max, lag.mean, lag.standardDeviation, ...percentiles];
    },
  );
  return { metrics, stop: () => watch.stop() };
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
 * The gauge is over the last one to two minutes, the same for every scraper (see {@link RollingWindow}), and 0
 * until the loop has begun. The counters give it over any time:
 * `rate(nodejs_eventloop_time_seconds_total{state="active"}[5m])`.
 *
 * They replace `nodejs_eventloop_utilization_summary` and `…_histogram` of `@prometheus-io/client`, which are named
 * after their types and sample by a timer that nothing stops.
 */
export function eventLoopUtilization(
  naming: Naming,
  { readTimes = hostTimes(), nowSeconds }: EventLoopUtilizationOptions = {},
): Group {
  if (readTimes === undefined) return { metrics: [] };
  const window = new RollingWindow(() => readTimes(), nowSeconds);
  const totalHelp = 'Time that the event loop was active, and idle waiting for events, in seconds.';
  return readTogether(
    naming,
    [
      {
        type: 'gauge',
        name: 'nodejs_eventloop_utilization',
        help: 'Active share of the event loop, 0 to 1.',
        aggregator: 'average',
      },
      { type: 'counter', name: 'nodejs_eventloop_time_seconds_total', help: totalHelp, labelNames: ['state'] },
    ],
    () => {
      const start = window.look();
      const { idle, active } = readTimes();
      const busy = active - start.active;
      const times = [['active'], active / 1e3] as const;
      return [busy === 0 ? 0 : busy / (idle - start.idle + busy), [times, [['idle'], idle / 1e3]]];
    },
  );
}

/** How the host tells the times of its event loop; undefined on Bun and Deno, which do not. */
function hostTimes(): EventLoopUtilizationOptions['readTimes'] {
  return typeof performance.eventLoopUtilization === 'function' ? () => performance.eventLoopUtilization() : undefined;
}
