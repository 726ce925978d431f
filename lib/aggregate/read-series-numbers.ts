import type { Family, HistogramSeries, NumberSeries, SummarySeries } from '../model/family.ts';

/** Writes the numbers of a series into the first places of `numbers`, in the order that `numbersPerSeries()` tells. */
export function readSeriesNumbers(type: Family['type'], series: Family['series'][number], numbers: Float64Array): void {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram': {
      const { bucketCounts, sum } = series as HistogramSeries;
      for (let i = 0; i < bucketCounts.length; i++) numbers[i] = bucketCounts[i]!;
      numbers[bucketCounts.length] = sum;
      return;
    }
    case 'summary': {
      const { quantileValues, count, sum } = series as SummarySeries;
      for (let i = 0; i < quantileValues.length; i++) numbers[i] = quantileValues[i]!;
      numbers[quantileValues.length] = count;
      numbers[quantileValues.length + 1] = sum;
      return;
    }
    default: {
      const { value, ratio } = series as NumberSeries;
      numbers[0] = value;
      if (numbers.length === 1) return;
      if (ratio !== undefined && ratio[1] > 0) numbers[0] = ratio[0];
      numbers[1] = ratio === undefined ? 1 : ratio[1];
    }
  }
}
