import type { FinpilotMetrics } from '@finpilot/metrics/finpilot';
import { type DirectionModel, MODEL_WINDOW } from './direction-model.ts';
import { MAX_BARS } from './market-api.ts';
import type { MarketClient } from './market-client.ts';

/** Pages of bars that an episode learns from: 16 of 20 bars, a year and a quarter of trading days. */
const PAGES = 16;

/** The dependencies of an episode. */
export interface TrainOptions {
  readonly client: MarketClient;
  readonly metrics: FinpilotMetrics;
  readonly model: DirectionModel;
  readonly date: string;
  /** Share of the calendar that has been replayed, 0 to 1. */
  readonly progress: number;
}

/**
 * Runs one training episode: the model learns from the index's bars up to `date`. All pages are asked for at once,
 * which is more than the API's rate limiter lets through; the client waits as it is told, and this is when you see
 * `finpilot_rate_limit_requests_total{outcome="limited"}` move.
 */
export async function trainEpisode({ client, metrics, model, date, progress }: TrainOptions): Promise<void> {
  const asked = Array.from({ length: PAGES }, (_, page) => client.bars('SP500', date, MAX_BARS, page * MAX_BARS));
  const pages = await Promise.all(asked);
  const closes = pages.reverse().flatMap((bars) => bars.map((bar) => bar.close));
  for (let next = MODEL_WINDOW; next < closes.length; next++) {
    model.learn(closes.slice(next - MODEL_WINDOW, next), closes[next]! > closes[next - 1]!);
  }
  metrics.trainingEpisodesTotal.inc({ model: model.name });
  metrics.trainingProgressRatio.set({ model: model.name }, progress);
}
