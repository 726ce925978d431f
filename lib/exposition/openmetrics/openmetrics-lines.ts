import type { Exemplar } from '../../model/exemplar.ts';
import type { Family, HistogramFamily, HistogramSeries, NumberSeries, SummarySeries } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { escapeLabelValue } from '../text/escape.ts';
import { lineFrame } from '../text/line-frame.ts';
import { labelNameText } from '../text/name-text.ts';
import { canonicalNumberText, numberText } from '../text/number-text.ts';
import type { LineTarget } from '../text/line-target.ts';
import type { SeriesLines } from '../text/series-lines.ts';
import { writeBytes } from '../write-bytes.ts';
import type { OpenMetricsParts } from './openmetrics-parts.ts';
import { mayHaveTotals } from './openmetrics-totals.ts';

/**
 * The lines of a family of which some have exemplars, or `_created` lines behind them, and those of summaries. Made for one
 * scrape, and as text: what exemplars hold changes all the time, so there is nothing to keep.
 */
export class OpenMetricsLines implements SeriesLines {
  readonly series: Family['series'];
  readonly #family: Family;
  readonly #parts: OpenMetricsParts;
  readonly #labelNames: readonly string[];
  readonly #constantLabels: readonly string[];
  readonly #createdSeconds: number | undefined;
  /** The lines of the series that was last asked for, as they were then. */
  #composed = new Uint8Array(0);

  /** With `createdSeconds`, `_created` lines of that time are written. */
  constructor(family: Family, parts: OpenMetricsParts, names: NameScheme, createdSeconds: number | undefined) {
    this.series = family.series;
    this.#family = family;
    this.#parts = parts;
    this.#labelNames = family.labelNames.map((name) => names.label(name));
    this.#constantLabels = family.constantLabels.map(([name, value]) => labelText(names.label(name), value));
    this.#createdSeconds = createdSeconds;
  }

  maxBytes(index: number): number {
    this.#composed = encoder.encode(this.#compose(index));
    return this.#composed.length;
  }

  write(_index: number, { bytes }: LineTarget, start: number): number {
    return writeBytes(bytes, start, this.#composed);
  }

  #compose(index: number): string {
    const family = this.#family;
    const { name } = this.#parts;
    const labels = this.#labelTexts(index);
    const created = this.#createdSeconds === undefined ? '' : sampleLine(`${name}_created`, labels, this.#createdSeconds);
    switch (family.type) {
      case 'histogram':
      case 'gaugehistogram':
        return this.#histogram(family, this.series[index] as HistogramSeries, labels) + created;
      case 'summary':
        return this.#summary(this.series[index] as SummarySeries, family.quantiles, labels) + created;
      default:
        return this.#number(this.series[index] as NumberSeries, labels) + created;
    }
  }

  #number({ value, exemplar }: NumberSeries, labels: readonly string[]): string {
    return sampleLine(this.#parts.sampleName, labels, value, this.#parts.type === 'counter' ? exemplar : undefined);
  }

  #histogram(family: HistogramFamily, series: HistogramSeries, labels: readonly string[]): string {
    const { bucketCounts, sum, exemplars } = series;
    const { sampleName, totalSuffixes } = this.#parts;
    let text = '';
    let count = 0;
    [...family.upperBounds, Infinity].forEach((bound, i) => {
      count += bucketCounts[i]!;
      text += sampleLine(`${sampleName}_bucket`, [...labels, `le="${canonicalNumberText(bound)}"`], count, exemplars?.[i]);
    });
    if (!mayHaveTotals(family, series)) return text;
    const [sumSuffix, countSuffix] = totalSuffixes;
    return text + sampleLine(sampleName + sumSuffix, labels, sum) + sampleLine(sampleName + countSuffix, labels, count);
  }

  #summary({ quantileValues, sum, count }: SummarySeries, quantiles: readonly number[], labels: readonly string[]): string {
    const { sampleName } = this.#parts;
    // OpenMetrics 1.0, "Summary": neither quantiles nor a sum may be negative.
    const lines = quantiles.map((quantile, i) => {
      const value = quantileValues[i]!;
      return value < 0 ? '' : sampleLine(sampleName, [...labels, `quantile="${canonicalNumberText(quantile)}"`], value);
    });
    if (sum >= 0) lines.push(sampleLine(`${sampleName}_sum`, labels, sum));
    return lines.join('') + sampleLine(`${sampleName}_count`, labels, count);
  }

  #labelTexts(index: number): string[] {
    const { labelValues } = this.series[index]!;
    return [...this.#labelNames.map((name, i) => labelText(name, labelValues[i]!)), ...this.#constantLabels];
  }
}

function sampleLine(name: string, labels: readonly string[], value: number, exemplar?: Exemplar): string {
  const { open, close } = lineFrame(name, labels.length > 0);
  return `${open}${labels.join(',')}${close}${numberText(value)}${exemplar === undefined ? '' : exemplarText(exemplar)}\n`;
}

function exemplarText({ labels, value, timestampSeconds }: Exemplar): string {
  const list = Object.entries(labels).map(([name, text]) => labelText(name, text));
  return ` # {${list.join(',')}} ${numberText(value)}${timestampSeconds === undefined ? '' : ` ${timestampSeconds}`}`;
}

function labelText(name: string, value: string): string {
  return `${labelNameText(name)}="${escapeLabelValue(value)}"`;
}

const encoder = new TextEncoder();
