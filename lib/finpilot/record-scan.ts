import { describe } from '../model/names.ts';
import type { Catalogue } from './catalogue.ts';
import type { ErrorRate } from './error-rate.ts';

/** A scan that ran to its end, whether it found something or not. */
export interface CompletedScan {
  readonly strategy: string;
  /** Wall time of the scan in seconds, at least 0. */
  readonly durationSeconds: number;
  /** Symbols that the strategy looked at. */
  readonly symbolsScanned: number;
  /** How many of them it picked: at most `symbolsScanned`. */
  readonly symbolsMatched: number;
  /** Signals that the scan produced, by direction, such as `{ long: 2, short: 1 }`. */
  readonly signals?: Readonly<Record<string, number>>;
  readonly failureReason?: undefined;
}

/** A scan that gave up. */
export interface FailedScan {
  readonly strategy: string;
  /** Why, as one of a small fixed set of words such as `rate_limited`; it becomes a label value. */
  readonly failureReason: string;
}

/** How a scan ended. */
export type Scan = CompletedScan | FailedScan;

/**
 * Moves every metric that a scan has a part in, or none of them if `scan` is not valid: everything is checked and
 * every child found before the first number changes.
 */
export function recordScan(metrics: Catalogue, errorRate: ErrorRate, scan: Scan): void {
  if (scan.failureReason === undefined) recordCompleted(metrics, errorRate, scan);
  else recordFailed(metrics, errorRate, scan);
}

function recordCompleted(metrics: Catalogue, errorRate: ErrorRate, scan: CompletedScan): void {
  const { strategy, durationSeconds, symbolsScanned, symbolsMatched } = scan;
  const signals = Object.entries(scan.signals ?? {});
  const isDuration = Number.isFinite(durationSeconds) && durationSeconds >= 0;
  check(scan, 'durationSeconds', durationSeconds, isDuration, 'a finite number of at least 0');
  checkCount(scan, 'symbolsScanned', symbolsScanned);
  checkCount(scan, 'symbolsMatched', symbolsMatched);
  check(scan, 'symbolsMatched', symbolsMatched, symbolsMatched <= symbolsScanned, `at most ${symbolsScanned} symbols`);
  for (const [direction, count] of signals) checkCount(scan, `signals.${direction}`, count);

  const scans = metrics.scansTotal.labels({ strategy });
  for (const [direction, count] of signals) metrics.signalsGeneratedTotal.inc({ strategy, direction }, count);
  scans.inc();
  metrics.symbolsScannedTotal.inc({ strategy }, symbolsScanned);
  metrics.symbolsMatchedTotal.inc({ strategy }, symbolsMatched);
  metrics.matchRate.setRatio({ strategy }, symbolsMatched, symbolsScanned);
  metrics.scanDurationSeconds.observe({ strategy }, durationSeconds);
  errorRate.record(false);
}

function recordFailed(metrics: Catalogue, errorRate: ErrorRate, { strategy, failureReason }: FailedScan): void {
  const scans = metrics.scansTotal.labels({ strategy });
  const failures = metrics.failedScansTotal.labels({ strategy, reason: failureReason });
  scans.inc();
  failures.inc();
  errorRate.record(true);
}

function checkCount(scan: Scan, field: string, got: number): void {
  check(scan, field, got, Number.isInteger(got) && got >= 0, 'an integer of at least 0');
}

function check(scan: Scan, field: string, got: unknown, isGood: boolean, expected: string): void {
  if (isGood) return;
  const ErrorClass = typeof got === 'number' ? RangeError : TypeError;
  throw new ErrorClass(
    `Cannot record a scan of strategy ${describe(scan.strategy)}: expected ${field} to be ${expected}, got ${describe(got)}. ` +
      'Nothing was recorded; correct the call.',
  );
}
