import type { Cluster } from 'node:cluster';
import type { Gatherer } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { GatheringRegistry, ReportedRegistries, warnIfItFails } from './gathering-registry.ts';
import type { PrometheusContentType, RegistryContentType } from './registry.ts';

/** The registries that this process has in its cluster. As in prom-client, there is one list per process. */
const clusterReports = new ReportedRegistries();

/** One aggregator for all registries of a class, since programs create registries for each scrape, too. */
let joinedWithPrimary: Promise<Gatherer | undefined> | undefined;
let joinedWithoutPrimary: Promise<Gatherer | undefined> | undefined;

/**
 * Exposes the metrics of the workers of `node:cluster` and of their primary in one exposition. This is prom-client 0.16's
 * name for `ClusterAggregator` and `reportToPrimary()` of `@finpilot/metrics/aggregate`. Create one in the primary and one
 * in each worker.
 *
 * @example
 * ```ts
 * const registry = new ClusterRegistry();
 * if (cluster.isPrimary) console.log(await registry.clusterMetrics());
 * ```
 */
export class ClusterRegistry<T extends RegistryContentType = PrometheusContentType> extends GatheringRegistry<T> {
  /** `contentType` is that of {@link clusterMetrics}. Throws a TypeError if it is not supported. */
  constructor(contentType?: T) {
    super(contentType);
    this.begin();
  }

  /**
   * Returns the exposition of all workers and the primary, in the format of `contentType`. The last known values stand in
   * for a worker that does not answer within 2 seconds. In a worker, returns that worker's own metrics; of an
   * `AggregatorRegistry` nothing, as without workers.
   */
  clusterMetrics(): Promise<string> {
    return this.gathered();
  }

  /**
   * Sets the registries of this process to gather from: the default registry at first. A worker that calls this needs no
   * registry of this class. Throws a TypeError on anything else.
   */
  static setRegistries(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    clusterReports.set(registries);
    if (!nodeCluster().isPrimary) warnIfItFails(joinCluster({ includesPrimary: false }));
  }

  protected override get reported(): ReportedRegistries {
    return clusterReports;
  }

  protected override join(): Promise<Gatherer | undefined> {
    return (joinedWithPrimary ??= joinCluster({ includesPrimary: true }).catch((error: unknown) => {
      joinedWithPrimary = undefined; // the next one tries again
      throw error;
    }));
  }
}

/**
 * Exposes the metrics of the workers of `node:cluster` in one exposition. This is prom-client's name for
 * `ClusterAggregator` and `reportToPrimary()` of `@finpilot/metrics/aggregate`. Create one in the primary and one in each
 * worker. It differs from `ClusterRegistry` in one point: the primary's own metrics are not included.
 *
 * @example
 * ```ts
 * const registry = new AggregatorRegistry();
 * if (cluster.isPrimary) console.log(await registry.clusterMetrics());
 * ```
 */
export class AggregatorRegistry<T extends RegistryContentType = PrometheusContentType> extends ClusterRegistry<T> {
  protected override join(): Promise<Gatherer | undefined> {
    return (joinedWithoutPrimary ??= joinCluster({ includesPrimary: false }).catch((error: unknown) => {
      joinedWithoutPrimary = undefined; // the next one tries again
      throw error;
    }));
  }
}

/**
 * Joins the cluster of this process. A worker starts to report its registries, and gets these, or undefined unless
 * `includesPrimary`. A primary, and any process outside a cluster, gets an aggregator; it has the primary's registries
 * too if `includesPrimary`.
 *
 * `node:cluster` and the aggregator are loaded here: they would cost every other program more than a millisecond.
 */
async function joinCluster({ includesPrimary }: { readonly includesPrimary: boolean }): Promise<Gatherer | undefined> {
  const { isPrimary } = nodeCluster();
  const { ClusterAggregator, reportToPrimary } = await loadModule(
    () => import('../aggregate/index.ts'),
    'ClusterAggregator',
  );
  if (isPrimary) return new ClusterAggregator(includesPrimary ? { registry: clusterReports } : {});
  clusterReports.report(reportToPrimary);
  return includesPrimary ? clusterReports : undefined;
}

/** Node's own object: `@types/node` gives it the type of the ES module. */
function nodeCluster(): Cluster {
  return process.getBuiltinModule('node:cluster') as unknown as Cluster;
}
