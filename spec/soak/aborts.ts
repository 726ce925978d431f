import { connect } from 'node:net';
import { parseExposition } from '../support/parse-exposition.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { until } from '../support/until.ts';
import type { Scale, SoakPart, SoakResult } from './soak-part.ts';
import { startTarget } from './start-target.ts';

const SERIES = 20_000;
const AT_ONCE = 20;
const GROWTH_BYTES = 2_000_000;

/** Scrapes that are broken off before, while and after they are answered, by a reset, an end or a half-open silence. */
export const aborts: SoakPart = { name: 'aborted scrapes', run };

async function run(scale: Scale): Promise<SoakResult> {
  const total = scale === 'full' ? 10_000 : 1_500;
  const random = new SeededRandom(5);
  const target = await startTarget({
    kind: 'metrics',
    series: SERIES,
    server: { limits: { maxScrapesInFlight: AT_ONCE } },
  });
  try {
    await abortMany(target.port, total / 10, random);
    const before = await target.state();
    const startedAt = performance.now();
    await abortMany(target.port, total, random);
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await until(
      'the last sockets to close',
      async () => {
        const state = await target.state();
        return state.resources <= before.resources ? state : undefined;
      },
      { timeoutSeconds: 10 },
    ).catch(() => target.state());
    const clean = parseExposition(await (await fetch(`${target.url}/metrics`)).text());
    const growth = after.heapBytes - before.heapBytes;
    const faults: string[] = [];
    if (after.resources > before.resources)
      faults.push(`${after.resources} resources after, ${before.resources} before`);
    if (growth > GROWTH_BYTES) faults.push(`the heap grew by ${growth} bytes`);
    if (clean.find(({ name }) => name === 'price_dollars')?.samples.length !== SERIES)
      faults.push('the scrape after is not whole');
    return {
      figures: [
        ['aborted scrapes', `${total} in ${seconds.toFixed(1)} s`],
        ['resources of the event loop before, after', `${before.resources}, ${after.resources}`],
        ['growth of the live heap', `${(growth / 1024).toFixed(0)} KiB of ${(before.heapBytes / 1024).toFixed(0)}`],
      ],
      faults,
    };
  } finally {
    await target.stop();
  }
}

async function abortMany(port: number, count: number, random: SeededRandom): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await abortOne(port, random.int(4));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** `kind`: reset at once, reset at the first bytes, end at the first bytes, stop to read and then reset. */
function abortOne(port: number, kind: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    socket.once('connect', () => {
      socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n', () => {
        if (kind === 0) socket.resetAndDestroy();
      });
    });
    socket.once('data', () => {
      if (kind === 2) socket.destroy();
      else if (kind === 3) {
        socket.pause();
        setTimeout(() => socket.resetAndDestroy(), 20);
      } else socket.resetAndDestroy();
    });
  });
}
