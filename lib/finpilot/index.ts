import { createFinpilotMetrics } from './finpilot-metrics.ts';

export type { FinpilotMetrics, FinpilotMetricsOptions } from './finpilot-metrics.ts';
export type { HealthStatusCheck } from './health-status.ts';
export type { CompletedScan, FailedScan, Scan } from './record-scan.ts';
export { createFinpilotMetrics };

/** The same names as the named exports. */
export default { createFinpilotMetrics };
