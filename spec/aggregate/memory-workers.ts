import { Aggregation, type AggregatorOptions } from '../../lib/aggregate/aggregation.ts';
import { withNumbersAsText } from '../../lib/aggregate/message.ts';
import { Reporter } from '../../lib/aggregate/reporter.ts';
import type { WorkerState } from '../../lib/aggregate/workers.ts';
import type { Family, Gatherer } from '../../lib/model/family.ts';

/** A worker in this process: its messages are texts on the way, as between processes. */
export class MemoryWorker {
  readonly #aggregation: Aggregation;
  readonly #state: WorkerState;
  readonly #reporter: Reporter;
  /** A worker that hangs gets messages only when it no longer does. */
  isHung = false;
  readonly #held: unknown[] = [];

  /** `isOld`: it is of a version that knows no native buckets, so it does not see that the aggregator accepts them. */
  constructor(aggregation: Aggregation, registry: Gatherer, isOld: boolean) {
    this.#aggregation = aggregation;
    this.#state = aggregation.add((message) => {
      const { acceptsNative, ...said } = JSON.parse(JSON.stringify(message));
      this.#deliver(isOld ? said : { ...said, acceptsNative });
    }, false);
    this.#reporter = new Reporter(registry, (message) => {
      aggregation.take(this.#state, JSON.parse(JSON.stringify(withNumbersAsText(message))));
    });
    this.#reporter.begin();
  }

  /** Reports without having been asked. */
  report(): Promise<void> {
    return this.#reporter.report();
  }

  /** Reports as the timer of a worker does. */
  reportIfTaken(): void {
    this.#reporter.reportIfTaken();
  }

  /** Hangs no more: reads what has come. */
  wakeUp(): void {
    this.isHung = false;
    for (const message of this.#held.splice(0)) this.#reporter.take(message);
  }

  /** Ends without a word. */
  kill(): void {
    this.isHung = true;
    this.#aggregation.remove(this.#state);
  }

  /** Sends the aggregator anything. */
  say(message: unknown): void {
    this.#aggregation.take(this.#state, message);
  }

  #deliver(message: unknown): void {
    if (this.isHung) this.#held.push(message);
    else this.#reporter.take(message);
  }
}

/** An aggregation, and the workers that it has. */
export function memoryWorkers(options?: AggregatorOptions): {
  aggregation: Aggregation;
  start(registry: Gatherer, isOld?: boolean): MemoryWorker;
} {
  const aggregation = new Aggregation(options);
  return { aggregation, start: (registry, isOld = false) => new MemoryWorker(aggregation, registry, isOld) };
}

/** The values of a scrape by series, as `name{label="value",…}` with the labels in order of name and empty ones left out. */
export function valuesOf(families: readonly Family[]): Map<string, number> {
  const values = new Map<string, number>();
  const put = (name: string, labels: readonly (readonly [string, string])[], value: number): void => {
    const sorted = labels.filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${name}{${sorted.map(([label, text]) => `${label}=${JSON.stringify(text)}`).join(',')}}`;
    if (values.has(key)) throw new Error(`Cannot read the families: expected each series once, got ${key} twice.`);
    values.set(key, value);
  };
  for (const family of families) {
    for (const series of family.series) {
      const labels = series.labelValues.map((value, i) => [family.labelNames[i]!, value] as const);
      if ('quantileValues' in series && family.type === 'summary') {
        put(`${family.name}_sum`, labels, series.sum);
        put(`${family.name}_count`, labels, series.count);
      } else if ('bucketCounts' in series && (family.type === 'histogram' || family.type === 'gaugehistogram')) {
        put(`${family.name}_sum`, labels, series.sum);
        for (const [i, count] of series.bucketCounts.entries())
          put(`${family.name}_bucket`, [...labels, ['bucket', String(i)]], count);
      } else if ('value' in series) put(family.name, labels, series.value);
    }
  }
  return values;
}
