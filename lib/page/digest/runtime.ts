import type { History, SeriesHistory } from '../history/history.ts';
import { type HistogramSeries, WINDOW_SECONDS } from '../history/series.ts';
import { formatValue } from '../text/format.ts';
import { type Fact, gaugeFact, labelOf, lastOf, seriesNamed } from './fact.ts';
import { ObservationSum } from './observation-sum.ts';

/** A loop that is blocked for less is normal: a large response, a collection of garbage. */
const LEAST_BLOCKED_SECONDS = 1;

/** Returns what the metrics of Node.js clients (`nodejs_…`) say about the runtime; facts without a metric are left out. */
export function runtimeFacts(history: History): Fact[] {
  const node = labelOf(seriesNamed(history, 'nodejs_version_info')[0], 'version');
  return [
    ...(node === undefined ? [] : [{ term: 'Node.js', text: node }]),
    ...gaugeFact(history, 'Event loop lag, p99', 'nodejs_eventloop_lag_p99_seconds'),
    ...gaugeFact(history, 'Event loop use', 'nodejs_eventloop_utilization'),
    ...stallFacts(history),
    ...gaugeFact(history, 'Heap used', 'nodejs_heap_size_used_bytes'),
    ...collectionFacts(history),
  ];
}

/** How a blocked event loop is described. */
export interface BlockedLoop {
  /** `Event loop blocked for 12 s`. */
  readonly title: string;
  readonly text: string;
}

/**
 * Returns the description of an event loop that is blocked now, as a metrics thread sees it; undefined if it turns, or
 * nothing watches it from outside.
 */
export function blockedLoop(history: History): BlockedLoop | undefined {
  const blocked = lastOf(history, 'nodejs_eventloop_blocked_seconds');
  if (!(blocked >= LEAST_BLOCKED_SECONDS)) return undefined;
  const longest = lastOf(history, 'nodejs_eventloop_blocked_longest_seconds');
  const age = lastOf(history, 'metrics_thread_report_age_seconds');
  const texts = [
    longest > blocked ? `The longest time since the start was ${formatValue(longest, 'seconds')}.` : '',
    age >= LEAST_BLOCKED_SECONDS ? `Metrics that are not shared are ${formatValue(age, 'seconds')} old.` : '',
  ];
  return {
    title: `Event loop blocked for ${formatValue(blocked, 'seconds')}`,
    text: texts.filter((text) => text !== '').join(' '),
  };
}

function stallFacts(history: History): Fact[] {
  const stalls = histogramsOf(seriesNamed(history, 'nodejs_eventloop_stall_seconds'));
  const count = stalls.reduce((total, { last }) => total + last!.count, 0);
  return [
    ...gaugeFact(history, 'Blocked', 'nodejs_eventloop_blocked_seconds'),
    ...gaugeFact(history, 'Longest blocked', 'nodejs_eventloop_blocked_longest_seconds').map(({ term, text }) => {
      return { term, text: stalls.length === 0 ? text : `${text}, ${count === 1 ? '1 stall' : `${count} stalls`}` };
    }),
  ];
}

function collectionFacts(history: History): Fact[] {
  const kinds = histogramsOf(seriesNamed(history, 'nodejs_gc_duration_seconds'));
  if (kinds.length === 0) return [];
  const all = new ObservationSum();
  for (const kind of kinds) all.add(kind, kind.over(WINDOW_SECONDS));
  const steps = kinds.map((kind) => kind.steps());
  const trend = steps[0]!.map((_, i) => {
    return steps.reduce((total, kind) => total + kind[i]!.sum / kind[i]!.seconds, 0);
  });
  const pause = all.quantile(0.99);
  return [
    { term: 'GC time', text: Number.isNaN(all.sumRate) ? '–' : formatValue(all.sumRate, 'ratio'), trend },
    { term: 'GC pause, p99', text: Number.isNaN(pause) ? '–' : formatValue(pause, 'seconds') },
  ];
}

function histogramsOf(series: readonly SeriesHistory[]): HistogramSeries[] {
  return series.filter((one) => one.kind === 'histogram');
}
