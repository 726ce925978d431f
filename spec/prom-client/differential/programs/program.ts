import type { SeededRandom } from '../../../support/seeded-random.ts';

/** A program for any of the libraries: spec/downstream/programs/run-programs.cjs runs its lines and has the names in them. */
export interface Program {
  /** The subject, such as `counter.inc()`. */
  readonly about: string;
  readonly lines: readonly string[];
  /** Whether it uses names that only `@prometheus-io/client` has. */
  readonly isForSuccessor?: boolean;
}

/** The type of a metric. */
export type Kind = 'counter' | 'gauge' | 'histogram' | 'summary';

export const KINDS: readonly Kind[] = ['counter', 'gauge', 'histogram', 'summary'];
export const CLASSES = { counter: 'Counter', gauge: 'Gauge', histogram: 'Histogram', summary: 'Summary' } as const;
/** The method that takes labels and a value. */
export const UPDATES = { counter: 'inc', gauge: 'set', histogram: 'observe', summary: 'observe' } as const;
/** get() comes before getMetricsAsJSON(), which changes the metric in prom-client. */
export const EVERYTHING = ['r.metrics()', 'm.get()', 'r.getMetricsAsJSON()'];
/** Shows what kind of metrics a registry has. */
export const METADATA =
  'r.getMetricsAsArray().map(({ name, help, type, aggregator }) => ({ name, help, type, aggregator }))';

/** A line that creates the metric `m` in the registry `r`. */
export function create(kind: Kind, options: Readonly<Record<string, unknown>>): string {
  const { name = 'm', help = 'M.', ...others } = options;
  const rest = Object.entries(others).map(([option, value]) => `, ${option}: ${JSON.stringify(value)}`);
  return `(m = new client.${CLASSES[kind]}({ name: ${JSON.stringify(name)}, help: ${JSON.stringify(help)}, registers: [r]${rest.join('')} }), '')`;
}

/** Few buckets and quantiles, so that what is compared is short. */
export function small(kind: Kind): Record<string, unknown> {
  return kind === 'histogram' ? { buckets: [1, 2.5] } : kind === 'summary' ? { percentiles: [0.5] } : {};
}

export function labelNames(random: SeededRandom): string[] {
  return random.pick([[], [], ['a'], ['a'], ['a', 'b'], ['b', 'a'], ['a', 'region']]);
}

/** Labels as prom-client's users pass them: all of them, mostly, in any order. */
export function labelsOf(names: readonly string[], random: SeededRandom): string {
  const values = ['x', 'x', 'y', 'z', 'quote "', 'back\\slash', 'two\nlines', 'é', 200, 404, 1.5];
  const all = random.int(3) === 0 ? [...names].reverse() : [...names];
  const some = random.int(8) === 0 ? all.slice(1) : all;
  return `{ ${some.map((name) => `${name}: ${JSON.stringify(random.pick(values))}`).join(', ')} }`;
}

export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
