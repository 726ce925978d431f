import type { Format } from '../format.ts';
import type { KnownLabels } from '../known-labels.ts';
import type { ParsedType } from '../parsed-family.ts';
import { ContiguousMetrics } from './contiguous-metrics.ts';
import { CounterPoint } from './counter-point.ts';
import { GroupedMetrics } from './grouped-metrics.ts';
import { HistogramPoint } from './histogram-point.ts';
import { InfoPoint } from './info-point.ts';
import type { MetricPoint } from './metric-point.ts';
import { pointLabelOf } from './point-label.ts';
import type { SampleChecks } from './sample-checks.ts';
import { SingleValuePoint } from './single-value-point.ts';
import { StateSetPoint } from './state-set-point.ts';
import { SummaryPoint } from './summary-point.ts';
import { TextHistogramPoint } from './text-histogram-point.ts';
import { TextSummaryPoint } from './text-summary-point.ts';
import { UniqueSeries } from './unique-series.ts';

/** The rules for the samples of a family. */
export function checksOf(format: Format, type: ParsedType, familyName: string, labels: KnownLabels): SampleChecks {
  const pointLabel = pointLabelOf(type, familyName);
  if (format.isOpenMetrics) return new ContiguousMetrics(labels, pointLabel, (firstLine) => pointOf(type, firstLine));
  if (pointLabel === undefined) return new UniqueSeries(labels);
  return new GroupedMetrics(labels, pointLabel, (firstLine) => textPointOf(type, firstLine));
}

function textPointOf(type: ParsedType, firstLine: number): MetricPoint {
  return type === 'histogram' ? new TextHistogramPoint(firstLine) : new TextSummaryPoint();
}

function pointOf(type: ParsedType, firstLine: number): MetricPoint {
  switch (type) {
    case 'counter':
      return new CounterPoint();
    case 'gauge':
    case 'unknown':
      return new SingleValuePoint();
    case 'histogram':
      return new HistogramPoint(firstLine, false);
    case 'gaugehistogram':
      return new HistogramPoint(firstLine, true);
    case 'summary':
      return new SummaryPoint();
    case 'info':
      return new InfoPoint();
    case 'stateset':
      return new StateSetPoint();
  }
}
