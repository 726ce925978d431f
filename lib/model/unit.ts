import type { MetricType } from './family.ts';
import { describe } from './names.ts';

/**
 * Throws unless `unit` can be the unit of a metric of this name, which must end with it (before a counter's `_total`), as
 * OpenMetrics wants: a scrape in which it does not is refused whole. The empty string stands for no unit.
 */
export function checkUnit(unit: unknown, metricName: string, type: MetricType): asserts unit is string {
  if (unit === '') return;
  if (typeof unit !== 'string') {
    throw new TypeError(`Cannot create metric "${metricName}": expected unit to be a string, got ${describe(unit)}.`);
  }
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
