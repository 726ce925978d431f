import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { MetricsRegistry } from '../../lib/core.ts';
import { type MetricsThread, type MetricsThreadOptions, startMetricsThread } from '../../lib/thread/index.ts';

/** A metrics thread on a free port of the loopback interface, closed after the test. */
export async function startThread(t: TestContext, options: MetricsThreadOptions = {}): Promise<MetricsThread> {
  const defaults = { port: 0, host: '127.0.0.1', registry: new MetricsRegistry(), selfMetrics: false };
  const thread = await startMetricsThread({ ...defaults, drainTimeoutSeconds: 0, ...options });
  t.after(() => thread.close());
  return thread;
}

/** Collects the `Worker`s that are started from now on until the test is over. */
export function collectWorkers(t: TestContext): readonly Worker[] {
  const workers: Worker[] = [];
  const listen = (worker: Worker): void => void workers.push(worker);
  process.on('worker', listen);
  t.after(() => process.off('worker', listen));
  return workers;
}

/** The text of a path of a server. */
export async function textOf(thread: MetricsThread, path: string): Promise<string> {
  return (await fetch(thread.url + path)).text();
}

/** The value of a series in an exposition. */
export function valueOf(exposition: string, series: string): number | undefined {
  const line = exposition.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** An answer to a client in another process. */
export interface SeenAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Blocks the event loop of this process while a client in another process asks for a URL until `isEnough(answer)`; returns
 * all answers. `isEnough` is sent as text.
 */
export function blockWhileAsking(url: string, isEnough: (answer: SeenAnswer) => boolean): SeenAnswer[] {
  const program = `
    const isEnough = ${isEnough};
    const answers = [];
    do {
      const response = await fetch(${JSON.stringify(url)});
      answers.push({ status: response.status, body: await response.text() });
    } while (!isEnough(answers.at(-1)));
    console.log(JSON.stringify(answers));`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: Infinity });
  if (stdout === '') throw new Error(`Cannot ask ${url}: expected answers, got ${stderr}`);
  return JSON.parse(stdout) as SeenAnswer[];
}
