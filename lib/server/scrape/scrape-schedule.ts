import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '../http/exchange.ts';

/** One who scrapes, by the times at which its scrapes began, in milliseconds. */
interface Scraper {
  readonly seenAt: number;
  /** Between its last two scrapes; unknown after the first. */
  readonly gap: number | undefined;
  /** The longer of the last two gaps: two replicas behind one address come in gaps that alternate. */
  readonly interval: number | undefined;
}

/** Scrapers that are remembered. A process has one or two; beyond, the one that has not come for longest is forgotten. */
const MAX_SCRAPERS = 100;
/** A scraper that has missed so many of its intervals is taken to have gone, and is not waited for. */
const MISSED_INTERVALS = 2;
/** Scrapes do not come to the millisecond. */
const SLACK = 1.1;
/**
 * How long a scraper that came only once is waited for. Its interval is unknown, and it may have been a person with curl;
 * the whole grace period of an orchestrator (30 s in Kubernetes) is too much for it.
 */
const SECONDS_FOR_UNKNOWN = 3;

/**
 * Tracks when each scraper comes, so that `close()` can wait for its last scrape.
 *
 * Scrapers are told from browsers and people by `X-Prometheus-Scrape-Timeout-Seconds`, which Prometheus, its agents and
 * VictoriaMetrics send: nobody waits for the next visit of a browser.
 */
export class ScrapeSchedule {
  readonly #scrapers = new Map<string, Scraper>();
  /** Those who have not come since {@link lastScrapes} was called. */
  #awaited: Set<string> | undefined;
  #allHaveCome = (): void => {};

  /** Watches the scrapes that go to `handler`. */
  watch(handler: RequestHandler): RequestHandler {
    return (request, response) => {
      const name = scraperOf(request);
      if (name !== undefined) {
        const isLast = this.#awaited?.has(name) ?? false;
        this.#note(name, performance.now());
        response.once('close', () => {
          // Handed to the system to the last byte: a scrape that was refused or broken off does not count.
          if (isLast && response.statusCode === 200 && response.writableFinished) this.#hasCome(name);
        });
      }
      handler(request, response);
    };
  }

  /**
   * Resolves when each scraper has taken one scrape that began after this call, or when the longest of their intervals is
   * over, or `maxSeconds`; at once if nobody scrapes. A scraper that came once is waited for for three seconds.
   */
  async lastScrapes(maxSeconds: number): Promise<void> {
    const now = performance.now();
    const active = [...this.#scrapers].filter(([, { seenAt, interval = maxSeconds * 1000 }]) => {
      return now - seenAt < MISSED_INTERVALS * interval;
    });
    if (maxSeconds === 0 || active.length === 0) return;
    const intervals = active.map(([, { interval = SECONDS_FOR_UNKNOWN * 1000 }]) => interval * SLACK);
    const limit = Math.min(maxSeconds * 1000, Math.max(...intervals));
    this.#awaited = new Set(active.map(([name]) => name));
    await new Promise<void>((resolve) => {
      // The server decides whether the process stays alive.
      const timer = setTimeout(resolve, limit).unref();
      this.#allHaveCome = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #note(name: string, now: number): void {
    const known = this.#scrapers.get(name);
    // To the end: the order is that of the last visits.
    this.#scrapers.delete(name);
    const gap = known && now - known.seenAt;
    this.#scrapers.set(name, { seenAt: now, gap, interval: gap && Math.max(gap, known.gap ?? 0) });
    if (this.#scrapers.size <= MAX_SCRAPERS) return;
    const [oldest] = this.#scrapers.keys();
    this.#scrapers.delete(oldest!);
  }

  #hasCome(name: string): void {
    this.#awaited?.delete(name);
    if (this.#awaited?.size === 0) this.#allHaveCome();
  }
}

/**
 * Two of a pair of Prometheus servers differ in their addresses, two agents on one machine in what they call themselves, two
 * jobs of one server in the families that they ask for.
 */
function scraperOf({ method, headers, socket, url }: IncomingMessage): string | undefined {
  if (method !== 'GET' || headers['x-prometheus-scrape-timeout-seconds'] === undefined) return undefined;
  return `${socket.remoteAddress} ${headers['user-agent']} ${url}`;
}
