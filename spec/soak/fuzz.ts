import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { parseExposition } from '../support/parse-exposition.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { drawCase, type FuzzCase } from './fuzz-case.ts';
import type { Scale, SoakPart, SoakResult } from './soak-part.ts';
import { startTarget, type Target } from './start-target.ts';

const SEED = 20_261_124;
const BATCH = 50;
/** How long the server may take to close a connection whose other side has been ended. */
const MOST_SECONDS = 5;

/** Raw sockets that say what no client should. The server answers or closes, never ends, and then scrapes as ever. */
export const fuzz: SoakPart = { name: 'fuzzed sockets', run };

async function run(scale: Scale): Promise<SoakResult> {
  const total = scale === 'full' ? 20_000 : 2_000;
  const random = new SeededRandom(SEED);
  const limits = { headersTimeoutSeconds: 2, maxScrapesInFlight: BATCH * 150 };
  const target = await startTarget({ kind: 'metrics', server: { limits } });
  const outcomes = { answered: 0, closed: 0 };
  const faults: string[] = [];
  try {
    for (let done = 0; done < total && faults.length === 0; done += BATCH) {
      const cases = Array.from({ length: BATCH }, () => drawCase(random));
      const results = await Promise.all(cases.map((one) => send(target.port, one)));
      for (const [i, result] of results.entries()) {
        if (result === 'open') faults.push(`case ${done + i} is neither answered nor closed`);
        else outcomes[result]++;
      }
      faults.push(...(await cleanScrapeFaults(target, done)));
    }
    const figures: [string, string][] = [
      [`cases of seed ${SEED}: answered, closed`, `${outcomes.answered}, ${outcomes.closed}`],
    ];
    return { figures, faults };
  } finally {
    await target.stop();
  }
}

async function cleanScrapeFaults(target: Target, done: number): Promise<string[]> {
  try {
    const response = await fetch(`${target.url}/metrics`, { signal: AbortSignal.timeout(5_000) });
    if (response.status !== 200) return [`the scrape after case ${done} is answered with ${response.status}`];
    parseExposition(await response.text());
    return [];
  } catch (error) {
    const fate = target.isAlive() ? 'lives' : 'has ended';
    return [`the scrape after case ${done} failed, and the process ${fate}: ${String(error)}`];
  }
}

function send(port: number, { pieces, isReset }: FuzzCase): Promise<'answered' | 'closed' | 'open'> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let isAnswered = false;
    const timer = setTimeout(() => {
      resolve('open');
      socket.destroy();
    }, MOST_SECONDS * 1000);
    socket.on('error', () => undefined);
    socket.on('data', () => (isAnswered = true));
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(isAnswered ? 'answered' : 'closed');
    });
    socket.once('connect', () => void write());
    const write = async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await setImmediate();
      }
      if (isReset) socket.resetAndDestroy();
      else socket.end();
    };
  });
}
