import { actAsApplication } from '../application.ts';
import type { Case, Target } from '../case.ts';
import { liveBytes } from '../harness.ts';
import type { Library } from '../library.ts';
import { totalOf } from '../total.ts';

/**
 * Bytes that one more series keeps alive, on the heap and outside it, after a scrape has been taken.
 *
 * A held child includes what the application keeps to update it, the object that `labels()` returned: that is the fast
 * way of every client here, and with ours it is the series itself. The other figure is the series alone.
 */
export const memoryCases: readonly Case[] = [
  memoryCase('counter', true, 100_000, { shareOfBest: 0.6 }),
  memoryCase('counter', false, 100_000, {}),
  memoryCase('histogram', true, 10_000, { shareOfBest: 0.35 }),
  memoryCase('histogram', false, 10_000, {}),
  uniqueLabelsCase(),
];

type Kind = 'counter' | 'histogram';

function memoryCase(kind: Kind, isHeld: boolean, seriesCount: number, target: Target): Case {
  const name = `memory per ${isHeld ? 'held ' : ''}${kind} child, after a scrape`;
  return {
    figures: [{ name, unit: 'B', target, isGuarded: true }],
    isForPeers: true,
    nodeFlags: ['--expose-gc'],
    run: async (library) => {
      await actAsApplication(library);
      const methods = Array.from({ length: 4 }, (_, i) => `method${i}`);
      // The strings are the application's: they exist before the first reading, for every library alike.
      const routes = Array.from({ length: seriesCount / 4 }, (_, i) => `/api/route/${i}`);
      const registry = new library.Registry();
      const render = library.scraperOf(registry);
      const update = prepareUpdate(kind, library, registry);
      const held: unknown[] = [];
      const before = await liveBytes();
      for (const route of routes) {
        for (const method of methods) {
          const child = update(method, route);
          if (isHeld) held.push(child);
        }
      }
      const lineCount = newlinesOf(await render());
      const bytes = ((await liveBytes()) - before) / seriesCount;
      if (lineCount < seriesCount) {
        throw new RangeError(
          `Cannot trust "${name}" of ${library.name}: expected ${seriesCount} lines, got ${lineCount}.`,
        );
      }
      // Keeps what was weighed alive until here.
      held.push(update(methods[0]!, routes[0]!));
      return { [name]: { rounds: [Math.round(bytes * 10) / 10] } };
    },
  };
}

/** Series of which no two share a label value: by session, request and user, as they should not be but are. */
function uniqueLabelsCase(): Case {
  const name = 'memory per counter child, three labels of unique values';
  const seriesCount = 50_000;
  return {
    figures: [{ name, unit: 'B', target: { shareOfBest: 0.7 }, isGuarded: true }],
    isForPeers: true,
    nodeFlags: ['--expose-gc'],
    run: async (library) => {
      await actAsApplication(library);
      const labelNames = ['session', 'request', 'user'];
      // The strings are the application's: see above.
      const labelSets = Array.from({ length: seriesCount }, (_, i) => labelNames.map((label) => `${label}-${i}`));
      const registry = new library.Registry();
      const render = library.scraperOf(registry);
      const counter = new library.Counter({
        name: 'bench_unique_total',
        help: 'Measured.',
        labelNames,
        registers: [registry],
        maxSeries: Infinity,
      });
      const before = await liveBytes();
      for (const [session, request, user] of labelSets)
        counter.inc({ session: session!, request: request!, user: user! });
      const bytes = ((await liveBytes()) - before) / seriesCount;
      const got = totalOf(library, await render(), 'bench_unique_total');
      if (got !== seriesCount)
        throw new RangeError(`Cannot trust "${name}" of ${library.name}: expected ${seriesCount}, got ${got}.`);
      // Keeps what was weighed alive until here.
      counter.inc({ session: labelSets[0]![0]!, request: labelSets[0]![1]!, user: labelSets[0]![2]! });
      return { [name]: { rounds: [Math.round(bytes * 10) / 10] } };
    },
  };
}

/** Returns a function that updates the series of two label values and returns its child. */
function prepareUpdate(kind: Kind, library: Library, registry: object): (first: string, second: string) => unknown {
  const options = { help: 'Measured.', labelNames: ['method', 'route'], registers: [registry] };
  if (kind === 'counter') {
    const counter = new library.Counter({ ...options, name: 'bench_requests_total' });
    return (first, second) => {
      const child = counter.labels(first, second);
      child.inc(1);
      return child;
    };
  }
  const histogram = new library.Histogram({ ...options, name: 'bench_latency_seconds' });
  return (first, second) => {
    const child = histogram.labels(first, second);
    child.observe(0.3);
    return child;
  };
}

function newlinesOf(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  return count;
}
