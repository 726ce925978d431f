/** What a number counts or measures, as far as people's notation depends on it. */
export type Unit =
  | 'seconds'
  | 'timestamp'
  | 'bytes'
  | 'ratio'
  | 'percent'
  | 'celsius'
  | 'volts'
  | 'amperes'
  | 'watts'
  | 'joules'
  | 'grams'
  | 'meters'
  | 'hertz'
  | 'none';

// Base units by the conventions of Prometheus: the last word of the name, before `_total`.
const UNITS: Readonly<Record<string, Unit>> = {
  seconds: 'seconds',
  bytes: 'bytes',
  ratio: 'ratio',
  utilization: 'ratio',
  percent: 'percent',
  celsius: 'celsius',
  volts: 'volts',
  amperes: 'amperes',
  watts: 'watts',
  joules: 'joules',
  grams: 'grams',
  meters: 'meters',
  hertz: 'hertz',
};

/** FinPilot's shares of 1 whose names do not say so. */
const RATIOS = new Set(['finpilot_match_rate', 'finpilot_error_rate']);

/**
 * Returns the unit of a metric: what the exposition says it is, else what its name ends in. A gauge of seconds that is a
 * moment (`…_start_time_seconds`, `…_timestamp_seconds`) is a `timestamp`.
 */
export function unitOf(name: string, unit = ''): Unit {
  if (RATIOS.has(name)) return 'ratio';
  if (/_(?:start_time|timestamp)_seconds$/.test(name)) return 'timestamp';
  const word = unit === '' ? /([a-z]+)(?:_(?:total|sum))?$/.exec(name)?.[1] : unit;
  return (word !== undefined && Object.hasOwn(UNITS, word) && UNITS[word]) || 'none';
}
