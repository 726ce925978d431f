import type { Gatherer } from '../model/family.ts';
import { refuse } from '../model/names.ts';

/** Throws a TypeError unless `registry` is what exporters take; `action` is what cannot be done without. */
export function checkIsRegistry(registry: unknown, action: string): asserts registry is Gatherer {
  if (typeof (registry as Partial<Gatherer> | null | undefined)?.gather === 'function') return;
  refuse(action, 'a registry', registry);
}
