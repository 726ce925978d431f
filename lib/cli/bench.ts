import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../core.ts';
import { medianOf, type Repeat, ROUNDS, sink, startClock, timeOperations } from './measure.ts';
import { tableOf } from './table.ts';

/** Values and label sets in random order: a power of two, and too many for the branch predictor to learn by heart. */
const LENGTH = 65_536;
const MASK = LENGTH - 1;
const DEFAULT_SERIES = 10_000;
const MAX_SERIES = 1_000_000;

/**
 * Measures on this machine what updates cost, each beside a bare loop that adds to a typed array, and a scrape of
 * `--series N`; prints a table. Takes five seconds with the default. Returns the exit code.
 */
export async function bench(args: readonly string[]): Promise<number> {
  const seriesCount = seriesCountOf(args);
  if (seriesCount === undefined) {
    console.error(
      `Cannot measure: expected --series N, a whole number from 1 to ${MAX_SERIES}, or nothing, got ${args.join(' ')}.`,
    );
    return 2;
  }
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  console.log(`${model}, ${availableParallelism()} cores; Node.js ${process.version}; medians of ${ROUNDS} rounds\n`);
  const rows = [['update', 'ns', 'bare loop, ns']];
  for (const { name, repeat, counted } of updates()) {
    let made = 0;
    const before = counted?.() ?? 0;
    const { rounds, floorRounds } = await timeOperations((count) => {
      repeat(count);
      made += count;
    }, bareLoop());
    const got = counted === undefined ? made : counted() - before;
    if (got !== made) throw new Error(`Cannot measure ${name}: expected ${made} updates to be counted, got ${got}.`);
    rows.push([name, medianOf(rounds).toFixed(2), medianOf(floorRounds).toFixed(2)]);
  }
  console.log(`${tableOf(rows)}\n`);
  console.log(tableOf([['scrape', 'ms', 'ns per series'], ...(await scrapes(seriesCount))]));
  return 0;
}

function seriesCountOf(args: readonly string[]): number | undefined {
  try {
    const { series = String(DEFAULT_SERIES) } = parseArgs({
      args: [...args],
      options: { series: { type: 'string' } },
    }).values;
    const count = Number(series);
    return /^\d+$/.test(series) && count >= 1 && count <= MAX_SERIES ? count : undefined;
  } catch {
    return undefined;
  }
}

/** An update to measure. */
interface Update {
  readonly name: string;
  readonly repeat: Repeat;
  /** Returns how many updates its metric has counted, if it counts them. */
  readonly counted?: () => number;
}

/** The updates in one program, with all kinds of metrics in use: a loop around one lone counter flatters any library. */
function updates(): Update[] {
  const options = { help: 'Measured.', registers: [new MetricsRegistry()] };
  const labelNames = ['method', 'route'] as const;
  const counter = new Counter({ ...options, name: 'requests_total', labelNames });
  const gauge = new Gauge({ ...options, name: 'level' });
  const histogram = new Histogram({ ...options, name: 'request_seconds', labelNames });
  const plain = new Histogram({ ...options, name: 'pause_seconds' });
  for (const names of [['venue'], ['venue', 'side'], ['strategy', 'direction', 'reason']]) {
    const name = `other_${names.length}`;
    const others = { ...options, labelNames: names };
    const [count, level, seconds] = [
      new Counter({ ...others, name: `${name}_total` }),
      new Gauge({ ...others, name }),
      new Histogram({ ...others, name: `${name}_seconds` }),
    ];
    for (let i = 0; i < 20_000; i++) {
      const labels = Object.fromEntries(names.map((label) => [label, `value ${i & 7}`]));
      count.inc(labels);
      level.set(labels, i / 3);
      seconds.observe(labels, i / 1000);
    }
  }
  const methods = Array.from({ length: LENGTH }, () => pick(['GET', 'PUT', 'POST', 'DELETE']));
  const routes = Array.from({ length: LENGTH }, () => pick(['/orders', '/orders/:id', '/quotes/:symbol', '/login']));
  const values = Float64Array.from({ length: LENGTH }, () => 0.05 * Math.exp(1.5 * normal()));
  const buys = counter.labels('GET', '/orders');
  const fills = histogram.labels('GET', '/orders');
  const countedBy =
    (metric: { readonly series: readonly { readonly value?: number; readonly count?: number }[] }) => () =>
      metric.series.reduce((total, { value, count }) => total + (count ?? value ?? 0), 0);
  const counts = countedBy(counter);
  return [
    {
      name: 'held counter child: inc()',
      repeat: (count) => {
        for (let i = 0; i < count; i++) buys.inc();
      },
      counted: counts,
    },
    {
      name: 'counter.labels(a, b).inc()',
      repeat: (count) => {
        for (let i = 0; i < count; i++) counter.labels(methods[i & MASK]!, routes[i & MASK]!).inc();
      },
      counted: counts,
    },
    {
      name: 'counter.inc({ two labels })',
      repeat: (count) => {
        for (let i = 0; i < count; i++) counter.inc({ method: methods[i & MASK]!, route: routes[i & MASK]! });
      },
      counted: counts,
    },
    {
      name: 'gauge.set(v)',
      repeat: (count) => {
        for (let i = 0; i < count; i++) gauge.set(values[i & MASK]!);
      },
    },
    {
      name: 'histogram.observe(v), 11 bounds',
      repeat: (count) => {
        for (let i = 0; i < count; i++) plain.observe(values[i & MASK]!);
      },
      counted: countedBy(plain),
    },
    {
      name: 'held histogram child: observe(v)',
      repeat: (count) => {
        for (let i = 0; i < count; i++) fills.observe(values[i & MASK]!);
      },
      counted: countedBy(histogram),
    },
    {
      name: 'histogram.observe({ two labels }, v)',
      repeat: (count) => {
        for (let i = 0; i < count; i++)
          histogram.observe({ method: methods[i & MASK]!, route: routes[i & MASK]! }, values[i & MASK]!);
      },
      counted: countedBy(histogram),
    },
  ];
}

/** What an update would cost without any library: an addition to one cell of a typed array. */
function bareLoop(): Repeat {
  const cells = new Float64Array(1);
  return (count) => {
    for (let i = 0; i < count; i++) cells[0]! += 1;
    sink(cells[0]!);
  };
}

async function scrapes(seriesCount: number): Promise<string[][]> {
  const registry = new MetricsRegistry();
  const counter = new Counter({
    name: 'requests_total',
    help: 'Measured.',
    labelNames: ['method', 'route'],
    registers: [registry],
    maxSeries: MAX_SERIES,
  });
  const children = Array.from({ length: seriesCount }, (_, i) => counter.labels(`method${i & 3}`, `/route/${i >> 2}`));
  const exporter = new PrometheusExporter(registry);
  const time = async (change: () => void): Promise<number> => {
    const rounds: number[] = [];
    for (let round = -5; round < ROUNDS; round++) {
      change();
      const stop = startClock();
      await exporter.render();
      if (round >= 0) rounds.push(stop());
    }
    return medianOf(rounds);
  };
  const changed = await time(() => {
    for (const child of children) child.inc();
  });
  const unchanged = await time(() => {});
  const size = `${seriesCount.toLocaleString('en-US')} counters`;
  return [
    [`${size}, all changed`, changed.toFixed(3), ((changed * 1e6) / seriesCount).toFixed(0)],
    [`${size}, none changed`, unchanged.toFixed(3), ((unchanged * 1e6) / seriesCount).toFixed(0)],
  ];
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(uniform() * list.length)]!;
}

/** A number from the standard normal distribution (Box and Muller). */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

let seed = 1;

/** A number from 0 to 1, the same sequence in each process (mulberry32). */
function uniform(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
