import type { KnownLabels } from '../known-labels.ts';
import type { SampleLine } from '../sample-line.ts';
import type { SampleChecks } from './sample-checks.ts';

/** The text formats' rule for counters, gauges and untyped: each combination of labels once. */
export class UniqueSeries implements SampleChecks {
  readonly #labels: KnownLabels;
  readonly #keys = new Set<string>();

  constructor(labels: KnownLabels) {
    this.#labels = labels;
  }

  add(line: SampleLine): void {
    const { size } = this.#keys;
    this.#keys.add(line.labels.metricKey(line.scanner.text, this.#labels));
    if (this.#keys.size === size) line.failSample('each series once', `${line.name} with the same labels again`);
  }

  close(): void {}
}
