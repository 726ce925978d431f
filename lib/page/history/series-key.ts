import type { Labels } from './reading.ts';

/**
 * Returns a text that two series of a family share only if they are the same. Lengths stand before the values, so no
 * value can pass for several.
 */
export function seriesKey(name: string, labels: Labels): string {
  let key = name;
  for (const [label, value] of labels) key += `,${label}=${value.length}:${value}`;
  return key;
}
