import { shortened } from './error-text.ts';
import type { MetricType } from './family.ts';

/**
 * Which names are taken: `legacy`, letters, digits and `_` (in metric names also `:`), which every version of Prometheus
 * reads; or `utf8`, any text, which Prometheus reads from 3.0 on, and others get escaped.
 */
export type NameValidationScheme = 'legacy' | 'utf8';

// Prometheus data model, "Metric names and labels".
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What the escaping scheme `values` puts before a name: `U__a_2e_b`, if it were one, would be the same there as `a.b`. */
const ESCAPED = 'U__';
const NOT_ESCAPED = `a name without "${ESCAPED}" at its start, as escaped names have it`;

/** Whether every version of Prometheus takes this as the name of a metric. */
export function isLegacyMetricName(name: string): boolean {
  return METRIC_NAME.test(name);
}

/** Whether every version of Prometheus takes this as the name of a label. */
export function isLegacyLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}

/** Returns a metric name with each character that is not legal everywhere replaced by `_`. */
export function underscoredMetricName(name: string): string {
  return METRIC_NAME.test(name) ? name : name.replace(/^\d|[^\w:]/gu, '_');
}

/** Returns a label name with each character that is not legal everywhere replaced by `_`; see {@link notReserved}. */
export function underscoredLabelName(name: string): string {
  return LABEL_NAME.test(name) ? name : notReserved(name.replace(/^\d|\W/gu, '_'));
}

/**
 * Returns an escaped label name with one `_` at its start where there were several: `__` is reserved for Prometheus, and
 * VictoriaMetrics drops such labels. `éé1` becomes `_1`, not `__1`, and `é_name__` not `__name__`, the name of the metric.
 * Prometheus' specification of escaping leaves it open what then; to refuse the names would leave out most alphabets.
 */
export function notReserved(escapedLabel: string): string {
  return escapedLabel.replace(/^__+/, '_');
}

/** Throws unless `name` is a metric name of the scheme: a TypeError if it is no string, else a RangeError. */
export function checkMetricName(name: unknown, scheme: NameValidationScheme = 'legacy'): asserts name is string {
  if (typeof name !== 'string') refuse('create a metric', 'its name to be a string', name);
  if (scheme === 'utf8' ? isText(name) && !name.startsWith(ESCAPED) : METRIC_NAME.test(name)) return;
  const utf8Name = isText(name) ? NOT_ESCAPED : 'a name of at least one character';
  const expected =
    scheme === 'utf8' ? utf8Name : 'a name of letters, digits, "_" and ":" that does not start with a digit';
  const remedy =
    scheme === 'legacy' && isText(name) ? 'A registry with nameValidationScheme: "utf8" takes any text.' : '';
  refuse(`create metric ${describe(name)}`, expected, name, RangeError, remedy);
}

/** Throws the error of a value that is refused: a TypeError unless told otherwise. */
export function refuse(attempt: string, expected: string, got: unknown, Refusal = TypeError, remedy = ''): never {
  throw new Refusal(`Cannot ${attempt}: expected ${expected}, got ${describe(got)}.${remedy && ` ${remedy}`}`);
}

/** Throws the error of a number that is refused: a RangeError with this remedy, or a TypeError if it is no number. */
export function refuseNumber(attempt: string, expected: string, got: unknown, remedy = ''): never {
  if (typeof got === 'number') refuse(attempt, expected, got, RangeError, remedy);
  refuse(attempt, expected, got, TypeError, 'Convert it to a number first.');
}

/**
 * Throws unless `names` are label names that a metric may use, distinct even where they are escaped. `__` at the start is
 * reserved for Prometheus; `le` and `quantile` carry the buckets of histograms and the quantiles of summaries.
 */
export function checkLabelNames(
  names: readonly unknown[],
  metricName: string,
  scheme: NameValidationScheme = 'legacy',
): void {
  const seen = new Set<string>();
  for (const name of names) {
    const refuseName = (expected: string): never => {
      throw new RangeError(`Cannot use label ${describe(name)} of metric "${metricName}": expected ${expected}.`);
    };
    if (typeof name !== 'string') refuse(`create metric "${metricName}"`, 'label names as strings', name);
    if (!isText(name)) refuseName('a name of at least one character');
    if (scheme === 'utf8' && name.startsWith(ESCAPED)) refuseName(NOT_ESCAPED);
    if (scheme === 'legacy' && !LABEL_NAME.test(name)) refuseName('letters, digits and "_", not starting with a digit');
    if (name.startsWith('__')) refuseName('a name without "__" at its start, which is reserved for Prometheus');
    if (name === 'le' || name === 'quantile')
      refuseName('another name, since this one is reserved for buckets and quantiles');
    const escaped = underscoredLabelName(name);
    if (seen.has(escaped)) refuseName('each label name once');
    seen.add(escaped);
  }
}

/** Throws a TypeError unless `help` is a string with something in it. */
export function checkHelp(help: unknown, metricName: string): asserts help is string {
  if (typeof help !== 'string' || help.trim() === '')
    refuse(`create metric "${metricName}"`, 'a help text that says what it counts or measures', help);
}

/**
 * Throws unless `unit` can be the unit of a metric of this name, which must end with it (before a counter's `_total`), as
 * OpenMetrics wants: a scrape in which it does not is refused whole. The empty string stands for no unit.
 */
export function checkUnit(unit: unknown, metricName: string, type: MetricType): asserts unit is string {
  if (unit === '') return;
  if (typeof unit !== 'string') refuse(`create metric "${metricName}"`, 'unit to be a string', unit);
  const [end, name] = type === 'counter' ? ['_total', metricName.replace(/_total$/, '')] : ['', metricName];
  const hasUnit = type !== 'info' && type !== 'stateset';
  if (hasUnit && /^\w+$/.test(unit) && name.endsWith(`_${unit}`)) return;
  throw new RangeError(
    `Cannot create metric "${metricName}": expected ` +
      (hasUnit
        ? `a name that ends with its unit, "…_${unit}${end}", the unit of letters, digits and "_"`
        : `no unit, which a metric of type ${type} has not`) +
      `, got unit ${describe(unit)}.`,
  );
}

const SUFFIXES: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_sum', '_count', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
};

/**
 * The names of the series that a family of this name and type exposes, in whatever format: no other family of the
 * registry may have one of them. Those that escaping makes the same count as the same: a scraper that gets underscores
 * would find one series twice. Another way of escaping may be given. OpenMetrics 1.0, "Suffixes".
 */
export function seriesNames(
  name: string,
  type: MetricType,
  escape: (name: string) => string = underscoredMetricName,
): string[] {
  const escaped = escape(name);
  return [escaped, ...(SUFFIXES[type] ?? []).map((suffix) => escaped + suffix)];
}

/** The most characters of a string that a message quotes. */
const MAX_QUOTED = 200;

/**
 * Returns a value the way error messages show it: strings quoted, long ones cut, the rest by name or kind. Runs no code of
 * the value's, and never throws.
 */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value, MAX_QUOTED));
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  return isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

function isArray(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false; // a revoked Proxy
  }
}

/** Whether UTF-8 can carry it, and there is something to carry. */
function isText(name: string): boolean {
  return name !== '' && name.isWellFormed();
}
