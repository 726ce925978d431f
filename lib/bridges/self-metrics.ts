import type { MetricsRegistry } from '../registry/metrics-registry.ts';

/**
 * Runs `create`, which creates the metrics of a bridge or finds those of an earlier one. If one of them is refused, those that
 * it has added leave the registry again.
 */
export function createTogether<T>(registry: MetricsRegistry, names: readonly string[], create: () => T): T {
  const added = names.filter((name) => registry.getSingleMetric(name) === undefined);
  try {
    return create();
  } catch (error) {
    for (const name of added) registry.removeSingleMetric(name);
    throw error;
  }
}
