import type { IncomingMessage } from 'node:http';

/** What is kept for rendering and the way back, if that leaves at least half of the time for collectors. */
const MARGIN_SECONDS = 0.5;

/** How long one scrape may take, in seconds. */
export interface ScrapeTimeout {
  /** In all: after it nobody waits for the answer. */
  readonly totalSeconds: number;
  /** Until what the collectors have ready is served; undefined if the scraper does not say how long it waits. */
  readonly collectSeconds: number | undefined;
}

/**
 * Returns how long a scrape may take: what the scraper says in `X-Prometheus-Scrape-Timeout-Seconds`, as Prometheus does,
 * and at most `limitSeconds`.
 */
export function scrapeTimeout({ headers }: IncomingMessage, limitSeconds: number): ScrapeTimeout {
  const told = Number(headers['x-prometheus-scrape-timeout-seconds']);
  const totalSeconds = told > 0 ? Math.min(told, limitSeconds) : limitSeconds;
  return {
    totalSeconds,
    collectSeconds: told > 0 ? Math.max(totalSeconds - MARGIN_SECONDS, totalSeconds / 2) : undefined,
  };
}
