import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram, type MetricsRegistry } from '@finpilot/metrics';
import type { FinpilotMetrics, Scan } from '@finpilot/metrics/finpilot';
import { type NativeHistogramChild, nativeBuckets } from '@finpilot/metrics/native';
import { DirectionModel, MODEL_WINDOW } from './direction-model.ts';
import { type MarketClient, MarketError } from './market-client.ts';
import { momentum } from './momentum.ts';
import type { Direction, Strategy } from './strategy.ts';
import { swing } from './swing.ts';
import { trainEpisode } from './trainer.ts';

/** The dependencies of the scanner. */
export interface ScannerOptions {
  readonly client: MarketClient;
  readonly metrics: FinpilotMetrics;
  /** Of these metrics. */
  readonly registry: MetricsRegistry;
  /** Time from the start of one replayed day to that of the next, in seconds. */
  readonly paceSeconds: number;
}

const STRATEGIES: readonly Strategy[] = [momentum, swing];

/** Beyond its pace, how long a replayed day may take before the scanner counts as stuck. */
const STUCK_AFTER_SECONDS = 30;

/** Replays the calendar day by day: each strategy scans the market, and at each month's end the model is trained. */
export class Scanner {
  readonly #options: ScannerOptions;
  /** Beside the fixed buckets of `finpilot_scan_duration_seconds`: any quantile, whatever their bounds. */
  readonly #scanSeconds: Histogram<'strategy', NativeHistogramChild>;
  #model = new DirectionModel();
  #dayEndedAt = performance.now();

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#scanSeconds = new Histogram({
      name: 'scanner_scan_seconds',
      help: 'Duration of completed market scans in seconds, in native buckets.',
      labelNames: ['strategy'],
      registers: [options.registry],
      buckets: nativeBuckets(),
    });
  }

  /** Whether days go by as they should. */
  isAlive(): boolean {
    const secondsSinceDay = (performance.now() - this.#dayEndedAt) / 1000;
    return secondsSinceDay < this.#options.paceSeconds + STUCK_AFTER_SECONDS;
  }

  /** Replays the calendar in a loop until `signal` is aborted; resolves at the end of the current day. */
  async run(signal: AbortSignal): Promise<void> {
    const calendar = await this.#options.client.calendar();
    while (!signal.aborted) {
      // The second time round, a model that has seen the future would be no test.
      this.#model = new DirectionModel();
      await this.#replay(calendar, signal);
    }
  }

  /** Blocks the event loop, as a computation does that should run elsewhere: predicts without a pause for so long. */
  block(seconds: number): void {
    const closes = Array.from({ length: MODEL_WINDOW }, (_, i) => 100 + i);
    const endsAt = performance.now() + seconds * 1000;
    while (performance.now() < endsAt) this.#modelAgrees(closes, 'long');
  }

  async #replay(calendar: readonly string[], signal: AbortSignal): Promise<void> {
    for (const [i, date] of calendar.entries()) {
      if (signal.aborted) return;
      const nextDayAt = performance.now() + this.#options.paceSeconds * 1000;
      const work = STRATEGIES.map((strategy) => this.#scanDay(strategy, date));
      const isMonthEnd = date.slice(0, 7) !== calendar[i + 1]?.slice(0, 7);
      if (isMonthEnd) work.push(this.#train(date, (i + 1) / calendar.length));
      await Promise.all(work);
      this.#dayEndedAt = performance.now();
      await sleepUntil(nextDayAt, signal);
    }
  }

  /** Every scan ends here, whichever way it went. */
  async #scanDay(strategy: Strategy, date: string): Promise<void> {
    const scan = await this.#scan(strategy, date);
    this.#options.metrics.recordScan(scan);
    if ('durationSeconds' in scan) this.#scanSeconds.observe({ strategy: strategy.name }, scan.durationSeconds);
  }

  async #scan(strategy: Strategy, date: string): Promise<Scan> {
    const startedAt = performance.now();
    try {
      const windows = await this.#windows(strategy, date);
      if (windows.length === 0) return { strategy: strategy.name, failureReason: 'window_too_short' };
      const matches = windows.flatMap((closes) => {
        const direction = strategy.judge(closes);
        return direction === undefined ? [] : [{ closes, direction }];
      });
      const signals = { long: 0, short: 0 };
      for (const { closes, direction } of matches) if (this.#modelAgrees(closes, direction)) signals[direction]++;
      return {
        strategy: strategy.name,
        durationSeconds: (performance.now() - startedAt) / 1000,
        symbolsScanned: windows.length,
        symbolsMatched: matches.length,
        signals,
      };
    } catch (error) {
      if (error instanceof MarketError) return { strategy: strategy.name, failureReason: error.reason };
      throw error;
    }
  }

  /** The closing prices of each listed symbol; those listed too recently to fill the window are left out. */
  async #windows(strategy: Strategy, date: string): Promise<number[][]> {
    const { client } = this.#options;
    const symbols = await client.symbols(date);
    const windows = await Promise.all(symbols.map((symbol) => client.bars(symbol, date, strategy.windowSize)));
    return windows.filter((bars) => bars.length === strategy.windowSize).map((bars) => bars.map((bar) => bar.close));
  }

  /** A match becomes a signal unless the model expects the opposite. */
  #modelAgrees(closes: readonly number[], direction: Direction): boolean {
    const model = this.#model;
    const { inferenceDurationSeconds } = this.#options.metrics;
    const rises = inferenceDurationSeconds.time({ model: model.name }, () => model.predict(closes));
    return direction === 'long' ? rises >= 0.5 : rises <= 0.5;
  }

  /** A month without prices is skipped; its requests have been counted by the API. */
  async #train(date: string, progress: number): Promise<void> {
    const { client, metrics } = this.#options;
    try {
      await trainEpisode({ client, metrics, model: this.#model, date, progress });
    } catch (error) {
      if (!(error instanceof MarketError)) throw error;
      console.warn(`No training on ${date}: ${error.message}`);
    }
  }
}

async function sleepUntil(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.max(0, milliseconds - performance.now()), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
