/** How an attempt to scrape ended. */
export type Outcome =
  | { readonly kind: 'scraped'; readonly seriesCount: number }
  | { readonly kind: 'unauthorised' }
  /** Another status than 200. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable' }
  /** The body is no exposition; `reason` says why. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** How the page stands with the server. Moments are seconds since 1970. */
export type Connection =
  | { readonly kind: 'loading' }
  | { readonly kind: 'live'; readonly scrapedAt: number; readonly isEmpty: boolean }
  | {
      readonly kind: 'failing';
      /** When the first attempt of this row of failures was made. */
      readonly since: number;
      /** Of the numbers that are still shown; undefined if there are none. */
      readonly scrapedAt: number | undefined;
      readonly outcome: Exclude<Outcome, { readonly kind: 'scraped' }>;
    };

/** Returns how the page stands with the server after an attempt at `now`. */
export function afterAttempt(connection: Connection, outcome: Outcome, now: number): Connection {
  if (outcome.kind === 'scraped') return { kind: 'live', scrapedAt: now, isEmpty: outcome.seriesCount === 0 };
  if (connection.kind === 'failing') return { ...connection, outcome };
  const scrapedAt = connection.kind === 'live' ? connection.scrapedAt : undefined;
  return { kind: 'failing', since: now, scrapedAt, outcome };
}
