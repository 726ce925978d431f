import { LabelSets } from '../label-sets.ts';
import type { ParsedType } from '../parsed-family.ts';
import type { SampleChecks } from '../rules/metrics.ts';
import type { SampleLine } from '../sample-line.ts';

/** Returns the rules between the samples of a family. */
export function metricChecksOf(type: ParsedType, familyName: string): SampleChecks {
  return new MetricChecks(type === 'stateset' ? familyName : undefined);
}

/**
 * The samples of a metric, which all have the same labels, come together and in the order of their times; the states of a state
 * set, which differ in one label, come together too (OpenMetrics 2.0, "Metric" and "StateSet").
 */
class MetricChecks implements SampleChecks {
  readonly #stateLabel: string | undefined;
  readonly #metrics = new LabelSets();
  readonly #groups: LabelSets;
  #metric = -1;
  #group = -1;
  #timestampSeconds: number | undefined;

  constructor(stateLabel: string | undefined) {
    this.#stateLabel = stateLabel;
    this.#groups = new LabelSets(stateLabel);
  }

  add(line: SampleLine): void {
    const { size } = this.#metrics;
    const metric = this.#metrics.indexOf(line.labels);
    const isNew = metric === size;
    if (metric === this.#metric) this.#checkTime(line);
    else if (!isNew) line.failSample('each metric once, its samples together', 'a sample of a metric further up');
    this.#metric = metric;
    this.#timestampSeconds = line.timestampSeconds;
    if (this.#stateLabel !== undefined) this.#checkGroup(line, this.#stateLabel);
  }

  close(): void {}

  /** All samples of a metric have a time if it has more than one. Those that are nanoseconds apart are equal as doubles. */
  #checkTime(line: SampleLine): void {
    const before = this.#timestampSeconds;
    const { timestampSeconds } = line;
    if (before === undefined || timestampSeconds === undefined) {
      line.failSample('each series once, or its samples with timestamps', `${line.name} with the same labels again`);
    }
    if (timestampSeconds < before) line.scanner.fail(line.timestampStart, `a timestamp of ${before} or later`);
  }

  #checkGroup(line: SampleLine, stateLabel: string): void {
    const { labels } = line;
    labels.point = labels.find(stateLabel);
    if (labels.point === undefined) line.failSample(`the label ${stateLabel} on ${line.name}`, 'none');
    const { size } = this.#groups;
    const group = this.#groups.indexOf(labels);
    if (group !== this.#group && group !== size) {
      line.failSample('the states of each metric together', 'a state of a metric further up');
    }
    this.#group = group;
  }
}
