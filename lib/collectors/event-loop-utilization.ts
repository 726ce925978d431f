import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Group } from './group.ts';
import { RollingWindow } from './rolling-window.ts';
import { singleSeries } from './single-series.ts';

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
