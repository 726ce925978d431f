import type { KnownLabels } from '../known-labels.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import type { MetricPoint } from './metric-point.ts';
import { findPointLabel, type PointLabel } from './point-label.ts';
import type { SampleChecks } from './sample-checks.ts';

/** The text formats' rules for histograms and summaries, whose samples may come in any order within the family. */
export class GroupedMetrics implements SampleChecks {
  readonly #labels: KnownLabels;
  readonly #pointLabel: PointLabel;
  readonly #open: (firstLine: number) => MetricPoint;
  readonly #points = new Map<string, MetricPoint>();
  #scanner: Scanner | undefined;
  #current: MetricPoint | undefined;

  constructor(labels: KnownLabels, pointLabel: PointLabel, open: (firstLine: number) => MetricPoint) {
    this.#labels = labels;
    this.#pointLabel = pointLabel;
    this.#open = open;
  }

  add(line: SampleLine): void {
    this.#scanner = line.scanner;
    findPointLabel(line, this.#pointLabel);
    const isSame = this.#current !== undefined && line.labels.isSameMetric(line.previousLabels);
    if (!isSame) this.#current = this.#pointOf(line);
    this.#current!.add(line);
  }

  close(): void {
    const scanner = this.#scanner;
    if (scanner !== undefined) for (const point of this.#points.values()) point.close(scanner);
  }

  #pointOf(line: SampleLine): MetricPoint {
    const key = line.labels.metricKey(line.scanner.text, this.#labels);
    const known = this.#points.get(key);
    if (known !== undefined) return known;
    const point = this.#open(line.scanner.line);
    this.#points.set(key, point);
    return point;
  }
}
