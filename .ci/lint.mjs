// Checks format and lint rules with Biome (.biome.json): `npm run lint`; `npm run lint -- --write` fixes what can be fixed.
//
// Arguments go to `biome check`. Exit code: that of Biome.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const biome = join(root, '.ci', 'biome');

install(biome);
const program = join(biome, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
const args = [program, 'check', '--error-on-warnings', ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
