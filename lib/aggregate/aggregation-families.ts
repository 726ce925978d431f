import type { Family, NumberSeries } from '../model/family.ts';

const WORKERS = 'metrics_client_workers';
const LATE_REPORTS = 'metrics_client_late_reports_total';
const REFUSED_FAMILIES = 'metrics_client_refused_families_total';

/** The names that an aggregator keeps for itself. */
export const AGGREGATION_FAMILY_NAMES: readonly string[] = [WORKERS, LATE_REPORTS, REFUSED_FAMILIES];

/** How many workers answered a scrape in time, how many did not, and how often that has happened. */
export interface WorkerCounts {
  readonly reporting: number;
  readonly late: number;
  readonly lateReports: number;
  /** How often a family of a worker was refused. */
  readonly refusedFamilies: number;
}

/** Returns the families with which an aggregator reports on its workers. */
export function aggregationFamilies({ reporting, late, lateReports, refusedFamilies }: WorkerCounts): Family[] {
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
    {
      ...head,
      name: REFUSED_FAMILIES,
      help: 'Times that a metric of a worker was refused, since it could not be exposed or merged with that of the others.',
      type: 'counter',
      labelNames: [],
      series: [series([], refusedFamilies)],
      memo: new Map(),
    },
  ];
}
