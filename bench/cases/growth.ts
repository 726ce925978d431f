import { startClock, timeOperations } from '../../lib/cli/measure.ts';
import { SeededRandom } from '../../spec/support/seeded-random.ts';
import { actAsApplication } from '../application.ts';
import type { Case } from '../case.ts';
import { addToCells, ORDER_LENGTH } from '../floors.ts';
import { liveBytes } from '../harness.ts';
import { totalOf } from '../total.ts';

/** Numbers of series, from a small service to more than one process should have. */
export const GROWTH_SIZES = [1_000, 10_000, 100_000, 1_000_000];

const SCRAPES = 3;

/** What a chart shows over the number of series, in the order of its panels. */
export const GROWTH_PANELS = ['counter.inc({two labels})', 'scrape, for each line', 'memory for each series'] as const;

/** The name of a figure of growth. */
export function growthName(panel: (typeof GROWTH_PANELS)[number], size: number): string {
  return `${PREFIX}${panel}, ${size.toLocaleString('en-US')} series`;
}

/** Whether a figure is one of growth, which has a chart of its own. */
export function isOfGrowth(name: string): boolean {
  return name.startsWith(PREFIX);
}

const PREFIX = 'growth: ';

/** How an update, a scrape and the memory of a series grow with the number of series: flat lines are wanted. */
export const growthCases: readonly Case[] = GROWTH_SIZES.map((size) => {
  const [update, line, memory] = GROWTH_PANELS.map((panel) => growthName(panel, size)) as [string, string, string];
  return {
    figures: [
      { name: update, unit: 'ns', target: {}, isGuarded: false },
      { name: line, unit: 'ns', target: {}, isGuarded: false },
      { name: memory, unit: 'B', target: {}, isGuarded: false },
    ],
    isForPeers: true,
    nodeFlags: ['--expose-gc', '--max-old-space-size=12000'],
    processRounds: 1,
    run: async (library) => {
      await actAsApplication(library);
      const methods = ['GET', 'PUT', 'POST', 'DELETE'];
      const routes = Array.from({ length: size / methods.length }, (_, i) => `/api/route/${i}`);
      const registry = new library.Registry();
      const render = library.scraperOf(registry);
      const before = await liveBytes();
      const counter = new library.Counter({
        name: 'bench_requests_total',
        help: 'Measured.',
        labelNames: ['method', 'route'],
        registers: [registry],
        maxSeries: Infinity,
      });
      for (const route of routes) for (const method of methods) counter.inc({ method, route });
      let total = size;
      await render();
      const bytes = ((await liveBytes()) - before) / size;

      const random = new SeededRandom(1);
      const order = Uint32Array.from({ length: ORDER_LENGTH }, () => random.int(size));
      const methodsInOrder = Array.from(order, (index) => methods[index % methods.length]!);
      const routesInOrder = Array.from(order, (index) => routes[Math.floor(index / methods.length)]!);
      const updates = await timeOperations(
        (count) => {
          total += count;
          for (let i = 0; i < count; i++) {
            const at = i & (ORDER_LENGTH - 1);
            counter.inc({ method: methodsInOrder[at]!, route: routesInOrder[at]! });
          }
        },
        addToCells(order, size),
      );

      const lines: number[] = [];
      let scrape: Uint8Array = new Uint8Array();
      for (let round = 0; round < SCRAPES; round++) {
        for (const route of routes) for (const method of methods) counter.inc({ method, route });
        total += size;
        const stop = startClock();
        scrape = await render();
        lines.push((stop() * 1e6) / size);
      }
      const got = totalOf(library, scrape, 'bench_requests_total');
      if (got !== total)
        throw new RangeError(`Cannot trust "${update}" of ${library.name}: expected ${total}, got ${got}.`);
      return { [update]: updates, [line]: { rounds: lines }, [memory]: { rounds: [Math.round(bytes * 10) / 10] } };
    },
  };
});
