import { ClusterAggregator } from './cluster.ts';
import { reportToParentThread } from './threads.ts';
import { reportToPrimary } from './cluster.ts';
import { ThreadAggregator } from './threads.ts';

export { ClusterAggregator, ThreadAggregator, reportToParentThread, reportToPrimary };
export type { AggregatorOptions } from './aggregation.ts';
export type { MetricsReporter } from './reporter.ts';
export type { ReportOptions } from './reporter.ts';

/** The same names as the named exports. */
export default { ClusterAggregator, ThreadAggregator, reportToParentThread, reportToPrimary };
