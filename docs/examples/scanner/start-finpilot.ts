import { collectDefaultMetrics, type MetricsRegistry, startMetricsServer } from '@finpilot/metrics';
import { createFinpilotMetrics, type FinpilotMetrics } from '@finpilot/metrics/finpilot';
import { startMetricsThread } from '@finpilot/metrics/thread';
import { MarketApi } from './market-api.ts';
import { MarketClient } from './market-client.ts';
import { readPrices } from './read-prices.ts';
import { Scanner } from './scanner.ts';

/** How to run FinPilot. */
export interface FinpilotOptions {
  readonly registry: MetricsRegistry;
  /** Where the metrics are served; port 0 takes a free one, no host means every interface. */
  readonly port: number;
  readonly host?: string | undefined;
  /** Paths of PEM files; without them the metrics are served over HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Whether a thread serves the metrics, so that they can be scraped while the event loop is blocked. */
  readonly thread?: boolean;
  /** Time for each replayed day, in seconds. */
  readonly paceSeconds: number;
  /** Requests until a token of the market-data API expires. */
  readonly tokenLifetimeRequests?: number;
  /** The limits of the API's rate limiter, per second and at once. */
  readonly requestsPerSecond?: number;
  readonly burst?: number;
}

/** FinPilot while it runs. */
export interface Finpilot {
  readonly metrics: FinpilotMetrics;
  /** Where the metrics are, such as `http://localhost:8000`. */
  readonly url: string;
  /** Blocks the event loop on purpose, with inferences. */
  block(seconds: number): void;
  /** Stops after the day that is being replayed; resolves when nothing is left running. */
  stop(): Promise<void>;
  /** Settles when FinPilot has stopped; rejects if the scanner came upon an error that it does not know. */
  readonly stopped: Promise<void>;
}

const API_KEY = 'example-key';

/** Starts everything: the metrics server, the market-data API, and the scanner that asks it. */
export async function startFinpilot(options: FinpilotOptions): Promise<Finpilot> {
  const { registry, port, host, tls, thread = false, paceSeconds } = options;
  // 60 a second is more than two strategies need for six symbols at four days a second; training needs more at once.
  const { tokenLifetimeRequests = 500, requestsPerSecond = 60, burst = 12 } = options;
  const prices = await readPrices();

  // 1. The metrics: FinPilot's own, and those of the process.
  const metrics = createFinpilotMetrics(registry, {
    version: process.env['npm_package_version'] ?? 'unknown',
    revision: process.env['FINPILOT_REVISION'] ?? 'unknown',
  });

  // 2. The server that Prometheus scrapes. A taken port ends here, before anything else runs.
  const startServer = thread ? startMetricsThread : startMetricsServer;
  const server = await startServer({
    port,
    registry,
    ...(host === undefined ? {} : { host }),
    ...(tls === undefined ? {} : { tls }),
  });
  const defaultMetrics = collectDefaultMetrics(registry);

  // 3. The application.
  const api = new MarketApi({ prices, metrics, apiKey: API_KEY, tokenLifetimeRequests, requestsPerSecond, burst });
  const client = new MarketClient(await api.listen(), API_KEY);
  const scanner = new Scanner({ client, metrics, registry, paceSeconds });

  // 4. Its health: liveness says "restart me", readiness "give me no work now"; both are metrics too.
  const isScanning = (): boolean => scanner.isAlive();
  const hasMarketData = async (): Promise<boolean> => (await client.symbols('2000-01-03')).length > 0;
  server.addHealthCheck('scanner', isScanning);
  server.addReadinessCheck('market_data', hasMarketData);
  metrics.watchHealth('scanner', isScanning);
  metrics.watchHealth('market_data', hasMarketData);

  const stopping = new AbortController();
  const stopped = scanner.run(stopping.signal).finally(async () => {
    await server.close();
    await api.close();
    defaultMetrics.stop();
  });
  const stop = (): Promise<void> => {
    stopping.abort();
    return stopped;
  };
  return { metrics, url: server.url, block: (seconds) => scanner.block(seconds), stop, stopped };
}
