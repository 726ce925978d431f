import type { Family, HistogramFamily, NumberFamily, SummaryFamily } from '../model/family.ts';

/** A label as it is exposed; `le` and `quantile` as numbers. */
type SampleLabel = readonly [name: string, value: string | number];

/** One sample of a family. */
export interface Sample {
  /** What it is called: by the text formats first, and by OpenMetrics where that has another name for it. */
  readonly names: readonly string[];
  readonly labels: readonly SampleLabel[];
  readonly value: number;
}

/** Gives the samples of a family, as the formats write them but for `_created`, in the order of the text. */
export function* samplesOf(family: Family): Generator<Sample, void> {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return yield* samplesOfHistogram(family);
    case 'summary':
      return yield* samplesOfSummary(family);
    default:
      return yield* samplesOfNumbers(family);
  }
}

function* samplesOfNumbers(family: NumberFamily): Generator<Sample, void> {
  const { name, type } = family;
  const names = type === 'counter' && !name.endsWith('_total') ? [name, `${name}_total`] : [name];
  for (const { labelValues, value } of family.series) yield { names, labels: labelsOf(family, labelValues), value };
}

function* samplesOfHistogram(family: HistogramFamily): Generator<Sample, void> {
  const { name, upperBounds, type } = family;
  const suffixes = type === 'gaugehistogram' ? ['', 'g'] : [''];
  const totalNames = (suffix: string): string[] => suffixes.map((letter) => `${name}_${letter}${suffix}`);
  for (const { labelValues, bucketCounts, sum } of family.series) {
    const labels = labelsOf(family, labelValues);
    let count = 0;
    for (const [i, bound] of [...upperBounds, Infinity].entries()) {
      count += bucketCounts[i]!;
      yield { names: [`${name}_bucket`], labels: [...labels, ['le', bound]], value: count };
    }
    yield { names: totalNames('sum'), labels, value: sum };
    yield { names: totalNames('count'), labels, value: count };
  }
}

function* samplesOfSummary(family: SummaryFamily): Generator<Sample, void> {
  const { name, quantiles } = family;
  for (const { labelValues, quantileValues, sum, count } of family.series) {
    const labels = labelsOf(family, labelValues);
    for (const [i, quantile] of quantiles.entries()) {
      yield { names: [name], labels: [...labels, ['quantile', quantile]], value: quantileValues[i]! };
    }
    yield { names: [`${name}_sum`], labels, value: sum };
    yield { names: [`${name}_count`], labels, value: count };
  }
}

function labelsOf({ labelNames, constantLabels }: Family, labelValues: readonly string[]): SampleLabel[] {
  return [...labelNames.map((name, i): SampleLabel => [name, labelValues[i]!]), ...constantLabels];
}
