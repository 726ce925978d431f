import { errorText } from '../model/error-text.ts';
import { warn } from '../model/warning.ts';
import { Compression } from './compression.ts';
import { ListenerGuard } from './listener-guard.ts';
import type { RequestHandler } from './request-handler.ts';
import { requestedNames } from './requested-names.ts';
import { type Exchange, isAnswered, PLAIN_TEXT, send } from './responses.ts';
import type { ScrapeExporter } from './scrape-exporter.ts';
import type { ScrapePolicy } from './scrape-policy.ts';
import { serveScrape } from './serve-scrape.ts';

/**
 * Returns the handler that answers any request with a scrape of `exporter`: in the format that its `Accept` header asks
 * for, compressed as its `Accept-Encoding` allows, of the families that the query names (`name[]`).
 *
 * Those who ask for the same within one turn of the event loop are served one scrape, begun in the next phase: what each
 * gets is not older than its request, and many scrapers of a small registry cost little more than one. A scrape of more
 * than a chunk is streamed to each by itself; between slices the exporter gives the event loop back. (Waiting for `drain`
 * would not: on loopback it comes in a microtask.) When the client goes away, rendering stops at the next chunk.
 *
 * Beyond `maxScrapesInFlight` the answer is 503 with `Retry-After`. What fails is told by a process warning, once for each
 * error message.
 *
 * HEAD gathers as GET does, and renders what decides the headers: two chunks at most.
 */
export function createScrapeHandler(exporter: ScrapeExporter, policy: ScrapePolicy): RequestHandler {
  const reported = new Set<string>();
  const asked = new Map<string, Exchange[]>();
  let inFlight = 0;
  let loading: Promise<Compression> | undefined;
  const loadCompression = policy.compression ? () => (loading ??= Compression.load()) : undefined;

  const serve = (exchanges: readonly Exchange[]) => {
    inFlight++;
    void serveScrape({ exporter, policy, loadCompression, exchanges, serveEach })
      .catch((error: unknown) => reportOnce(error, reported))
      .finally(() => inFlight--);
  };
  const serveEach = (exchanges: readonly Exchange[]) => {
    for (const exchange of exchanges) {
      if (inFlight < policy.maxScrapesInFlight) serve([exchange]);
      else refuseForNow(exchange);
    }
  };
  const { listeners = new ListenerGuard() } = policy;
  const ask = listeners.guard(
    (exchange: Exchange) => answer(exchange),
    ({ response }) => response,
  );
  const answer = (exchange: Exchange) => {
    const { request, response } = exchange;
    // Writing on after somebody else has ended the response is an 'error' event, which would be an uncaught exception in
    // the host; 'close' follows, and that ends the scrape.
    response.on('error', ignore);
    const { headers } = request;
    if ((requestedNames(request.url ?? '')?.size ?? 0) > policy.maxNames) {
      const body = `Cannot scrape: expected at most ${policy.maxNames} different name[] parameters.\n`;
      send(request, response, { status: 400, contentType: PLAIN_TEXT, body });
      return;
    }
    const timeout = headers['x-prometheus-scrape-timeout-seconds'];
    const key = [request.method, request.url, headers.accept, headers['accept-encoding'], timeout].join('\n');
    const others = asked.get(key);
    if (others !== undefined) others.push(exchange);
    else if (inFlight + asked.size >= policy.maxScrapesInFlight) refuseForNow(exchange);
    else {
      asked.set(key, [exchange]);
      setImmediate(() => {
        const exchanges = asked.get(key)!.filter((each) => !isAnswered(each.response));
        asked.delete(key);
        if (exchanges.length > 0) serve(exchanges);
      });
    }
  };
  return (request, response) => {
    // A pipelined request has no socket until those before it are answered. Nothing is begun for it until then: should
    // the connection close meanwhile, its response never emits 'close', and a scrape would wait for 'drain' for ever.
    if (response.socket === null) response.once('socket', () => ask({ request, response }));
    else ask({ request, response });
  };
}

function refuseForNow({ request, response }: Exchange): void {
  const body = 'Cannot scrape: too many scrapes are in flight. Try again in 1 s.\n';
  send(request, response, { status: 503, contentType: PLAIN_TEXT, body, headers: { 'Retry-After': '1' } });
}

// Enough for whatever can fail in one registry, and a bound should an error's message change every time.
const MAX_REPORTED = 100;

function reportOnce(error: unknown, reported: Set<string>): void {
  const text = errorText(error);
  if (reported.has(text) || reported.size >= MAX_REPORTED) return;
  reported.add(text);
  warn('METRICS_SCRAPE_FAILED', `Cannot answer a scrape: ${text}`);
}

function ignore(): void {}
