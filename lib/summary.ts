import { Summary } from './metrics/summary.ts';

// An entry of its own, beside the core: most programs need no summary, and the core is to stay within 12 KB.

export type { SummaryChild, SummaryOptions } from './metrics/summary.ts';

export { Summary };

/** The same names as the named exports. */
export default { Summary };
