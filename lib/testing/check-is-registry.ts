import type { Gatherer } from '../model/family.ts';
import { describe } from '../model/names.ts';

/** Throws a TypeError unless `registry` is what exporters take; `action` is what cannot be done without. */
export function checkIsRegistry(registry: unknown, action: string): asserts registry is Gatherer {
  if (typeof (registry as Partial<Gatherer> | null | undefined)?.gather === 'function') return;
  throw new TypeError(`Cannot ${action}: expected a registry, got ${describe(registry)}.`);
}
