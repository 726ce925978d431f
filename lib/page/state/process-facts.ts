import type { History, SeriesHistory } from '../history/history.ts';
import { WINDOW_SECONDS } from '../rows/window-seconds.ts';
import { formatSpan } from '../text/format-span.ts';
import { formatValue } from '../text/format-value.ts';

/** A line about the process. */
export type Fact = readonly [term: string, text: string];

/** Returns what the well-known metrics say of the process and its build, as far as they are there. `now` since 1970. */
export function processFacts(history: History, now: number): Fact[] {
  const families = new Map(history.families().map((family) => [family.name, family]));
  const seriesOf = (name: string): readonly SeriesHistory[] => {
    const family = families.get(name);
    return family === undefined ? [] : history.seriesOf(family);
  };
  const valueOf = (name: string): number => {
    const [series] = seriesOf(name);
    return series === undefined || series.kind === 'histogram' ? NaN : series.value;
  };
  const rateOf = (name: string): number => {
    const [series] = seriesOf(name);
    return series?.kind === 'counter' ? series.rate(WINDOW_SECONDS) : NaN;
  };
  const facts: Fact[] = [];
  const add = (term: string, value: number, text: (value: number) => string): void => {
    if (!Number.isNaN(value)) facts.push([term, text(value)]);
  };

  for (const name of families.keys()) {
    const program = /^(.*)_build_info$/.exec(name)?.[1];
    if (program === undefined) continue;
    const build = ['version', 'revision']
      .map((label) => labelOf(seriesOf(name), label))
      .filter(isKnown)
      .join(', ');
    if (build !== '') facts.push([program, build]);
  }
  const node = labelOf(seriesOf('nodejs_version_info'), 'version');
  if (node !== undefined) facts.push(['Node.js', node]);
  add('Up for', now - valueOf('process_start_time_seconds'), formatSpan);
  add('CPU', rateOf('process_cpu_seconds_total'), (cores) => formatValue(cores, 'ratio'));
  add('Memory', valueOf('process_resident_memory_bytes'), (bytes) => formatValue(bytes, 'bytes'));
  add('Heap used', valueOf('nodejs_heap_size_used_bytes'), (bytes) => formatValue(bytes, 'bytes'));
  add('Event loop lag, p99', valueOf('nodejs_eventloop_lag_p99_seconds'), (seconds) => formatValue(seconds, 'seconds'));
  add('Open files', valueOf('process_open_fds'), (count) => formatValue(count, 'none'));
  return facts;
}

function labelOf([series]: readonly SeriesHistory[], label: string): string | undefined {
  return series?.labels.find(([name]) => name === label)?.[1];
}

function isKnown(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text !== 'unknown';
}
