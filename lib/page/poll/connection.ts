/** How a scrape ended. */
export type Outcome =
  | { readonly kind: 'scraped'; readonly seriesCount: number }
  | { readonly kind: 'unauthorised' }
  /** The status was neither 200 nor 401. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable' }
  /** The body is not a valid exposition; `reason` is the parser's message. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The state of the connection to the server. Times are in seconds since 1970. */
export type Connection =
  | { readonly kind: 'loading' }
  | { readonly kind: 'live'; readonly scrapedAt: number; readonly isEmpty: boolean }
  | {
      readonly kind: 'failing';
      /** Time of the first of the consecutive failures. */
      readonly since: number;
      /** Time of the numbers that the page still shows; undefined if there are none. */
      readonly scrapedAt: number | undefined;
      readonly outcome: Exclude<Outcome, { readonly kind: 'scraped' }>;
    };

/** A message for the reader while the page shows no live numbers. */
interface Notice {
  readonly isFailure: boolean;
  readonly title: string;
  readonly text: string;
}

/** Returns the state after a scrape that ended at `now`. */
export function afterAttempt(connection: Connection, outcome: Outcome, now: number): Connection {
  if (outcome.kind === 'scraped') return { kind: 'live', scrapedAt: now, isEmpty: outcome.seriesCount === 0 };
  if (connection.kind === 'failing') return { ...connection, outcome };
  const scrapedAt = connection.kind === 'live' ? connection.scrapedAt : undefined;
  return { kind: 'failing', since: now, scrapedAt, outcome };
}

/** Returns the message for a state; undefined while the page shows live numbers. `timeOf` formats a time of day. */
export function noticeOf(connection: Connection, timeOf: (seconds: number) => string): Notice | undefined {
  switch (connection.kind) {
    case 'loading':
      return { isFailure: false, title: 'Loading', text: 'Waiting for the first scrape.' };
    case 'live': {
      const text = 'The registry exposes no series yet. A metric with labels appears with its first update.';
      return connection.isEmpty ? { isFailure: false, title: 'No metrics yet', text } : undefined;
    }
    case 'failing':
      return failureNotice(connection, timeOf);
  }
}

function failureNotice(
  { outcome, since, scrapedAt }: Extract<Connection, { readonly kind: 'failing' }>,
  timeOf: (seconds: number) => string,
): Notice {
  const age = scrapedAt === undefined ? '' : ` The numbers below are from ${timeOf(scrapedAt)}.`;
  const end = `${age} The page keeps trying.`;
  const failure = (title: string, text: string): Notice => ({ isFailure: true, title, text });
  switch (outcome.kind) {
    case 'unauthorised':
      return failure('Not authorised', `The server requires authentication (401). Reload the page to sign in.${age}`);
    case 'refused':
      return failure(
        'No metrics',
        `The server has answered with status ${outcome.status} since ${timeOf(since)}.${end}`,
      );
    case 'unreachable':
      return failure('Server unreachable', `No response since ${timeOf(since)}.${end}`);
    case 'unreadable':
      return failure('Unreadable', `No valid exposition since ${timeOf(since)}: ${outcome.reason}${end}`);
  }
}
