import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../support/package-root.ts';
import { type Cleanup, StartedProgram } from '../../support/started-program.ts';
import { until } from '../../support/until.ts';

/** The names of HTTP metrics. */
export type Names = 'semconv' | 'classic';

/** A Node service while it runs. */
export interface StartedService {
  readonly url: string;
  /** Host and port of its metrics. */
  readonly metrics: string;
  readonly program: StartedProgram;
}

/** Starts service.ts; it ends with the test or file of `cleanup`. */
export async function startService(
  cleanup: Cleanup,
  names: Names,
  buckets: 'classic' | 'native',
): Promise<StartedService> {
  const main = join(packageRoot(), 'dist', 'spec', 'monitoring', 'node', 'service.js');
  const program = new StartedProgram(cleanup, { program: process.execPath, args: [main, names, buckets] });
  const line = await until('the service to say where it listens', () => {
    program.requireRunning();
    return /^\{.*\}$/m.exec(program.output)?.[0];
  });
  const { port, metrics } = JSON.parse(line) as { port: number; metrics: string };
  return { url: `http://127.0.0.1:${port}`, metrics, program };
}

/**
 * Asks services for everything in turn, a round every 100 ms, until the test or file of `cleanup` ends: orders, with bodies,
 * slow and missing pages, failures, requests to other servers, and requests whose client leaves.
 */
export function startLoad(cleanup: Cleanup, services: readonly StartedService[]): void {
  const end = new AbortController();
  const load = (async () => {
    for (let round = 0; !end.signal.aborted; round++) {
      await Promise.allSettled(services.map(({ url }) => ask(url, round)));
      await sleep(100);
    }
  })();
  cleanup.after(async () => {
    end.abort();
    await load;
  });
}

async function ask(url: string, round: number): Promise<void> {
  const get = async (path: string): Promise<unknown> => (await fetch(url + path)).text();
  await fetch(`${url}/orders/${round}`, { method: 'POST', body: 'x'.repeat(500) }).then((response) => response.text());
  await Promise.all(Array.from({ length: 8 }, (_, i) => get(`/orders/${round}-${i}`)));
  await get('/missing');
  if (round % 2 === 0) await get('/broken');
  if (round % 3 === 0) await Promise.all([get('/slow'), get('/upstream')]);
  if (round % 5 === 0) await fetch(`${url}/never`, { signal: AbortSignal.timeout(50) }).catch(() => undefined);
}
