import { lint } from './lint.ts';
import { sampleValue } from './sample-value.ts';

export type { LintProblem } from './lint.ts';
export { lint, sampleValue };

/** The same names as the named exports. */
export default { lint, sampleValue };
