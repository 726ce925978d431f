import type { Gatherer } from '../model/family.ts';
import type { FromWorker } from './message.ts';
import type { ReportOptions } from './report-options.ts';
import { Reporter } from './reporter.ts';

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
