import type { Family, NumberSeries } from '../model/family.ts';

const WORKERS = 'metrics_client_workers';
const LATE_REPORTS = 'metrics_client_late_reports_total';

/** The names that an aggregator keeps for itself. */
export const AGGREGATION_FAMILY_NAMES: readonly string[] = [WORKERS, LATE_REPORTS];

/** How many workers answered a scrape in time, how many did not, and how often that has happened. */
export interface WorkerCounts {
  readonly reporting: number;
  readonly late: number;
  readonly lateReports: number;
}

/** Returns the families with which an aggregator reports on its workers. */
export function aggregationFamilies({ reporting, late, lateReports }: WorkerCounts): Family[] {
  const head = { unit: '', constantLabels: [] };
  const series = (labelValues: readonly string[], value: number): NumberSeries => ({ labelValues, value });
  return [
    {
      ...head,
      name: WORKERS,
      help: 'Workers that answered this scrape in time (reporting), and those whose last known values it holds (late).',
      type: 'gauge',
      labelNames: ['state'],
      series: [series(['reporting'], reporting), series(['late'], late)],
      memo: new Map(),
    },
    {
      ...head,
      name: LATE_REPORTS,
      help: 'Times that a worker did not answer a scrape in time, so that its last known values were served.',
      type: 'counter',
      labelNames: [],
      series: [series([], lateReports)],
      memo: new Map(),
    },
  ];
}
