import { errorText, warn } from '../../model/error-text.ts';
import { nextTurn } from '../../model/promises.ts';
import { clientKey } from '../guard/addresses.ts';
import {
  cutOff,
  type Exchange,
  isAnswered,
  ListenerGuard,
  PLAIN_TEXT,
  type RequestHandler,
  readOnly,
  send,
} from '../http/exchange.ts';
import { type ScrapeSlot, ScrapeSlots } from './scrape-slots.ts';
import { refuseForNow, requestedNames, type ScrapeExporter, type ScrapePolicy, serveScrape } from './serve-scrape.ts';

/** Identical requests within one turn of the event loop, and the slot of the scrape that they share. */
interface Group {
  readonly exchanges: Exchange[];
  readonly startedAt: number;
  readonly slot: ScrapeSlot;
}

/**
 * Returns the handler that answers any request with a scrape of `exporter`: in the format negotiated by `Accept`,
 * compressed as `Accept-Encoding` allows, and limited to the families that the query names (`name[]`).
 *
 * Identical requests within one turn of the event loop share one scrape, which starts in the next phase. So no client
 * gets values older than its request, and many scrapers of a small registry cost little more than one. A scrape larger
 * than one chunk is streamed to each client separately; between slices, the exporter yields to the event loop. (Waiting
 * for `drain` would not yield: on loopback it comes in a microtask.) When the client disconnects, rendering stops at
 * the next chunk.
 *
 * If no slot (see {@link ScrapeSlots}) is free within a second, the answer is 503 with `Retry-After`. Failures are
 * reported as process warnings, once per error message.
 *
 * HEAD gathers like GET, and renders only what determines the headers: at most two chunks.
 */
export function createScrapeHandler(exporter: ScrapeExporter, policy: ScrapePolicy): RequestHandler {
  const reported = new Set<string>();
  const groups = new Map<string, Group>();
  const slots = new ScrapeSlots(policy.maxScrapesInFlight);

  const enter = ({ request, response }: Exchange) =>
    slots.enter(clientKey(request.socket.remoteAddress ?? ''), () => cutOff(response));
  const onLateFailure = (error: unknown) => reportOnce(error, reported);
  const serve = ({ exchanges, startedAt, slot }: Group) => {
    const serveEach = (others: readonly Exchange[]) => {
      for (const exchange of others) {
        const ownSlot = enter(exchange);
        if (ownSlot === undefined) refuseForNow([exchange]);
        else serve({ exchanges: [exchange], startedAt, slot: ownSlot });
      }
    };
    serveScrape({ exporter, policy, exchanges, startedAt, slot, serveEach, onLateFailure }).then(
      () => slot.leave(),
      (error: unknown) => {
        slot.leave();
        reportOnce(error, reported);
      },
    );
  };
  const { listeners = new ListenerGuard() } = policy;
  const ask = listeners.guard(
    (exchange: Exchange) => answer(exchange),
    ({ response }) => response,
  );
  const answer = (exchange: Exchange) => {
    const { request, response } = exchange;
    // Writing after other code has ended the response emits 'error', which would be an uncaught exception in the host.
    // 'close' follows and ends the scrape.
    response.on('error', ignore);
    const { headers } = request;
    if ((requestedNames(request.url ?? '')?.size ?? 0) > policy.maxNames) {
      const body = `Cannot scrape: expected at most ${policy.maxNames} different name[] parameters.\n`;
      send(request, response, { status: 400, contentType: PLAIN_TEXT, body });
      return;
    }
    const timeout = headers['x-prometheus-scrape-timeout-seconds'];
    const key = [request.method, request.url, headers.accept, headers['accept-encoding'], timeout].join('\n');
    const known = groups.get(key);
    if (known !== undefined) {
      known.exchanges.push(exchange);
      return;
    }
    const slot = enter(exchange);
    if (slot === undefined) {
      refuseForNow([exchange]);
      return;
    }
    groups.set(key, { exchanges: [exchange], startedAt: performance.now(), slot });
    void nextTurn().then(() => {
      const { exchanges, startedAt } = groups.get(key)!;
      groups.delete(key);
      const waiting = exchanges.filter((each) => !isAnswered(each.response));
      if (waiting.length > 0) serve({ exchanges: waiting, startedAt, slot });
      else slot.leave();
    });
  };
  return (request, response) => {
    // A pipelined request has no socket until earlier requests are answered. Do not start before: if the connection
    // closes meanwhile, the response never emits 'close', and a scrape would wait for 'drain' forever.
    if (response.socket === null) response.once('socket', () => ask({ request, response }));
    else ask({ request, response });
  };
}

/** Returns the handler for a server that is not ours: it guards itself, and takes GET and HEAD only. */
export function createMountedHandler(exporter: ScrapeExporter, policy: ScrapePolicy): RequestHandler {
  return new ListenerGuard().guard(readOnly(createScrapeHandler(exporter, policy)), (_, response) => response);
}

// Enough for everything that can fail in one registry, and a limit for error messages that change every time.
const MAX_REPORTED = 100;

function reportOnce(error: unknown, reported: Set<string>): void {
  const text = errorText(error);
  if (reported.has(text) || reported.size >= MAX_REPORTED) return;
  reported.add(text);
  warn('METRICS_SCRAPE_FAILED', `Cannot answer a scrape: ${text}`);
}

function ignore(): void {}
