import { setTimeout } from 'node:timers/promises';
import { startClock } from '../../lib/cli/measure.ts';
import { SeededRandom } from '../../spec/support/seeded-random.ts';
import { actAsApplication } from '../application.ts';
import type { Case, Measurement, Target } from '../case.ts';
import { timeScrapes } from '../harness.ts';
import { isOurs, type Library } from '../library.ts';
import { OPENMETRICS, OPENMETRICS_2, PROTOBUF, totalOf } from '../total.ts';

/** A registry full of series, and the way in which they change between two scrapes. */
interface Scenario {
  readonly name: string;
  readonly target: Target;
  readonly scrapesPerRound?: number;
  /** Whether its series have exemplars, which the text format lacks. */
  readonly hasExemplars?: boolean;
  fill(library: Library, registry: object): FilledRegistry;
}

interface FilledRegistry {
  readonly sampleName: string;
  change(): void;
  /** What the samples of that name must add up to now. */
  expected(): number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'scrape of 100,000 counters, all changed',
    target: { timesFaster: 20 },
    fill: (library, registry) => fillCounters(library, registry, 100_000, 1),
  },
  {
    name: 'scrape of 100,000 counters, 1 % changed',
    target: { timesFaster: 25 },
    fill: (library, registry) => fillCounters(library, registry, 100_000, 100),
  },
  { name: 'scrape of 100,000 gauges, random doubles, all changed', target: { timesFaster: 5 }, fill: fillGauges },
  { name: 'scrape of 10,000 histogram children', target: { timesFaster: 18 }, fill: fillHistograms },
  {
    name: 'scrape of 100 counters',
    target: { timesFaster: 5 },
    scrapesPerRound: 200,
    fill: (library, registry) => fillCounters(library, registry, 100, 1),
  },
  ...[
    { share: '1 %', step: 100 },
    { share: 'all', step: 1 },
  ].flatMap(({ share, step }): Scenario[] => [
    {
      name: `scrape of 10,000 counters, new exemplars on ${share}`,
      target: { timesFaster: 5 },
      hasExemplars: true,
      fill: (library, registry) => fillCountersWithExemplars(library, registry, step),
    },
    {
      name: `scrape of 1,000 histogram children, new exemplars on ${share}`,
      target: { timesFaster: 5 },
      hasExemplars: true,
      fill: (library, registry) => fillHistogramsWithExemplars(library, registry, step),
    },
  ]),
];

/** What a scraper may ask for, and what stands behind the name of a case then. */
const FORMATS: readonly { readonly title: string; readonly accept?: string }[] = [
  { title: '' },
  { title: ' (OpenMetrics)', accept: OPENMETRICS },
  { title: ' (OpenMetrics 2.0)', accept: OPENMETRICS_2 },
  { title: ' (protobuf)', accept: PROTOBUF },
];

/**
 * Milliseconds of each scrape, from the call to the bytes that leave the process, in each format. A peer has one format: what
 * it takes for that stands against all of ours.
 */
export const scrapeCases: readonly Case[] = SCENARIOS.map((scenario) => {
  const formats = scenario.hasExemplars === true ? FORMATS.filter(({ accept }) => accept !== undefined) : FORMATS;
  return caseOf(scenario, formats);
});

/**
 * Milliseconds of each of the first nine scrapes of a process, the median of them: at one scrape in 15 s a process runs
 * unoptimised code for long. Nothing is warmed up but what creating the metrics does.
 */
export const coldScrapeCases: readonly Case[] = [
  { shape: '100 series of one counter', metricCount: 1, seriesCount: 100 },
  { shape: '100 counters', metricCount: 100, seriesCount: 1 },
].map(({ shape, metricCount, seriesCount }) => {
  const name = `first nine scrapes of a process, ${shape}`;
  return {
    figures: [{ name, unit: 'ms', target: { timesFaster: 5 }, isGuarded: false }],
    isForPeers: true,
    run: async (library) => {
      const registry = new library.Registry();
      const children = Array.from({ length: metricCount }, (_, metric) => {
        const counter = new library.Counter({
          name: `bench_${metric}_total`,
          help: 'Measured.',
          labelNames: ['method', 'route'],
          registers: [registry],
        });
        return Array.from({ length: seriesCount }, (_, i) => counter.labels(`method${i % 4}`, `/api/route/${i >> 2}`));
      }).flat();
      const render = library.scraperOf(registry);
      const floor = joinedLines(children.length);
      const rounds: number[] = [];
      const floorRounds: number[] = [];
      let lastScrape: Uint8Array = new Uint8Array();
      for (let scrape = 1; scrape <= 9; scrape++) {
        for (const child of children) child.inc(scrape);
        await setTimeout(20);
        const stop = startClock();
        lastScrape = await render();
        rounds.push(stop());
        await setTimeout(20);
        const stopFloor = startClock();
        await floor(scrape);
        floorRounds.push(stopFloor());
      }
      const got = totalOf(library, lastScrape, `bench_${metricCount - 1}_total`);
      if (got !== 45 * seriesCount)
        throw new RangeError(`Cannot trust "${name}" of ${library.name}: expected ${45 * seriesCount}, got ${got}.`);
      return { [name]: { rounds, floorRounds } };
    },
  };
});

/** The floor of a first scrape: as many lines, joined as strings from labels that stand ready, and encoded. */
function joinedLines(count: number): (value: number) => Promise<Uint8Array> {
  const prefixes = Array.from({ length: count }, (_, i) => `bench_total{method="method${i % 4}",route="/api/${i}"} `);
  return async function join(value) {
    let text = '';
    for (const prefix of prefixes) text += `${prefix}${value}\n`;
    return new TextEncoder().encode(text);
  };
}

function caseOf(scenario: Scenario, formats: typeof FORMATS): Case {
  return {
    figures: formats.map(({ title }) => ({
      name: scenario.name + title,
      unit: 'ms',
      target: scenario.target,
      isGuarded: true,
    })),
    isForPeers: true,
    run: async (library) => {
      await actAsApplication(library);
      const registry = scenario.hasExemplars === true ? library.exemplars.createRegistry() : new library.Registry();
      const { change, expected, sampleName } = scenario.fill(library, registry);
      const measurements: Record<string, Measurement> = {};
      for (const { title, accept } of formats) {
        const name = scenario.name + title;
        if (!isOurs(library)) {
          // It has one format.
          const [known] = Object.values(measurements);
          if (known !== undefined) {
            measurements[name] = known;
            continue;
          }
        }
        const render = library.scraperOf(registry, accept);
        const { measurement, lastScrape } = await timeScrapes({
          change,
          render,
          scrapesPerRound: scenario.scrapesPerRound ?? 1,
        });
        const [got, wanted] = [totalOf(library, lastScrape, sampleName, accept), expected()];
        // Sums of doubles depend on the order of the series, which is the library's choice.
        if (Math.abs(got - wanted) > 1e-9 * Math.abs(wanted)) {
          throw new RangeError(`Cannot trust "${name}" of ${library.name}: expected a sum of ${wanted}, got ${got}.`);
        }
        measurements[name] = measurement;
      }
      return measurements;
    },
  };
}

/** Fills a registry with one counter of so many series; each change adds to every `step`th of them. */
export function fillCounters(library: Library, registry: object, seriesCount: number, step: number): FilledRegistry {
  const random = new SeededRandom(3);
  const counter = new library.Counter({
    name: 'bench_requests_total',
    help: 'Requests that the service has answered.',
    labelNames: ['method', 'route'],
    registers: [registry],
    maxSeries: Infinity,
  });
  let total = 0;
  const children = Array.from({ length: seriesCount }, (_, i) => {
    const child = counter.labels(`method${i % 4}`, `/api/route/${i >> 2}`);
    const amount = random.int(1_000_000);
    child.inc(amount);
    total += amount;
    return child;
  });
  let changes = 0;
  return {
    sampleName: 'bench_requests_total',
    change() {
      for (let i = changes % step; i < seriesCount; i += step) {
        children[i]!.inc(1);
        total += 1;
      }
      changes++;
    },
    expected: () => total,
  };
}

function fillGauges(library: Library, registry: object): FilledRegistry {
  const random = new SeededRandom(4);
  const gauge = new library.Gauge({
    name: 'bench_price',
    help: 'Last price of the symbol.',
    labelNames: ['exchange', 'symbol'],
    registers: [registry],
  });
  const children = Array.from({ length: 100_000 }, (_, i) => gauge.labels(`exchange${i % 4}`, `symbol${i >> 2}`));
  let total = 0;
  function change(): void {
    total = 0;
    for (const child of children) {
      const value = random.next() * 1_000;
      child.set(value);
      total += value;
    }
  }
  change();
  return { sampleName: 'bench_price', change, expected: () => total };
}

/** Fills a registry with one histogram of 10,000 children with twelve buckets each, in all of which something is counted. */
export function fillHistograms(library: Library, registry: object): FilledRegistry {
  const random = new SeededRandom(5);
  const histogram = new library.Histogram({
    name: 'bench_latency_seconds',
    help: 'Latency of the endpoint.',
    labelNames: ['method', 'route'],
    registers: [registry],
  });
  const children = Array.from({ length: 10_000 }, (_, i) => histogram.labels(`method${i % 4}`, `/api/route/${i >> 2}`));
  let observations = 0;
  function change(): void {
    for (const child of children) child.observe(random.next() * 12);
    observations += children.length;
  }
  for (let i = 0; i < 20; i++) change();
  return { sampleName: 'bench_latency_seconds_count', change, expected: () => observations };
}

/** Labels of an exemplar, as a tracer makes them: another trace at each call. */
function traceLabels(random: SeededRandom): Record<string, string> {
  const hex = (): string =>
    random
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return { trace_id: hex() + hex() + hex() + hex() };
}

/** Fills a registry with one counter; at each change every series counts, and every `step`th gets a new exemplar. */
function fillCountersWithExemplars(library: Library, registry: object, step: number): FilledRegistry {
  const random = new SeededRandom(6);
  const counter = new library.Counter({
    name: 'bench_requests_total',
    help: 'Requests that the service has answered.',
    labelNames: ['method', 'route'],
    registers: [registry],
    enableExemplars: true,
  });
  const labelSets = Array.from({ length: 10_000 }, (_, i) => ({
    method: `method${i % 4}`,
    route: `/api/route/${i >> 2}`,
  }));
  let total = 0;
  function change(): void {
    labelSets.forEach((labels, i) => {
      library.exemplars.inc(counter, labels, i % step === 0 ? traceLabels(random) : undefined);
    });
    total += labelSets.length;
  }
  change();
  return { sampleName: 'bench_requests_total', change, expected: () => total };
}

/** Fills a registry with one histogram, as {@link fillCountersWithExemplars} does; in time all buckets have exemplars. */
function fillHistogramsWithExemplars(library: Library, registry: object, step: number): FilledRegistry {
  const random = new SeededRandom(7);
  const histogram = new library.Histogram({
    name: 'bench_latency_seconds',
    help: 'Latency of the endpoint.',
    labelNames: ['method', 'route'],
    registers: [registry],
    enableExemplars: true,
  });
  const labelSets = Array.from({ length: 1_000 }, (_, i) => ({
    method: `method${i % 4}`,
    route: `/api/route/${i >> 2}`,
  }));
  let observations = 0;
  function change(): void {
    labelSets.forEach((labels, i) => {
      library.exemplars.observe(
        histogram,
        labels,
        random.next() * 12,
        i % step === 0 ? traceLabels(random) : undefined,
      );
    });
    observations += labelSets.length;
  }
  for (let i = 0; i < 20; i++) change();
  return { sampleName: 'bench_latency_seconds_count', change, expected: () => observations };
}
