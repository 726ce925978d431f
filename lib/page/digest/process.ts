import type { History } from '../history/history.ts';
import { WINDOW_SECONDS } from '../history/series.ts';
import { formatSpan, formatValue } from '../text/format.ts';
import { type Fact, gaugeFact, labelOf, lastOf, seriesNamed } from './fact.ts';

/**
 * Returns what the standard metrics say about the service, its build and its process; facts without a metric are left
 * out. Standard are the names that all Prometheus clients share: `process_…`, `…build_info`, `target_info`. `now` is in
 * seconds since 1970.
 */
export function processFacts(history: History, now: number): Fact[] {
  return [...buildFacts(history), ...uptimeFact(history, now), ...cpuFact(history), ...usageFacts(history)];
}

function buildFacts(history: History): Fact[] {
  const target = seriesNamed(history, 'target_info')[0];
  const service = { term: labelOf(target, 'service_name') ?? '', text: labelOf(target, 'service_version') ?? '' };
  const builds = history.families().flatMap(({ name }) => {
    const program = /^(?:(.*)_)?build_info$/.exec(name);
    if (program === null) return [];
    const series = seriesNamed(history, name)[0];
    const text = ['version', 'revision']
      .map((label) => labelOf(series, label))
      .filter(isInformative)
      .join(', ');
    return [{ term: program[1] ?? 'Build', text }];
  });
  return [service, ...builds].filter(({ term, text }) => isInformative(term) && isInformative(text));
}

function isInformative(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text !== 'unknown';
}

function uptimeFact(history: History, now: number): Fact[] {
  const uptime = now - lastOf(history, 'process_start_time_seconds');
  return Number.isNaN(uptime) ? [] : [{ term: 'Uptime', text: formatSpan(uptime) }];
}

function cpuFact(history: History): Fact[] {
  const cpu = seriesNamed(history, 'process_cpu_seconds_total')[0];
  if (cpu?.kind !== 'counter') return [];
  const cores = cpu.rate(WINDOW_SECONDS);
  return [{ term: 'CPU', text: Number.isNaN(cores) ? '–' : formatValue(cores, 'ratio'), trend: cpu.rates() }];
}

function usageFacts(history: History): Fact[] {
  const most = lastOf(history, 'process_max_fds');
  const term = Number.isFinite(most) ? `Open files, of ${formatValue(most, 'none')}` : 'Open files';
  return [
    ...gaugeFact(history, 'Memory', 'process_resident_memory_bytes'),
    ...gaugeFact(history, term, 'process_open_fds'),
  ];
}
