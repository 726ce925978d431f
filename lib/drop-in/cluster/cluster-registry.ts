import type { Gatherer } from '../../model/family.ts';
import type { MetricsRegistry } from '../../registry/metrics-registry.ts';
import type { PrometheusContentType, RegistryContentType } from '../content-type.ts';
import { clusterReports } from './cluster-reports.ts';
import { GatheringRegistry } from './gathering-registry.ts';
import { joinCluster } from './join-cluster.ts';
import type { ReportedRegistries } from './reported-registries.ts';

/** One for all registries: programs create them for each scrape, too. */
let joined: Promise<Gatherer | undefined> | undefined;

/**
 * Shows the metrics of the workers of `node:cluster` and of their primary in one exposition: the name in prom-client 0.16
 * for what `ClusterAggregator` and `reportToPrimary()` of `@finpilot/metrics/aggregate` do. To be created in the primary and
 * in each worker.
 *
 * @example
 * ```ts
 * const registry = new ClusterRegistry();
 * if (cluster.isPrimary) console.log(await registry.clusterMetrics());
 * ```
 */
export class ClusterRegistry<T extends RegistryContentType = PrometheusContentType> extends GatheringRegistry<T> {
  /** Takes the content type of {@link clusterMetrics}. Throws a TypeError on others. */
  constructor(contentType?: T) {
    super(contentType);
    this.begin();
  }

  /**
   * The exposition of all workers, in the format of `contentType`; in a worker it is empty. Of a worker that does not
   * answer within 2 seconds it has the last known values.
   */
  clusterMetrics(): Promise<string> {
    return this.gathered();
  }

  /** Says which registries of this process are gathered from, the default one unless told. Throws a TypeError on others. */
  static setRegistries(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    clusterReports.set(registries);
  }

  protected override get reported(): ReportedRegistries {
    return clusterReports;
  }

  protected override join(): Promise<Gatherer | undefined> {
    return (joined ??= joinCluster(clusterReports, { includesPrimary: true }));
  }
}
