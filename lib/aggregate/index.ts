import { ClusterAggregator } from './cluster-aggregator.ts';
import { reportToParentThread } from './report-to-parent-thread.ts';
import { reportToPrimary } from './report-to-primary.ts';
import { ThreadAggregator } from './thread-aggregator.ts';

export { ClusterAggregator, ThreadAggregator, reportToParentThread, reportToPrimary };
export type { AggregatorOptions } from './aggregation.ts';
export type { MetricsReporter } from './metrics-reporter.ts';
export type { ReportOptions } from './report-options.ts';

/** The same names as the named exports. */
export default { ClusterAggregator, ThreadAggregator, reportToParentThread, reportToPrimary };
