import type { Format, Suffix } from '../format.ts';
import { LabelSets } from '../label-sets.ts';
import type { ParsedType } from '../parsed-family.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import { openMetricsPointOf } from './openmetrics-points.ts';
import type { MetricPoint, PointFactory } from './points.ts';
import { textPointOf } from './text-points.ts';

/** The rules between the samples of one family. */
export interface SampleChecks {
  /** Checks the next sample; throws a SyntaxError. */
  add(line: SampleLine): void;
  /** Called when the family is complete. */
  close(scanner: Scanner): void;
}

/** The rules for the samples of a family. */
export function checksOf(format: Format, type: ParsedType, familyName: string): SampleChecks {
  const pointLabel = pointLabelOf(type, familyName);
  if (format.isOpenMetrics) return new ContiguousMetrics(pointLabel, openMetricsPointOf(type));
  return pointLabel === undefined ? new UniqueSeries() : new GroupedMetrics(pointLabel, textPointOf(type));
}

/** In the text formats, counters, gauges and untyped metrics have each label set once. */
class UniqueSeries implements SampleChecks {
  readonly #series = new LabelSets();

  add(line: SampleLine): void {
    const { size } = this.#series;
    const isNew = this.#series.indexOf(line.labels) === size;
    if (!isNew) line.failSample('each series once', `${line.name} with the same labels again`);
  }

  close(): void {}
}

/** In the text formats, the samples of histograms and summaries come in any order within the family. */
class GroupedMetrics implements SampleChecks {
  readonly #pointLabel: PointLabel;
  readonly #open: PointFactory;
  readonly #metrics: LabelSets;
  readonly #points: MetricPoint[] = [];

  constructor(pointLabel: PointLabel, open: PointFactory) {
    this.#pointLabel = pointLabel;
    this.#metrics = new LabelSets(pointLabel.name);
    this.#open = open;
  }

  add(line: SampleLine): void {
    findPointLabel(line, this.#pointLabel);
    const index = this.#metrics.indexOf(line.labels);
    if (index === this.#points.length) this.#points.push(this.#open(line.scanner.line));
    this.#points[index]!.add(line);
  }

  close(scanner: Scanner): void {
    for (const point of this.#points) scanner.tolerate(() => point.close(scanner));
  }
}

/**
 * In OpenMetrics, the samples of a metric come together, and so do those of each of its points, in the order of their
 * timestamps.
 */
class ContiguousMetrics implements SampleChecks {
  readonly #pointLabel: PointLabel | undefined;
  readonly #open: PointFactory;
  readonly #metrics: LabelSets;
  /** The current metric. */
  #index = -1;
  #point: MetricPoint | undefined;
  #timestampSeconds: number | undefined;

  constructor(pointLabel: PointLabel | undefined, open: PointFactory) {
    this.#pointLabel = pointLabel;
    this.#metrics = new LabelSets(pointLabel?.name);
    this.#open = open;
  }

  add(line: SampleLine): void {
    if (this.#pointLabel !== undefined) findPointLabel(line, this.#pointLabel);
    const { size } = this.#metrics;
    const index = this.#metrics.indexOf(line.labels);
    if (index !== this.#index) {
      if (index !== size) {
        line.failSample('each metric once, its samples together', 'a sample of a metric further up');
      }
      this.#index = index;
      this.#openPoint(line);
    } else if (isNextPoint(line, this.#timestampSeconds)) {
      this.#openPoint(line);
    }
    this.#point!.add(line);
  }

  close(scanner: Scanner): void {
    const point = this.#point;
    if (point !== undefined) scanner.tolerate(() => point.close(scanner));
  }

  #openPoint(line: SampleLine): void {
    this.close(line.scanner);
    this.#point = this.#open(line.scanner.line);
    this.#timestampSeconds = line.timestampSeconds;
  }
}

/**
 * Whether a sample begins the next point of its metric. `current` is the time of the current point.
 *
 * The points of a metric have increasing timestamps, and either all samples of a metric have one or none has
 * (OpenMetrics 1.0, "Metric").
 */
function isNextPoint(line: SampleLine, current: number | undefined): boolean {
  const next = line.timestampSeconds;
  if (next === current) return false;
  if (next === undefined) line.failSample('a timestamp on every sample of the metric', 'none');
  if (current === undefined) line.scanner.fail(line.timestampStart, 'no timestamp on a metric that began without');
  if (next < current) line.scanner.fail(line.timestampStart, `a timestamp of ${current} or later`);
  return true;
}

/** The label that distinguishes the samples of one metric, and the suffix of the samples that have it. */
interface PointLabel {
  readonly name: string;
  readonly suffix: Suffix;
}

/** The point label of a type; undefined if all samples of a metric have the same labels. */
function pointLabelOf(type: ParsedType, familyName: string): PointLabel | undefined {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
      return { name: 'le', suffix: '_bucket' };
    case 'summary':
      return { name: 'quantile', suffix: '' };
    case 'stateset':
      return { name: familyName, suffix: '' };
    case 'counter':
    case 'gauge':
    case 'info':
    case 'unknown':
      return undefined;
  }
}

/** Finds the point label of a sample. Samples with its suffix must have it, others must not. */
function findPointLabel(line: SampleLine, pointLabel: PointLabel): void {
  const { labels, name } = line;
  const label = labels.find(pointLabel.name);
  if (line.suffix === pointLabel.suffix) {
    if (label === undefined) line.failSample(`the label ${pointLabel.name} on ${name}`, 'none');
    labels.point = label;
  } else if (label !== undefined) {
    line.scanner.fail(label.start, `no label ${pointLabel.name} on ${name}`);
  }
}
