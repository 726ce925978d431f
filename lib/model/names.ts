// Prometheus data model, "Metric names and labels": what every version of Prometheus takes.
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Throws unless `name` is a metric name: a TypeError if it is no string, else a RangeError. */
export function checkMetricName(name: unknown): asserts name is string {
  if (typeof name !== 'string') {
    throw new TypeError(`Cannot create a metric: expected its name to be a string, got ${describe(name)}.`);
  }
  if (!METRIC_NAME.test(name)) {
    throw new RangeError(
      `Cannot create metric ${describe(name)}: expected a name of letters, digits, "_" and ":" that does not start ` +
        `with a digit, got ${describe(name)}.`,
    );
  }
}

/**
 * Throws unless `names` are distinct label names that a metric may use. `__` at the start is reserved for Prometheus;
 * `le` and `quantile` carry the buckets of histograms and the quantiles of summaries.
 */
export function checkLabelNames(names: readonly unknown[], metricName: string): void {
  const seen = new Set<unknown>();
  for (const name of names) {
    const refuse = (expected: string): never => {
      throw new RangeError(`Cannot use label ${describe(name)} of metric "${metricName}": expected ${expected}.`);
    };
    if (typeof name !== 'string') {
      throw new TypeError(`Cannot create metric "${metricName}": expected label names as strings, got ${describe(name)}.`);
    }
    if (!LABEL_NAME.test(name)) refuse('letters, digits and "_", not starting with a digit');
    if (name.startsWith('__')) refuse('a name without "__" at its start, which is reserved for Prometheus');
    if (name === 'le' || name === 'quantile') refuse('another name, since this one is reserved for buckets and quantiles');
    if (seen.has(name)) refuse('each label name once');
    seen.add(name);
  }
}

/** Throws a TypeError unless `help` is a string with something in it. */
export function checkHelp(help: unknown, metricName: string): asserts help is string {
  if (typeof help !== 'string' || help.trim() === '') {
    throw new TypeError(
      `Cannot create metric "${metricName}": expected a help text that says what it counts or measures, ` +
        `got ${describe(help)}.`,
    );
  }
}

/** Returns a value the way error messages show it: strings quoted, the rest by name or kind. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
