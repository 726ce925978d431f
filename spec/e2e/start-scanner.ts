import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { type Cleanup, StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';

/** The scanner while it runs. */
export interface StartedScanner {
  /** Where its metrics server is, without a slash at the end. */
  readonly url: string;
  readonly program: StartedProgram;
}

/** How to start it. */
export interface StartScannerOptions {
  readonly paceMilliseconds: number;
  /** A free one unless given. */
  readonly port?: number;
  /** Serves the metrics in a thread; SIGUSR2 blocks the event loop for so long. */
  readonly blockSeconds?: number;
}

/** Starts the built scanner as `npm start` does; it ends with the test or file of `cleanup`. */
export async function startScanner(
  cleanup: Cleanup,
  { paceMilliseconds, port = 0, blockSeconds }: StartScannerOptions,
): Promise<StartedScanner> {
  const main = join(packageRoot(), 'dist', 'docs', 'examples', 'scanner', 'main.js');
  const args = [main, '--host', '127.0.0.1', '--port', String(port), '--pace', String(paceMilliseconds)];
  if (blockSeconds !== undefined) args.push('--thread', '--block', String(blockSeconds));
  const program = new StartedProgram(cleanup, { program: process.execPath, args });
  const url = await until('the scanner to say where its metrics are', () => {
    program.requireRunning();
    return /(http:\S+)\/metrics/.exec(program.output)?.[1];
  });
  return { url, program };
}
