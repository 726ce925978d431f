import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerLimits } from '@finpilot/metrics';
import { parseExposition } from '../support/parse-exposition.ts';
import type { Scale, SoakPart, SoakResult } from './soak-part.ts';
import { startTarget } from './start-target.ts';

const CONNECTIONS = 500;
const MOST_SECONDS = 1;
/** The address of the scraper. */
const SCRAPER = '127.0.0.1';
const RUNS: readonly (readonly [name: string, from: string, limits: ServerLimits])[] = [
  ['default limits', '127.0.0.2', {}],
  ['room for 100 connections', '127.0.0.2', { maxConnections: 100 }],
  ['default limits, from the address of the scraper', SCRAPER, {}],
];

/**
 * Clients that send their headers a byte at a time; in a second run more of them than the server has room for. They may not
 * take the place of a client of another address. One of their own address shares its connections with them: of several hundred
 * that come at once, the oldest make room, the scraper's too if its request has not been read yet. It then comes again.
 */
export const loris: SoakPart = { name: 'slow-loris with 500 connections', run };

async function run(scale: Scale): Promise<SoakResult> {
  const seconds = scale === 'full' ? 15 : 2;
  const figures: [string, string][] = [];
  const faults: string[] = [];
  for (const [name, from, limits] of RUNS) {
    const target = await startTarget({ kind: 'metrics', server: { limits } });
    const attack = new Attack(target.port, from);
    try {
      await attack.begin();
      const end = performance.now() + seconds * 1000;
      let slowest = 0;
      let scrapes = 0;
      let lost = 0;
      while (performance.now() < end) {
        const startedAt = performance.now();
        const response = await fetch(`${target.url}/metrics`, { headers: { connection: 'close' } }).catch((error) => {
          if (from === SCRAPER) return undefined;
          throw error;
        });
        if (response === undefined) lost++;
        else parseExposition(await response.text());
        slowest = Math.max(slowest, (performance.now() - startedAt) / 1000);
        scrapes++;
        await pause(100);
      }
      figures.push([`${name}: slowest of ${scrapes} scrapes`, `${(slowest * 1000).toFixed(0)} ms`]);
      if (from === SCRAPER) figures.push([`${name}: lost connections`, String(lost)]);
      if (lost > scrapes / 5) faults.push(`${name}: ${lost} of ${scrapes} scrapes lost their connection`);
      if (slowest > MOST_SECONDS) faults.push(`${name}: a scrape took ${slowest.toFixed(2)} s`);
      if (!target.isAlive()) faults.push(`${name}: the process has ended`);
    } finally {
      attack.end();
      await target.stop();
    }
  }
  return { figures, faults };
}

/** Keeps so many connections open, each with half a request; those that the server closes are opened again. */
class Attack {
  readonly #port: number;
  readonly #from: string;
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;

  constructor(port: number, from: string) {
    this.#port = port;
    this.#from = from;
  }

  async begin(): Promise<void> {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#open()));
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) socket.write('x');
      for (let i = this.#sockets.size; i < CONNECTIONS; i++) void this.#open();
    }, 200);
  }

  end(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(): Promise<void> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: this.#from });
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
    return new Promise((resolve) => {
      socket.once('connect', () => {
        socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
        resolve();
      });
      socket.once('close', () => {
        this.#sockets.delete(socket);
        resolve();
      });
    });
  }
}
