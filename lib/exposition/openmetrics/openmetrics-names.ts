import type { Family, MetricType } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { SUM_AND_COUNT } from '../text/family-lines.ts';

/** The type of a family in OpenMetrics, and its names. */
interface OpenMetricsNames {
  readonly type: MetricType;
  /** The name of the family, escaped. */
  readonly name: string;
  /** The name that its sample names begin with, escaped. */
  readonly sampleName: string;
  /** The suffixes of a histogram's sum and count. */
  readonly totalSuffixes: readonly [sum: string, count: string];
}

/**
 * Returns the type and the names of a family in OpenMetrics. `isFree` says whether a counter or an info can have the name
 * without its suffix; otherwise the family gets a type that keeps its whole name.
 */
export function openMetricsNames(family: Family, isFree: boolean, names: NameScheme): OpenMetricsNames {
  const name = names.metric(family.name);
  const { type } = family;
  const whole = { name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
  switch (type) {
    case 'counter': {
      if (!isFree) return { ...whole, type: 'unknown' };
      const base = withoutSuffix(name, '_total');
      return { type, name: base, sampleName: `${base}_total`, totalSuffixes: SUM_AND_COUNT };
    }
    case 'info':
      if (!isFree) return { ...whole, type: 'gauge' };
      return { ...whole, type, name: withoutSuffix(name, '_info') };
    case 'gaugehistogram':
      return { ...whole, type, totalSuffixes: ['_gsum', '_gcount'] };
    default:
      return { ...whole, type };
  }
}

/**
 * Returns the names that no other family may have, so that a counter or an info can have the name that OpenMetrics gives
 * it: `foo` for `foo_total`. If a family or a sample has one of them, such as a gauge `foo`, the counter is written with
 * its whole name and another type: it loses its type, but no series is lost or written twice. Of `foo_total` and
 * `foo_info`, the counter gets the name.
 */
export function rivalNames({ name, type }: Family, names: NameScheme): readonly string[] {
  if (type !== 'counter' && type !== 'info') return [];
  const escaped = names.metric(name);
  const base = withoutSuffix(escaped, type === 'counter' ? '_total' : '_info');
  const rivals = new Set([base, `${base}_total`]);
  if (type === 'counter') rivals.add(`${base}_created`);
  const stem = withoutSuffix(base, '_created');
  if (stem !== base) rivals.add(stem).add(`${stem}_total`); // of a counter with this sample
  rivals.delete(escaped);
  return [...rivals];
}

function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
