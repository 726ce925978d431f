import { collectDefaultMetrics as collect, type DefaultMetricsOptions } from '../collectors/collect-default-metrics.ts';
import { GROUPS } from '../collectors/groups.ts';
import type { Registry, RegistryContentType } from './registry.ts';

/** prom-client's options for `collectDefaultMetrics()`. */
export interface DefaultMetricsCollectorConfiguration<T extends RegistryContentType = RegistryContentType>
  extends DefaultMetricsOptions {
  /** The registry to join; the default registry unless given. */
  readonly register?: Registry<T>;
}

/** Those that prom-client does not have. */
const NEW_GROUPS: readonly string[] = ['processThreads', 'eventLoopUtilization'];

/**
 * Collects the default metrics. `metricsList` has the names of prom-client's groups; the option `without` takes them, and
 * those of the new ones.
 */
export const collectDefaultMetrics: typeof collect & { readonly metricsList: string[] } = Object.assign(collect, {
  metricsList: Object.keys(GROUPS).filter((name) => !NEW_GROUPS.includes(name)),
});
