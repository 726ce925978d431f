/**
 * How the values that several processes or threads report for one series are merged. `NaN` means "nothing yet" and is
 * skipped.
 *
 * - `first`: the value of the worker that has had the series for longest.
 * - `ratio`: the sum of the numerators divided by the sum of the denominators, as given to `setRatio()`. A value without
 *   them counts as a numerator over 1.
 * - `omit`: the metric is left out.
 */
export type Aggregator = 'sum' | 'min' | 'max' | 'average' | 'ratio' | 'first' | 'omit';
