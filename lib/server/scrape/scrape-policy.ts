import type { ScrapeOptions } from '../../exposition/exposition-writer.ts';
import { describe } from '../../model/names.ts';
import type { ListenerGuard } from '../guard/listener-guard.ts';
import type { ScrapeMetrics } from './scrape-metrics.ts';

/** Whether a failed collector costs its own families, or the scrape, which then gets 500. */
export type CollectorErrorPolicy = 'omit' | 'fail';

/** How scrapes are served. */
export interface ScrapePolicy {
  /** Scrapes that are being collected, rendered or sent at once. */
  readonly maxScrapesInFlight: number;
  /** Metric families that one scrape may name. */
  readonly maxNames: number;
  /** Whether a scrape may be compressed for a client that takes it so. */
  readonly compression: boolean;
  /** How long a scrape may take in all, unless the scraper has less time. */
  readonly scrapeTimeoutSeconds: number;
  readonly onCollectorError: CollectorErrorPolicy;
  /** Catches what a listener throws; one of the handler's own unless given. */
  readonly listeners?: ListenerGuard | undefined;
  /** Where failures are counted. */
  readonly metrics?: ScrapeMetrics | undefined;
}

/** Throws a TypeError unless `policy` is `'omit'` or `'fail'`. */
export function checkCollectorErrorPolicy(policy: unknown, action: string): asserts policy is CollectorErrorPolicy {
  if (policy === 'omit' || policy === 'fail') return;
  throw new TypeError(`Cannot ${action}: expected onCollectorError to be "omit" or "fail", got ${describe(policy)}.`);
}

/** The methods of an exporter that a scrape uses. */
export interface ScrapeExporter {
  /** Gathers and renders; a chunk that was yielded is not written to again until it is released. */
  chunks(accept?: string, options?: ScrapeOptions): AsyncIterable<Uint8Array>;
  /** Takes back a chunk that has left. */
  release(chunk: Uint8Array): void;
  contentType(accept?: string): string;
}
