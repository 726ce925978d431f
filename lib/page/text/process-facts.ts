import type { History, SeriesHistory } from '../history/history.ts';
import { WINDOW_SECONDS } from '../history/series.ts';
import { formatSpan, formatValue, unitOf } from './format.ts';

/** A line about the process. */
export type Fact = readonly [term: string, text: string];

/**
 * Returns what the standard metrics say about the process and its build; lines without a metric are left out. Standard
 * are the names that all Prometheus clients share (`process_…`, `…_build_info`) and those of Node.js clients
 * (`nodejs_…`). `now` is in seconds since 1970.
 */
export function processFacts(history: History, now: number): Fact[] {
  const families = new Map(history.families().map((family) => [family.name, family]));
  const firstSeriesOf = (name: string): SeriesHistory | undefined => {
    const family = families.get(name);
    return family === undefined ? undefined : history.seriesOf(family)[0];
  };
  const lastOf = (name: string): number => {
    const series = firstSeriesOf(name);
    return series === undefined || series.kind === 'histogram' ? NaN : series.last;
  };
  const facts: Fact[] = [];
  const add = (term: string, value: number, text: (value: number) => string): void => {
    if (!Number.isNaN(value)) facts.push([term, text(value)]);
  };
  const addGauge = (term: string, name: string): void => {
    add(term, lastOf(name), (value) => formatValue(value, unitOf(name)));
  };

  for (const name of families.keys()) {
    const program = /^(.*)_build_info$/.exec(name)?.[1];
    if (program === undefined) continue;
    const series = firstSeriesOf(name);
    const build = ['version', 'revision'].map((label) => labelOf(series, label)).filter(isInformative);
    if (build.length > 0) facts.push([program, build.join(', ')]);
  }
  const node = labelOf(firstSeriesOf('nodejs_version_info'), 'version');
  if (node !== undefined) facts.push(['Node.js', node]);
  add('Uptime', now - lastOf('process_start_time_seconds'), formatSpan);
  const cpu = firstSeriesOf('process_cpu_seconds_total');
  add('CPU', cpu?.kind === 'counter' ? cpu.rate(WINDOW_SECONDS) : NaN, (cores) => formatValue(cores, 'ratio'));
  addGauge('Memory', 'process_resident_memory_bytes');
  addGauge('Heap used', 'nodejs_heap_size_used_bytes');
  addGauge('Event loop lag, p99', 'nodejs_eventloop_lag_p99_seconds');
  addGauge('Open files', 'process_open_fds');
  return facts;
}

function labelOf(series: SeriesHistory | undefined, label: string): string | undefined {
  return series?.labels.find(([name]) => name === label)?.[1];
}

function isInformative(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text !== 'unknown';
}
