import { collectDefaultMetrics as collect, type DefaultMetricsOptions } from '../collectors/collect-default-metrics.ts';
import { GROUPS } from '../collectors/groups.ts';
import type { Registry, RegistryContentType } from './registry.ts';

/** prom-client's options for `collectDefaultMetrics()`. */
export interface DefaultMetricsCollectorConfiguration<T extends RegistryContentType = RegistryContentType>
  extends DefaultMetricsOptions {
  /** The registry to join; the default registry unless given. */
  readonly register?: Registry<T>;
}

/** The default metrics, with the names of their groups in `metricsList`: those that the option `without` takes. */
export const collectDefaultMetrics: typeof collect & { readonly metricsList: readonly string[] } = Object.assign(
  collect,
  {
    metricsList: Object.freeze(Object.keys(GROUPS)),
  },
);
