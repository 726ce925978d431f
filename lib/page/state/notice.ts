import type { Connection } from './connection.ts';

/** What there is to say when the page shows no live numbers. */
export interface Notice {
  readonly isFailure: boolean;
  readonly title: string;
  readonly text: string;
}

/** Returns what to tell; undefined while live numbers are shown. `timeOf` writes a moment as a time of day. */
export function noticeOf(connection: Connection, timeOf: (seconds: number) => string): Notice | undefined {
  switch (connection.kind) {
    case 'loading':
      return { isFailure: false, title: 'Loading', text: 'Reading the metrics for the first time.' };
    case 'live':
      if (!connection.isEmpty) return undefined;
      return {
        isFailure: false,
        title: 'No metrics yet',
        text: 'The registry of this process exposes nothing so far. Metrics with labels come with their first update.',
      };
    case 'failing': {
      const { outcome, since, scrapedAt } = connection;
      const kept = scrapedAt === undefined ? '' : ` The numbers below are those of ${timeOf(scrapedAt)}.`;
      const retry = ' The page goes on trying by itself.';
      switch (outcome.kind) {
        case 'unauthorised':
          return {
            isFailure: true,
            title: 'Not authorised',
            text: `The server asks who you are (401). Reload the page to sign in.${kept}`,
          };
        case 'refused':
          return {
            isFailure: true,
            title: 'No metrics',
            text: `Since ${timeOf(since)} the server answers with status ${outcome.status}.${kept}${retry}`,
          };
        case 'unreachable':
          return {
            isFailure: true,
            title: 'Server gone',
            text: `No answer since ${timeOf(since)}.${kept}${retry}`,
          };
        case 'unreadable':
          return {
            isFailure: true,
            title: 'Not readable',
            text: `Since ${timeOf(since)} what the server sends is no exposition: ${outcome.reason}${kept}${retry}`,
          };
      }
    }
  }
}
