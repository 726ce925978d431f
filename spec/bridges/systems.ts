import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';

/** The folder with the packages of spec/bridges/systems, which a spec runs programs in. */
export const SYSTEMS = join(packageRoot(), 'spec', 'bridges', 'systems');

/** Why they cannot be run, for the `skip` of a test; false if they can. With `FINPILOT_REQUIRE_REAL_SYSTEMS=1` never skips. */
export function whyNoSystems(): string | false {
  if (existsSync(join(SYSTEMS, 'node_modules', 'statsd')) || process.env['FINPILOT_REQUIRE_REAL_SYSTEMS'] === '1')
    return false;
  return 'expected the packages of spec/bridges/systems, got none: run `npm ci --ignore-scripts --prefix spec/bridges/systems`';
}
