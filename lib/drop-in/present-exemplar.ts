import type { ExemplarLabels } from '../model/exemplar.ts';
import type { LabelValues } from './options.ts';

/** Returns the labels of an exemplar, if there are any: prom-client takes an empty object for none. */
export function presentExemplar(labels: LabelValues | undefined): ExemplarLabels | undefined {
  return labels !== undefined && Object.keys(labels).length > 0 ? (labels as ExemplarLabels) : undefined;
}
