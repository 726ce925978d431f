import { loadModule } from '../../model/load-module.ts';
import { startStatsdPush } from './statsd-push.ts';
import type { StatsdServer, StatsdServerOptions } from './statsd-server.ts';

export type { MetricsPush, PushOptions } from '../push-loop.ts';
export type { Tags } from '../tagged-name.ts';
export type { StatsdType } from './line-head.ts';
export type { StatsdRule } from './mapping-rules.ts';
export type { StatsdPushOptions } from './statsd-push.ts';
export type { StatsdServer, StatsdServerOptions };

/**
 * Starts a server that receives StatsD and DogStatsD lines, and makes metrics of them: what is sent as `api.calls:1|c|#route:a`
 * is exposed as `api_calls_total{route="a"}`. Lines come by UDP, TCP or a Unix stream socket.
 *
 * Resolves when it listens. Rejects with a TypeError or RangeError if an option is invalid, and with an Error that has Node's
 * `code`, such as `EADDRINUSE`, if it cannot listen. Whatever it receives, it does not throw, and its memory is bounded by
 * `maxSeries`.
 *
 * @example
 * ```ts
 * const server = await startStatsdServer({ udpPort: 0 });
 * console.log(`StatsD on UDP port ${server.udpPort}`);
 * await server.close();
 * ```
 */
export async function startStatsdServer(options: StatsdServerOptions = {}): Promise<StatsdServer> {
  const { openStatsdServer } = await loadModule(() => import('./statsd-server.ts'), 'openStatsdServer');
  return openStatsdServer(options);
}

export { startStatsdPush };

/** The same names as the named exports. */
export default { startStatsdPush, startStatsdServer };
