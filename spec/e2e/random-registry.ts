import { type CollectedExemplar, type CollectedFamily, type CollectedSeries, MetricsRegistry } from '@finpilot/metrics';
import type { SeededRandom } from '../support/seeded-random.ts';

const NUMBERS = [0, 1, -1, 0.1, 1e21, -2.5e-7, 2 ** 53, 5e-324, Number.MAX_VALUE, NaN, Infinity, -Infinity];
const NAMES = ['', '_total', '_info', '_seconds', '_created', ':x', '_count'];
const SUFFIXES = ['', '_bucket', '_sum', '_count', '_created', '_gsum', '_gcount'];
const HAVE_SUFFIXES = /histogram|summary/;
const TYPES = ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'] as const;
const LABEL_NAMES = ['a', 'le_', 'Quantile', 'job_name', '_x'];

/**
 * Returns a registry of up to twelve families of random types, names and numbers: what OpenMetrics allows, and among it
 * what is hard to read. Some names differ in the suffixes that OpenMetrics gives a meaning.
 */
export function randomRegistry(random: SeededRandom): MetricsRegistry {
  const registry = new MetricsRegistry({ constantLabels: random.int(2) === 0 ? {} : { const: random.text(8) } });
  const families: CollectedFamily[] = [];
  const taken = new Set<string>();
  for (let i = 1 + random.int(12); i > 0; i--) {
    const family = randomFamily(random, i);
    const suffixes = HAVE_SUFFIXES.test(family.type!) ? SUFFIXES : [''];
    const names = suffixes.map((suffix) => family.name + suffix);
    if (names.some((name) => taken.has(name))) continue; // would be refused
    families.push(family);
    for (const name of names) taken.add(name);
  }
  registry.registerCollector({ name: 'random', collect: () => families });
  return registry;
}

function randomFamily(random: SeededRandom, i: number): CollectedFamily {
  const type = random.pick(TYPES);
  const stem = `f${Math.ceil(i / 2)}${type === 'stateset' ? '_state' : random.pick(NAMES)}`;
  const name = stem + (type === 'info' ? '_info' : type === 'counter' && random.int(4) > 0 ? '_total' : '');
  const hasUnit = name.endsWith('_seconds') || (type === 'counter' && name.endsWith('_seconds_total'));
  const head = {
    name,
    help: `Help ${random.text(30)}.`,
    ...(hasUnit ? { unit: 'seconds' } : {}),
    ...(random.int(2) === 0 ? {} : { createdSeconds: 1.6e9 + random.int(1e9) / 1000 }),
  };
  const labelNames = LABEL_NAMES.filter(() => random.int(3) === 0);
  const series = <S extends CollectedSeries>(one: () => S): S[] =>
    Array.from({ length: random.int(5) }, (_, n) => {
      const labels = Object.fromEntries(labelNames.map((label) => [label, random.text(12)]));
      return { ...one(), labels: { ...labels, n: String(n) } };
    });
  switch (type) {
    case 'counter':
      return { ...head, type, series: series(() => ({ value: random.int(1e6) / 8, ...exemplar(random, 0.25) })) };
    case 'info':
      return { ...head, type, series: series(() => ({ value: 1 })) };
    case 'stateset':
      return {
        ...head,
        type,
        series: series(() => ({ states: { [random.text(5)]: true, 'the other': random.int(2) === 0 } })),
      };
    case 'summary':
      return {
        ...head,
        type,
        quantiles: [0, 0.5, 0.99, 1],
        series: series(() => ({
          quantileValues: [0, NaN, random.int(9), 1e9],
          sum: random.int(1000) / 8,
          count: random.int(100),
        })),
      };
    case 'histogram':
    case 'gaugehistogram': {
      const upperBounds = [-2.5, 1e-7, 0.5, 1, 1e21].filter(() => random.int(3) > 0);
      const bucketCounts = (): number[] => Array.from({ length: upperBounds.length + 1 }, () => random.int(100));
      const exemplars = (): (CollectedExemplar | undefined)[] => {
        return [...upperBounds, 1e300].map((bound) => exemplar(random, bound).exemplar);
      };
      const sum = (): number => random.int(1000) / 8 - 20;
      return {
        ...head,
        type,
        upperBounds,
        series: series(() => ({ bucketCounts: bucketCounts(), sum: sum(), exemplars: exemplars() })),
      };
    }
    default:
      return { ...head, type, series: series(() => ({ value: random.pick(NUMBERS) })) };
  }
}

/** An exemplar of this value, in one case of three. */
function exemplar(random: SeededRandom, value: number): { exemplar?: CollectedExemplar } {
  if (random.int(3) > 0) return {};
  const time = random.int(2) === 0 ? {} : { timestampSeconds: 1.6e9 + random.int(1e9) / 1000 };
  // Python's client takes the first and last brace of a line's end for those of the exemplar, wherever they stand.
  const text = (): string => random.text(20).replace(/[{}]/g, '-');
  return { exemplar: { labels: { trace_id: text(), x: text() }, value, ...time } };
}
