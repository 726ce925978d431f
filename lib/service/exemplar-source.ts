import type { ExemplarLabels, ExemplarSource } from '../model/exemplar.ts';
import { isUnixTime } from '../model/family.ts';
import { ignoreRejection } from '../model/promises.ts';

/**
 * Returns a source of exemplars: with each update of a counter or histogram, `supply` returns the labels of the current event,
 * such as the `trace_id` of its request, or undefined if there is none. It has to be fast. What it throws, and labels that are
 * invalid, are reported once and left out.
 *
 * @example
 * ```ts
 * const requests = new AsyncLocalStorage<{ trace_id: string }>();
 * const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => requests.getStore()) });
 * ```
 */
export function exemplarsFrom(supply: () => ExemplarLabels | undefined): ExemplarSource {
  if (typeof supply !== 'function') {
    throw new TypeError('Cannot supply exemplars: expected a function that returns labels, got something else.');
  }
  return {
    next(_metricName, value, previous) {
      const labels = supply();
      if (!labels) return undefined;
      if (labels instanceof Promise) refusePromise(labels);
      const latest = previous instanceof LatestExemplar ? previous : new LatestExemplar();
      latest.labels = labels;
      latest.value = value;
      latest.timestampSeconds = timeOfJob();
      return latest;
    },
  };
}

/** The exemplar of a series or bucket. Updates change it in place, since a new object for each would double their cost. */
class LatestExemplar {
  labels: ExemplarLabels = {};
  value = 0;
  timestampSeconds: number | undefined = undefined;
}

function refusePromise(labels: PromiseLike<unknown>): never {
  ignoreRejection(labels);
  throw new TypeError('expected labels, got a promise. Pass a function that is not asynchronous.');
}

let jobTime: number | undefined;
let isTimed = false;

/** The Unix time, read once per job of the event loop: reading it costs as much as the rest of an update. */
function timeOfJob(): number | undefined {
  if (!isTimed) {
    isTimed = true;
    const now = Date.now() / 1000;
    jobTime = isUnixTime(now) ? now : undefined;
    queueMicrotask(forgetTime);
  }
  return jobTime;
}

function forgetTime(): void {
  isTimed = false;
}
