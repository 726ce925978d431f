interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Wall time and processor time, in microseconds. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The longest task of a page's main thread, while which it answers to nothing. */
export interface LongestTask {
  readonly wallMilliseconds: number;
  /** Without the time in which other programs had the processor. */
  readonly processorMilliseconds: number;
}

/** Reads a trace of the category `toplevel`. Throws if it has no task of a page. */
export function longestTask(trace: Buffer): LongestTask {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const mains = new Set(named.map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.ph === 'X' && event.name.endsWith('RunTask') && mains.has(threadOf(event)),
  );
  if (tasks.length === 0) throw new Error('Cannot read a trace: expected tasks of CrRendererMain, got none.');
  return {
    wallMilliseconds: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000,
    processorMilliseconds: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
  };
}
