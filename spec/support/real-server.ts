import { mkdtempSync, realpathSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RealProgram } from './real-system.ts';
import { type Cleanup, StartedProgram } from './started-program.ts';
import { until } from './until.ts';

/** How to start a server on a given port. */
export interface RealServerOptions {
  /** The arguments for a port of 127.0.0.1, and an empty folder of the server's own, where its data may go. */
  readonly args: (port: number, folder: string) => readonly string[];
  /** What answers 200 once the server can take requests, such as `/-/ready`. */
  readonly readyPath: string;
  /** The status of that answer if it is not 200: a server that speaks TLS alone tells a plain client so by 400. */
  readonly readyStatus?: number;
}

/** A server of a real system while it runs. */
export interface RealServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly program: StartedProgram;
}

/** A free port may be taken by another process before the server listens; hardly three times in a row. */
const ATTEMPTS = 3;

/**
 * Starts a server on a free port of this machine, and resolves when it answers. It ends, and its folder is removed,
 * with the test or file that `cleanup` belongs to. Rejects if it ends instead, with its output, or takes over 30 s.
 */
export async function startRealServer(
  cleanup: Cleanup,
  { path }: RealProgram,
  options: RealServerOptions,
): Promise<RealServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'finpilot-metrics-')));
    const args = options.args(port, folder);
    const program = new StartedProgram(cleanup, { program: path, args, folder, ownFolder: folder });
    const url = `http://127.0.0.1:${port}`;
    try {
      await until(`an answer of ${path}`, () => isReady(program, url, options));
      return { url, program };
    } catch (error) {
      await program.stop();
      if (attempt === ATTEMPTS || !/address already in use/i.test(program.output)) throw error;
    }
  }
}

/** Hands out ports in turn, so that a port that was just freed is not reused at once. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isReady(program: StartedProgram, url: string, options: RealServerOptions): Promise<true | undefined> {
  const { readyPath, readyStatus = 200 } = options;
  program.requireRunning();
  try {
    const { status } = await fetch(url + readyPath, { signal: AbortSignal.timeout(2000) });
    return status === readyStatus ? true : undefined;
  } catch {
    return undefined; // nobody listens yet
  }
}
