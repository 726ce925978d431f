import { startClock } from '../../lib/cli/measure.ts';
import { actAsApplication } from '../application.ts';
import type { Case } from '../case.ts';
import { liveBytes } from '../harness.ts';
import { totalOf } from '../total.ts';

const SERIES_PER_SECOND = 10_000;
const SECONDS = 600;
/** Seconds between two scrapes, and for which a series exists. */
const SCRAPE_SECONDS = 15;
const LIFE_SECONDS = 2;
/** Series that are created, or removed, in a row: work of an application between two turns of its event loop. */
const SLICE = 100;

const CREATE = 'churn: creating a series';
const REMOVE = 'churn: removing a series';
const STALL = 'churn: longest of all slices of 100 series, created and removed';
const GROWTH = 'churn: growth of the heap in the last nine of ten minutes';

/**
 * Ten minutes of a service whose labels name sessions: 10,000 series are created and 10,000 are removed in each second,
 * with a scrape every 15 seconds. Without the pauses, so it is over in seconds.
 */
export const churnCases: readonly Case[] = [
  {
    figures: [
      { name: CREATE, unit: 'ns', target: { atMost: 1000 }, isGuarded: false },
      { name: REMOVE, unit: 'ns', target: {}, isGuarded: false },
      { name: STALL, unit: 'ms', target: { atMost: 3 }, isGuarded: false },
      { name: GROWTH, unit: 'KB', target: { atMost: 256 }, isGuarded: false },
    ],
    isForPeers: true,
    nodeFlags: ['--expose-gc'],
    processRounds: 1,
    run: async (library) => {
      await actAsApplication(library);
      const registry = new library.Registry();
      const render = library.scraperOf(registry);
      const counter = new library.Counter({
        name: 'bench_sessions_total',
        help: 'Measured.',
        labelNames: ['session', 'route'],
        registers: [registry],
        maxSeries: Infinity,
      });
      const create = (second: number, i: number): void => {
        counter.inc({ session: `${second}-${i}`, route: `/api/route/${i & 15}` });
      };
      const remove = (second: number, i: number): void => {
        counter.remove({ session: `${second}-${i}`, route: `/api/route/${i & 15}` });
      };
      const created: number[] = [];
      const removed: number[] = [];
      let longest = 0;
      let bytesAfterFirstMinute = 0;
      let scrape: Uint8Array = new Uint8Array();
      for (let second = 0; second < SECONDS; second++) {
        const times = { created: 0, removed: 0 };
        for (let first = 0; first < SERIES_PER_SECOND; first += SLICE) {
          const create1 = startClock();
          for (let i = first; i < first + SLICE; i++) create(second, i);
          const creating = create1();
          const remove1 = startClock();
          if (second >= LIFE_SECONDS) for (let i = first; i < first + SLICE; i++) remove(second - LIFE_SECONDS, i);
          const removing = remove1();
          times.created += creating;
          times.removed += removing;
          longest = Math.max(longest, creating, removing);
        }
        created.push((times.created * 1e6) / SERIES_PER_SECOND);
        if (second >= LIFE_SECONDS) removed.push((times.removed * 1e6) / SERIES_PER_SECOND);
        if (second % SCRAPE_SECONDS === 0) scrape = await render();
        if (second === SECONDS / 10) bytesAfterFirstMinute = await liveBytes();
      }
      scrape = await render();
      const growth = ((await liveBytes()) - bytesAfterFirstMinute) / 1024;
      const [got, wanted] = [totalOf(library, scrape, 'bench_sessions_total'), LIFE_SECONDS * SERIES_PER_SECOND];
      if (got !== wanted) {
        throw new RangeError(`Cannot trust "${CREATE}" of ${library.name}: expected ${wanted} series, got ${got}.`);
      }
      return {
        [CREATE]: { rounds: created },
        [REMOVE]: { rounds: removed },
        [STALL]: { rounds: [longest] },
        [GROWTH]: { rounds: [growth] },
      };
    },
  },
];
