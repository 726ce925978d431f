import { isDeepStrictEqual } from 'node:util';
import type { Group } from '../../lib/collectors/group.ts';

/** Collects a group; returns the value of the series with exactly these labels, `undefined` if there is none. */
export function valueOf(group: Group, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const series = group.collect().find((family) => family?.name === name)?.series ?? [];
  const found = series.find((one) => isDeepStrictEqual(one.labels ?? {}, labels));
  return found !== undefined && 'value' in found ? found.value : undefined;
}
