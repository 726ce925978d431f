import type { TestContext } from 'node:test';
import { Gauge } from '../../lib/metrics/gauge.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { MetricsServer } from '../../lib/server/metrics-server.ts';
import type { MetricsServerOptions } from '../../lib/server/metrics-server-options.ts';

/** A listening server on a free port of the loopback interface, without self-metrics, closed at once after the test. */
export async function startServer(t: TestContext, options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const defaults = {
    port: 0,
    host: '127.0.0.1',
    registry: new MetricsRegistry(),
    selfMetrics: false,
    drainTimeoutSeconds: 0,
  };
  const server = new MetricsServer({ ...defaults, ...options });
  await server.listen();
  t.after(() => server.close());
  return server;
}

/** How many series {@link largeRegistry} has. */
export const SERIES = 3000;

/** A registry whose exposition is several chunks long. */
export function largeRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const gauge = new Gauge({ name: 'price_dollars', help: 'Last price.', labelNames: ['symbol'], registers });
  for (let i = 0; i < SERIES; i++) gauge.set({ symbol: `symbol number ${i}` }, i / 7);
  return registry;
}
