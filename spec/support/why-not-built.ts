import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/**
 * Why there is no compiled library in `dist/lib`; `false` where there is one. Fits the `skip` option of a test.
 *
 * Only specs that run from their sources can lack it: the built ones lie beside it.
 */
export function whyNotBuilt(): string | false {
  const isBuilt = existsSync(join(packageRoot(), 'dist', 'lib', 'index.js'));
  return isBuilt ? false : 'dist/ is not built: node .ci/build.mjs';
}
