import { type MetricsServerOptions, startMetricsServer } from '@finpilot/metrics';
import type { Cleanup } from '../support/started-program.ts';
import { EVERY_TYPE } from './every-type.ts';
import type { FormatsJob } from './formats-jobs.ts';
import { RecordingProxy, type Route } from './recording-proxy.ts';
import { UTF8_NAMES } from './utf8-names.ts';

/** Starts the library's servers, one for each way that one is set up, and a proxy that leads each job to its own. */
export async function startFormatsProxy(cleanup: Cleanup, jobs: readonly FormatsJob[]): Promise<RecordingProxy> {
  const start = async (options: MetricsServerOptions): Promise<string> => {
    // What a server says of itself is no part of the registry that the jobs are compared with.
    const own = { port: 0, host: '127.0.0.1', selfMetrics: false, drainTimeoutSeconds: 0 };
    const server = await startMetricsServer({ ...options, ...own });
    cleanup.after(() => server.close());
    return server.url;
  };
  const registry = EVERY_TYPE.createRegistry();
  const urls: Readonly<Record<FormatsJob['target'], string>> = {
    'every-type': await start({ registry }),
    uncompressed: await start({ registry, compression: false }),
    'created-lines': await start({ registry, exporterOptions: { createdLines: true } }),
    utf8: await start({ registry: UTF8_NAMES.createRegistry() }),
  };
  const routes = jobs.map(({ name, target, accept }): [string, Route] => [name, { url: urls[target], accept }]);
  return RecordingProxy.start(cleanup, new Map(routes));
}
