import { type Repeat, timeOperations } from '../../lib/cli/measure.ts';
import { SeededRandom } from '../../spec/support/seeded-random.ts';
import { actAsApplication } from '../application.ts';
import type { Case, Measurement, Target } from '../case.ts';
import { addToCells, addToOneCell, addValues, ORDER_LENGTH, storeValues, VALUES_LENGTH } from '../floors.ts';
import { bytesPerOperation } from '../harness.ts';
import type { Library } from '../library.ts';
import { totalOf } from '../total.ts';

const ORDER_MASK = ORDER_LENGTH - 1;
const VALUES_MASK = VALUES_LENGTH - 1;

/** One way of updating a metric; timed, and where it shall allocate nothing also weighed. */
interface Update {
  readonly name: string;
  readonly target: Target;
  /** The most bytes that it may allocate; not weighed if undefined. */
  readonly mostAllocated: number | undefined;
  prepare(metrics: MetricsUnderTest): PreparedUpdate;
}

interface PreparedUpdate {
  readonly repeat: Repeat;
  readonly floor: Repeat;
  /** The sample that tells how many updates have arrived. */
  readonly sampleName: string;
  /** What that sample must add up to after so many updates, the last ones in a run of `lastCount`. */
  readonly expected?: (updates: number, lastCount: number) => number;
}

/** A literal of two labels, which is the caller's: 3 words and one for each label. The walk over it keeps it on the heap. */
const LITERAL_BYTES = 40;

const UPDATES: readonly Update[] = [
  {
    name: 'held child inc()',
    target: { timesFaster: 40, timesFloor: 3 },
    mostAllocated: 0,
    prepare({ labelledCounter }) {
      const child = labelledCounter.labels('GET', '/orders');
      return {
        floor: addToOneCell(),
        sampleName: 'bench_requests_total',
        repeat(count) {
          for (let i = 0; i < count; i++) child.inc();
        },
      };
    },
  },
  {
    name: 'held child inc(), 16 children',
    target: { timesFaster: 40, timesFloor: 3 },
    mostAllocated: undefined,
    prepare({ labelledCounter }) {
      const { methods, routes, order } = labelValues(4, 4);
      const children = Array.from(order, (_, i) => labelledCounter.labels(methods[i]!, routes[i]!));
      return {
        floor: addToCells(order, 16),
        sampleName: 'bench_requests_total',
        repeat(count) {
          for (let i = 0; i < count; i++) children[i & ORDER_MASK]!.inc();
        },
      };
    },
  },
  {
    name: 'counter.inc(), no labels',
    target: { timesFaster: 4 },
    mostAllocated: 0,
    prepare({ counter }) {
      return {
        floor: addToOneCell(),
        sampleName: 'bench_events_total',
        repeat(count) {
          for (let i = 0; i < count; i++) counter.inc();
        },
      };
    },
  },
  { name: 'counter.inc({two labels}), 16 series', target: { timesFaster: 6 }, ...incByLabels(4, 4) },
  { name: 'counter.inc({two labels}), 20,000 series', target: { timesFaster: 4 }, ...incByLabels(100, 200) },
  {
    name: 'counter.inc({two labels in another order}), 16 series',
    target: { timesFaster: 5 },
    mostAllocated: LITERAL_BYTES,
    prepare({ labelledCounter }) {
      const { methods, routes, order } = labelValues(4, 4);
      return {
        floor: addToCells(order, 16),
        sampleName: 'bench_requests_total',
        repeat(count) {
          for (let i = 0; i < count; i++)
            labelledCounter.inc({ route: routes[i & ORDER_MASK]!, method: methods[i & ORDER_MASK]! });
        },
      };
    },
  },
  {
    name: 'counter.labels(a, b).inc()',
    target: { timesFaster: 9 },
    mostAllocated: 0,
    prepare({ labelledCounter }) {
      const { methods, routes, order } = labelValues(4, 4);
      return {
        floor: addToCells(order, 16),
        sampleName: 'bench_requests_total',
        repeat(count) {
          for (let i = 0; i < count; i++)
            labelledCounter.labels(methods[i & ORDER_MASK]!, routes[i & ORDER_MASK]!).inc();
        },
      };
    },
  },
  {
    name: 'gauge.set(v)',
    target: { timesFaster: 8 },
    mostAllocated: 0,
    prepare({ gauge }) {
      const values = observedValues();
      return {
        floor: storeValues(values),
        sampleName: 'bench_level',
        expected: (_updates, lastCount) => values[(lastCount - 1) & VALUES_MASK]!,
        repeat(count) {
          for (let i = 0; i < count; i++) gauge.set(values[i & VALUES_MASK]!);
        },
      };
    },
  },
  {
    name: 'histogram.observe(v), 11 bounds',
    target: { timesFaster: 12 },
    mostAllocated: 0,
    prepare({ histogram }) {
      const values = observedValues();
      return {
        floor: addValues(values),
        sampleName: 'bench_pause_seconds_count',
        repeat(count) {
          for (let i = 0; i < count; i++) histogram.observe(values[i & VALUES_MASK]!);
        },
      };
    },
  },
  {
    name: 'histogram.observe({two labels}, v)',
    target: { timesFaster: 9 },
    mostAllocated: LITERAL_BYTES,
    prepare({ labelledHistogram }) {
      const { methods, routes } = labelValues(4, 4);
      const values = observedValues();
      return {
        floor: addValues(values),
        sampleName: 'bench_latency_seconds_count',
        repeat(count) {
          for (let i = 0; i < count; i++) {
            labelledHistogram.observe(
              { method: methods[i & ORDER_MASK]!, route: routes[i & ORDER_MASK]! },
              values[i & VALUES_MASK]!,
            );
          }
        },
      };
    },
  },
  {
    name: 'held histogram child observe(v)',
    target: { timesFaster: 35 },
    mostAllocated: 0,
    prepare({ labelledHistogram }) {
      const child = labelledHistogram.labels('GET', '/orders');
      const values = observedValues();
      return {
        floor: addValues(values),
        sampleName: 'bench_latency_seconds_count',
        repeat(count) {
          for (let i = 0; i < count; i++) child.observe(values[i & VALUES_MASK]!);
        },
      };
    },
  },
  {
    name: 'summary.observe(v)',
    target: { timesFaster: 100 },
    mostAllocated: 0,
    prepare({ summary }) {
      const values = observedValues();
      return {
        floor: addValues(values),
        sampleName: 'bench_fill_seconds_count',
        repeat(count) {
          for (let i = 0; i < count; i++) summary.observe(values[i & VALUES_MASK]!);
        },
      };
    },
  },
  {
    name: 'held summary child observe(v), 3 quantiles',
    target: { timesFaster: 20, atMost: 60 },
    // Each look at the clock, once in 64 observations, leaves a number.
    mostAllocated: undefined,
    prepare({ labelledSummary }) {
      const child = labelledSummary.labels('GET', '/orders');
      const values = observedValues();
      return {
        floor: addValues(values),
        sampleName: 'bench_answer_seconds_count',
        repeat(count) {
          for (let i = 0; i < count; i++) child.observe(values[i & VALUES_MASK]!);
        },
      };
    },
  },
];

/** Nanoseconds of each update. */
export const updateCases: readonly Case[] = UPDATES.map((update) => ({
  figures: [{ name: update.name, unit: 'ns', target: update.target, isGuarded: true }],
  isForPeers: true,
  run: (library) => runUpdate(library, update, update.name, (repeat, floor) => timeOperations(repeat, floor)),
}));

/** Bytes that each update allocates, for those that must not allocate. */
export const allocationCases: readonly Case[] = UPDATES.flatMap((update) => {
  if (update.mostAllocated === undefined) return [];
  const name = `allocated by ${update.name}`;
  return {
    figures: [{ name, unit: 'B', target: { atMost: update.mostAllocated }, isGuarded: true }],
    isForPeers: true,
    nodeFlags: ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'],
    run: (library) => runUpdate(library, update, name, bytesPerOperation),
  };
});

async function runUpdate(
  library: Library,
  update: Update,
  figureName: string,
  measure: (repeat: Repeat, floor: Repeat) => Promise<Measurement>,
): Promise<Record<string, Measurement>> {
  await actAsApplication(library);
  const metrics = createMetrics(library);
  const { repeat, floor, sampleName, expected } = update.prepare(metrics);
  let updates = 0;
  let lastCount = 0;
  const measurement = await measure((count) => {
    repeat(count);
    updates += count;
    lastCount = count;
  }, floor);
  const wanted = expected === undefined ? updates : expected(updates, lastCount);
  const got = totalOf(library, await library.scraperOf(metrics.registry)(), sampleName);
  if (got !== wanted) {
    throw new RangeError(
      `Cannot trust "${update.name}" of ${library.name}: expected ${sampleName} ${wanted}, got ${got}.`,
    );
  }
  return { [figureName]: measurement };
}

type MetricsUnderTest = ReturnType<typeof createMetrics>;

function createMetrics(library: Library) {
  const registry = new library.Registry();
  const plain = { help: 'Measured.', registers: [registry] };
  const labelled = { ...plain, labelNames: ['method', 'route'] };
  return {
    registry,
    counter: new library.Counter({ ...plain, name: 'bench_events_total' }),
    labelledCounter: new library.Counter({ ...labelled, name: 'bench_requests_total' }),
    gauge: new library.Gauge({ ...plain, name: 'bench_level' }),
    histogram: new library.Histogram({ ...plain, name: 'bench_pause_seconds' }),
    labelledHistogram: new library.Histogram({ ...labelled, name: 'bench_latency_seconds' }),
    // The peers expose seven quantiles unless told otherwise.
    summary: new library.Summary({ ...plain, name: 'bench_fill_seconds', percentiles: [] }),
    labelledSummary: new library.Summary({ ...labelled, name: 'bench_answer_seconds', percentiles: [0.5, 0.9, 0.99] }),
  };
}

function incByLabels(methodCount: number, routeCount: number): Pick<Update, 'prepare' | 'mostAllocated'> {
  return {
    mostAllocated: LITERAL_BYTES,
    prepare({ labelledCounter }) {
      const { methods, routes, order } = labelValues(methodCount, routeCount);
      return {
        floor: addToCells(order, methodCount * routeCount),
        sampleName: 'bench_requests_total',
        repeat(count) {
          for (let i = 0; i < count; i++)
            labelledCounter.inc({ method: methods[i & ORDER_MASK]!, route: routes[i & ORDER_MASK]! });
        },
      };
    },
  };
}

/** Label values in random order, and the order itself as indices for the floor. */
function labelValues(methodCount: number, routeCount: number) {
  const random = new SeededRandom(1);
  const allMethods = Array.from({ length: methodCount }, (_, i) => `method${i}`);
  const allRoutes = Array.from({ length: routeCount }, (_, i) => `/api/route/${i}`);
  const order = Uint32Array.from({ length: ORDER_LENGTH }, () => random.int(methodCount * routeCount));
  const methods = Array.from(order, (index) => allMethods[index % methodCount]!);
  const routes = Array.from(order, (index) => allRoutes[Math.floor(index / methodCount)]!);
  return { methods, routes, order };
}

/** Durations as services have them: log-normal around 50 ms, nine tenths between 4 and 590 ms. */
export function observedValues(): Float64Array {
  const random = new SeededRandom(2);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Float64Array.from({ length: VALUES_LENGTH }, () => 0.05 * Math.exp(1.5 * normal()));
}
