import { ClusterAggregator, reportToPrimary } from './cluster.ts';
import { reportToParentThread, ThreadAggregator } from './threads.ts';

export type { AggregatorOptions } from './aggregation.ts';
export type { MetricsReporter, ReportOptions } from './reporter.ts';
export { ClusterAggregator, reportToParentThread, reportToPrimary, ThreadAggregator };

/** The same names as the named exports. */
export default { ClusterAggregator, ThreadAggregator, reportToParentThread, reportToPrimary };
