import type { KnownLabels } from '../known-labels.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import type { MetricPoint } from './metric-point.ts';
import { findPointLabel, type PointLabel } from './point-label.ts';
import type { SampleChecks } from './sample-checks.ts';
import { isNextPoint } from './timestamps.ts';

/**
 * The rules of OpenMetrics for every type: the samples of a metric come together, and so do those of each of its
 * points, in the order of their timestamps.
 */
export class ContiguousMetrics implements SampleChecks {
  readonly #labels: KnownLabels;
  readonly #pointLabel: PointLabel | undefined;
  readonly #open: (firstLine: number) => MetricPoint;
  /** The metrics so far. */
  readonly #keys = new Set<string>();
  #scanner: Scanner | undefined;
  #key = '';
  #point: MetricPoint | undefined;
  #timestampSeconds: number | undefined;

  constructor(labels: KnownLabels, pointLabel: PointLabel | undefined, open: (firstLine: number) => MetricPoint) {
    this.#labels = labels;
    this.#pointLabel = pointLabel;
    this.#open = open;
  }

  add(line: SampleLine): void {
    this.#scanner = line.scanner;
    if (this.#pointLabel !== undefined) findPointLabel(line, this.#pointLabel);
    if (!this.#isSameMetric(line)) this.#openMetric(line);
    else if (isNextPoint(line, this.#timestampSeconds)) this.#openPoint(line);
    this.#point!.add(line);
  }

  close(): void {
    if (this.#point !== undefined) this.#point.close(this.#scanner!);
  }

  #isSameMetric(line: SampleLine): boolean {
    if (this.#point === undefined) return false;
    const { labels, previousLabels } = line;
    if (labels.isSameMetric(previousLabels)) return true;
    // The labels may have come in another order, or with an empty one more.
    const mayBeSame = !labels.isPlain || !previousLabels.isPlain;
    return mayBeSame && labels.metricKey(line.scanner.text, this.#labels) === this.#key;
  }

  #openMetric(line: SampleLine): void {
    const key = line.labels.metricKey(line.scanner.text, this.#labels);
    const { size } = this.#keys;
    this.#keys.add(key);
    if (this.#keys.size === size) {
      line.failSample('each metric once, its samples together', `a sample of a metric further up`);
    }
    this.#key = key;
    this.#openPoint(line);
  }

  #openPoint(line: SampleLine): void {
    this.close();
    this.#point = this.#open(line.scanner.line);
    this.#timestampSeconds = line.timestampSeconds;
  }
}
