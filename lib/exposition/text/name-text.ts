import { isLegacyLabelName, isLegacyMetricName } from '../../model/names.ts';
import { escapeLabelValue } from './escape.ts';

/** Returns an escaped metric name as metadata lines take it: in quotes if it is no identifier. */
export function metricNameText(name: string): string {
  return isLegacyMetricName(name) ? name : `"${escapeLabelValue(name)}"`;
}

/** Returns an escaped label name as label lists take it: in quotes if it is no identifier. */
export function labelNameText(name: string): string {
  return isLegacyLabelName(name) ? name : `"${escapeLabelValue(name)}"`;
}
