import type { Gatherer } from '../../model/family.ts';
import type { ReportedRegistries } from './reported-registries.ts';

/**
 * Takes this process's part in its `node:cluster`. A worker reports the registries from then on. A primary, as is every
 * process that has no part in a cluster, gathers: returns its aggregator, which has the registries too if `includesPrimary`.
 *
 * What does it is loaded only now: it and `node:cluster` would cost every program more than a millisecond.
 */
export async function joinCluster(
  reported: ReportedRegistries,
  { includesPrimary }: { readonly includesPrimary: boolean },
): Promise<Gatherer | undefined> {
  const { default: cluster } = await import('node:cluster');
  const { ClusterAggregator, reportToPrimary } = await import('../../aggregate/index.ts');
  if (cluster.isPrimary) return new ClusterAggregator(includesPrimary ? { registry: reported } : {});
  reported.report(reportToPrimary);
  return undefined;
}
