import { lint } from './lint.ts';
import { sampleValue } from './sample-value.ts';

export { lint, sampleValue };
export type { LintProblem } from './lint.ts';

/** The same names as the named exports. */
export default { lint, sampleValue };
