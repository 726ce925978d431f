import type { Gatherer } from '../../model/family.ts';
import type { PrometheusContentType, RegistryContentType } from '../content-type.ts';
import { clusterReports } from './cluster-reports.ts';
import { ClusterRegistry } from './cluster-registry.ts';
import { joinCluster } from './join-cluster.ts';

/** As in `ClusterRegistry`; another one, since the primary's own metrics are not in it. */
let joined: Promise<Gatherer | undefined> | undefined;

/**
 * Shows the metrics of the workers of `node:cluster` in one exposition: prom-client's name for what `ClusterAggregator` and
 * `reportToPrimary()` of `@finpilot/metrics/aggregate` do. To be created in the primary and in each worker. Those of the
 * primary itself are not in it, which is all that sets it apart from `ClusterRegistry`.
 *
 * @example
 * ```ts
 * const registry = new AggregatorRegistry();
 * if (cluster.isPrimary) console.log(await registry.clusterMetrics());
 * ```
 */
export class AggregatorRegistry<T extends RegistryContentType = PrometheusContentType> extends ClusterRegistry<T> {
  protected override join(): Promise<Gatherer | undefined> {
    return (joined ??= joinCluster(clusterReports, { includesPrimary: false }));
  }
}
