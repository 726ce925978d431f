import type { Family } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { withoutSuffix } from './without-suffix.ts';

/**
 * Returns the names that no other family may have, so that a counter or an info can have the name that OpenMetrics gives
 * it: `foo` for `foo_total`. Where another has one for itself or for a sample, a gauge `foo` beside it, say, it is written
 * as of a type that keeps its whole name: no series is lost or met twice, only its type. Of `foo_total` and `foo_info`,
 * the counter gets the name.
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
