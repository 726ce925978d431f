/**
 * How the values that several processes or threads have of one series become one value; `omit` leaves the metric out.
 * `first` is the value of the worker that has had the series for longest.
 */
export type Aggregator = 'sum' | 'min' | 'max' | 'average' | 'first' | 'omit';
