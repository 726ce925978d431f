import { quantileOfBuckets } from '../../model/buckets.ts';
import type { HistogramSeries, Observations } from '../history/series.ts';

/** Adds up what several series of histograms have observed in a while. */
export class ObservationSum {
  /** Observations per second; NaN if no series was scraped twice. */
  rate = NaN;
  /** What was observed per second: of durations, the share of the time. 0 if no series was scraped twice. */
  sumRate = 0;
  count = 0;
  #upperBounds: readonly number[] | undefined;
  readonly #bucketCounts: number[] = [];

  add({ upperBounds }: HistogramSeries, { bucketCounts, count, sum, seconds }: Observations): void {
    if (!(seconds > 0)) return;
    this.rate = (Number.isNaN(this.rate) ? 0 : this.rate) + count / seconds;
    this.sumRate += sum / seconds;
    this.count += count;
    this.#upperBounds ??= upperBounds;
    // Series of other bounds cannot be added: two programs behind one address, for example. Their quantiles are left out.
    if (upperBounds.some((bound, i) => bound !== this.#upperBounds![i])) return;
    for (const [i, inBucket] of bucketCounts.entries()) this.#bucketCounts[i] = (this.#bucketCounts[i] ?? 0) + inBucket;
  }

  /** Estimates a quantile, 0 to 1, from the buckets; NaN without observations. */
  quantile(q: number): number {
    return quantileOfBuckets(q, this.#upperBounds ?? [], this.#bucketCounts);
  }
}
