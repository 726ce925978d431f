import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '../http/exchange.ts';

/** When a scraper comes, in milliseconds. */
interface Scraper {
  readonly seenAt: number;
  /** Time between its last two scrapes; undefined after the first. */
  readonly gap: number | undefined;
  /** The longer of the last two gaps: with two replicas behind one address, gaps alternate. */
  readonly interval: number | undefined;
}

/** Scrapers to track. A process has one or two; beyond the limit, the least recent one is forgotten. */
const MAX_SCRAPERS = 100;
/** A scraper that has missed this many intervals is considered gone and is not waited for. */
const MISSED_INTERVALS = 2;
/** Tolerance for scrapes that come late. */
const SLACK = 1.1;
/**
 * How long to wait for a scraper that has come only once. Its interval is unknown, and it may have been a person with
 * curl, which does not justify using up the whole grace period of an orchestrator (30 s in Kubernetes).
 */
const SECONDS_FOR_UNKNOWN = 3;

/**
 * Tracks when each scraper comes, so that `close()` can wait for its last scrape.
 *
 * Scrapers are recognized by `X-Prometheus-Scrape-Timeout-Seconds`, which Prometheus, its agents and VictoriaMetrics
 * send. Other clients, such as browsers, are not waited for.
 */
export class ScrapeSchedule {
  readonly #scrapers = new Map<string, Scraper>();
  /** The scrapers that have not come since {@link lastScrapes} was called. */
  #awaited: Set<string> | undefined;
  #allHaveCome = (): void => {};

  /** Wraps `handler` to track its scrapes. */
  watch(handler: RequestHandler): RequestHandler {
    return (request, response) => {
      const name = scraperOf(request);
      if (name !== undefined) {
        const isLast = this.#awaited?.has(name) ?? false;
        this.#note(name, performance.now());
        response.once('close', () => {
          // Only counts if it was handed to the operating system in full: not if it was refused or cut off.
          if (isLast && response.statusCode === 200 && response.writableFinished) this.#hasCome(name);
        });
      }
      handler(request, response);
    };
  }

  /**
   * Resolves when each scraper has completed a scrape that began after this call, or after the longest of their
   * intervals, but at most `maxSeconds`. Resolves at once if nobody scrapes. A scraper that has come only once gets
   * three seconds.
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
      // Only the server decides whether the process stays alive.
      const timer = setTimeout(resolve, limit).unref();
      this.#allHaveCome = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #note(name: string, now: number): void {
    const known = this.#scrapers.get(name);
    // Moves to the end: the map is ordered by last visit.
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
 * Identifies the scraper of a request; undefined for other clients. A pair of Prometheus servers differs in address,
 * two agents on one machine differ in user agent, and two jobs of one server differ in the families that they request.
 */
function scraperOf({ method, headers, socket, url }: IncomingMessage): string | undefined {
  if (method !== 'GET' || headers['x-prometheus-scrape-timeout-seconds'] === undefined) return undefined;
  return `${socket.remoteAddress} ${headers['user-agent']} ${url}`;
}
