import { MetricsServer } from './metrics-server.ts';
import type { MetricsServerOptions } from './metrics-server-options.ts';

/**
 * Starts a {@link MetricsServer} and resolves when it listens, on port 8000 by default. Rejects with an
 * Error that says what to do if it cannot, for instance because the port is taken (`code` is then `EADDRINUSE`).
 *
 * @example
 * ```ts
 * const server = await startMetricsServer({ port: 8000 });
 * server.addHealthCheck('scanner', () => scanner.isRunning, { timeoutSeconds: 1 });
 * gracefulShutdown(server);
 * ```
 */
export async function startMetricsServer(options?: MetricsServerOptions): Promise<MetricsServer> {
  const server = new MetricsServer(options);
  await server.listen();
  return server;
}
