import { collectDefaultMetrics as collect } from '../collectors/collect-default-metrics.ts';
import { GROUPS } from '../collectors/groups.ts';

/** The default metrics, with the names of their groups in `metricsList`: those that the option `without` takes. */
export const collectDefaultMetrics: typeof collect & { readonly metricsList: readonly string[] } = Object.assign(collect, {
  metricsList: Object.freeze(Object.keys(GROUPS)),
});
