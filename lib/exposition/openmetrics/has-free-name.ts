import type { Family } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { withoutSuffix } from './without-suffix.ts';

/**
 * Whether a counter or an info can have the name that OpenMetrics gives it: `foo` for `foo_total`. Where another family has
 * that one for itself or for a sample, a gauge `foo` beside it, say, it is written as of a type that keeps its whole name:
 * no series is lost or met twice, only its type. Of `foo_total` and `foo_info`, the counter gets the name.
 */
export function hasFreeName({ name, type }: Family, taken: ReadonlySet<string>, names: NameScheme): boolean {
  if (type !== 'counter' && type !== 'info') return true;
  const escaped = names.metric(name);
  const base = withoutSuffix(escaped, type === 'counter' ? '_total' : '_info');
  const others = new Set([base, `${base}_total`]);
  if (type === 'counter') others.add(`${base}_created`);
  const stem = withoutSuffix(base, '_created');
  if (stem !== base) others.add(stem).add(`${stem}_total`); // of a counter with this sample
  others.delete(escaped);
  return ![...others].some((other) => taken.has(other));
}
