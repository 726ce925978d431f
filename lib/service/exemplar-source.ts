import { errorText, warn } from '../model/error-text.ts';
import {
  checkExemplarLabels,
  type ExemplarLabels,
  type ExemplarSource,
  type StoredExemplar,
} from '../model/exemplar.ts';
import { type Exemplar, isUnixTime } from '../model/family.ts';
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
    next(metricName, value, previous) {
      try {
        const labels = supply();
        if (!(labels instanceof Promise))
          return labels ? latest(metricName, previous).replaced(labels, value, timeOfJob()) : undefined;
        ignoreRejection(labels);
        throw new TypeError('expected labels, got a promise. Pass a function that is not asynchronous');
      } catch (error) {
        report(error);
        return undefined;
      }
    },
  };
}

function latest(metricName: string, previous: StoredExemplar | undefined): LatestExemplar {
  return previous instanceof LatestExemplar ? previous : new LatestExemplar(metricName);
}

/**
 * The exemplar of a series or bucket. Updates change it in place, since a new object for each would double their cost. The
 * labels are checked when a scrape reads them: a check costs as much as ten updates.
 */
class LatestExemplar {
  readonly #metricName: string;
  #labels: ExemplarLabels = {};
  #value = 0;
  #timestampSeconds: number | undefined = undefined;
  /** The same object until the next update: encoders look at its identity. */
  #read: Exemplar | undefined = undefined;

  constructor(metricName: string) {
    this.#metricName = metricName;
  }

  replaced(labels: ExemplarLabels, value: number, timestampSeconds: number | undefined): this {
    this.#labels = labels;
    this.#value = value;
    this.#timestampSeconds = timestampSeconds;
    this.#read = undefined;
    return this;
  }

  /** Without labels if those that were supplied are invalid. */
  read(): Exemplar {
    this.#read ??= { labels: this.#checkedLabels(), value: this.#value, timestampSeconds: this.#timestampSeconds };
    return this.#read;
  }

  #checkedLabels(): Exemplar['labels'] {
    try {
      return checkExemplarLabels(this.#labels, this.#metricName);
    } catch (error) {
      report(error);
      return {};
    }
  }
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

let hasReported = false;

function report(error: unknown): void {
  if (!hasReported) warn('METRICS_EXEMPLARS', `Exemplars go without labels: ${errorText(error)}`);
  hasReported = true;
}
