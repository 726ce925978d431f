import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FinpilotMetrics } from '@finpilot/metrics/finpilot';
import { RateLimiter } from './rate-limiter.ts';
import type { Prices } from './read-prices.ts';

/** The data of the API, and its limits. */
export interface MarketApiOptions {
  readonly prices: Prices;
  readonly metrics: FinpilotMetrics;
  /** Who sends it to `POST /token` gets a bearer token. */
  readonly apiKey: string;
  /** Requests until a bearer token expires. */
  readonly tokenLifetimeRequests: number;
  /** The limits of each endpoint's rate limiter. */
  readonly requestsPerSecond: number;
  readonly burst: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The endpoints, and the only values of the label `endpoint`: a raw path as label value would be a series per path. */
type Endpoint = '/token' | '/calendar' | '/symbols' | '/bars/:symbol' | 'other';

/** The most bars in one answer; a longer history is fetched in pages. */
export const MAX_BARS = 20;
const DAY_MILLISECONDS = 86_400_000;

/**
 * A market-data API over HTTP:
 *
 * - `POST /token`, with header `x-api-key`: a bearer token, which the other three ask for
 * - `GET /calendar`: all trading days
 * - `GET /symbols?date=D`: the symbols listed on that day
 * - `GET /bars/:symbol?until=D&count=N&skip=S`: N bars up to that day, before the last S of them
 *
 * Here is where a server is instrumented: latency, connections, authentication and rate limiting.
 */
export class MarketApi {
  readonly #options: MarketApiOptions;
  readonly #server: Server = createServer((request, response) => this.#handle(request, response));
  readonly #limiters = new Map<Endpoint, RateLimiter>();
  #token = '';
  #tokenUses = 0;

  constructor(options: MarketApiOptions) {
    this.#options = options;
    const { activeConnections } = options.metrics;
    this.#server.on('connection', (socket) => {
      activeConnections.inc();
      socket.once('close', () => activeConnections.dec());
    });
  }

  /** Starts to listen on a free port of this machine, and resolves to the URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops, and closes the connections that clients keep open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const [path = '/', query = ''] = (request.url ?? '/').split('?');
    const method = request.method ?? 'GET';
    const endpoint = endpointOf(method, path);
    // The status is known only at the end, so the timer gets that label when it stops.
    const stopTimer = this.#options.metrics.apiLatencySeconds.startTimer({ endpoint, method });
    response.once('close', () => stopTimer({ status: response.statusCode }));

    const refusal = this.#limit(endpoint) ?? this.#authenticate(endpoint, request);
    const { status, body, headers } = refusal ?? this.#answer(endpoint, path, new URLSearchParams(query));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  /** Lets the request pass, or answers it with 429. */
  #limit(endpoint: Endpoint): Answer | undefined {
    const { metrics, burst, requestsPerSecond } = this.#options;
    const limiter = this.#limiters.get(endpoint) ?? new RateLimiter(burst, requestsPerSecond);
    this.#limiters.set(endpoint, limiter);
    const retryAfterSeconds = limiter.take();
    const isAllowed = retryAfterSeconds === 0;
    metrics.rateLimitRequestsTotal.inc({ endpoint, outcome: isAllowed ? 'allowed' : 'limited' });
    if (isAllowed) return undefined;
    const headers = { 'retry-after': String(Math.ceil(retryAfterSeconds)) };
    return { status: 429, headers, body: { error: 'Too many requests.', retryAfterSeconds } };
  }

  /** Lets the request pass, or answers it with 401. */
  #authenticate(endpoint: Endpoint, request: IncomingMessage): Answer | undefined {
    const method = endpoint === '/token' ? 'api_key' : 'bearer';
    const isGood =
      method === 'api_key'
        ? request.headers['x-api-key'] === this.#options.apiKey
        : this.#useToken(request.headers.authorization);
    this.#options.metrics.authAttemptsTotal.inc({ method, outcome: isGood ? 'success' : 'failure' });
    return isGood ? undefined : { status: 401, body: { error: `No valid ${method}.` } };
  }

  #useToken(authorization: string | undefined): boolean {
    if (this.#token === '' || authorization !== `Bearer ${this.#token}`) return false;
    return ++this.#tokenUses <= this.#options.tokenLifetimeRequests;
  }

  #answer(endpoint: Endpoint, path: string, query: URLSearchParams): Answer {
    switch (endpoint) {
      case '/token':
        this.#token = randomUUID();
        this.#tokenUses = 0;
        return { status: 200, body: this.#token };
      case '/calendar':
        return { status: 200, body: this.#options.prices.get('SP500')?.map((bar) => bar.date) ?? [] };
      case '/symbols':
        return { status: 200, body: this.#symbolsListedOn(query.get('date') ?? '') };
      case '/bars/:symbol':
        return this.#bars(path.slice('/bars/'.length), query);
      case 'other':
        return { status: 404, body: { error: 'There is no such endpoint.' } };
    }
  }

  /** A symbol is listed from its first bar to a month after its last one. */
  #symbolsListedOn(date: string): string[] {
    const isListed = (first: string, last: string): boolean =>
      first <= date && Date.parse(date) <= Date.parse(last) + 31 * DAY_MILLISECONDS;
    return [...this.#options.prices]
      .filter(([, bars]) => isListed(bars[0]?.date ?? '9', bars.at(-1)?.date ?? '0'))
      .map(([symbol]) => symbol);
  }

  #bars(symbol: string, query: URLSearchParams): Answer {
    const bars = this.#options.prices.get(symbol);
    if (bars === undefined) return { status: 404, body: { error: 'There is no such symbol.' } };
    const until = query.get('until') ?? '';
    const count = Number(query.get('count'));
    const skip = Number(query.get('skip') ?? 0);
    if (!(Number.isInteger(count) && count > 0 && count <= MAX_BARS && Number.isInteger(skip) && skip >= 0)) {
      return { status: 400, body: { error: `Expected a count of 1 to ${MAX_BARS} and a skip of at least 0.` } };
    }
    const end = Math.max(0, bars.findLastIndex((bar) => bar.date <= until) + 1 - skip);
    return { status: 200, body: bars.slice(Math.max(0, end - count), end) };
  }
}

function endpointOf(method: string, path: string): Endpoint {
  if (method === 'POST' && path === '/token') return '/token';
  if (method !== 'GET') return 'other';
  if (path === '/calendar' || path === '/symbols') return path;
  return path.startsWith('/bars/') ? '/bars/:symbol' : 'other';
}
