import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TargetOptions, TargetState } from './target-options.ts';

/** The process under load. */
export interface Target {
  readonly url: string;
  readonly port: number;
  /** How it is now. Rejects if it has ended. */
  state(): Promise<TargetState>;
  /** Whether it still runs. */
  isAlive(): boolean;
  /** Ends it; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a process of target.ts and resolves when it listens. Rejects if it ends before. */
export async function startTarget(options: TargetOptions): Promise<Target> {
  const program = fileURLToPath(new URL('target.js', import.meta.url));
  const child = fork(program, [JSON.stringify(options)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`Cannot go on: expected the server to run, got its end (${code ?? signal}).`);
  });
  ended.catch(() => undefined); // told to whoever waits for an answer
  const answer = <T>() => Promise.race([once(child, 'message').then(([message]) => message as T), ended]);
  const { port } = await answer<{ port: number }>();
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    isAlive,
    state: () => {
      child.send('state');
      return answer<TargetState>();
    },
    stop: async () => {
      if (isAlive()) child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}
