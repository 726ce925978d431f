// Installs the tools that spec/runtimes runs the package in: `node .ci/runtimes.mjs FOLDER`. Build first (`node .ci/build.mjs`).
//
// Each folder of spec/runtimes with a package.json becomes a tree of that name in FOLDER, with this checkout, packed by npm,
// as `@finpilot/metrics` and as `prom-client`. A later run puts the newly packed library into the trees that are there.
// Then `FINPILOT_RUNTIMES=FOLDER node .ci/test.mjs spec/runtimes`.

import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTree, openFolder, pack, packageOf, withPacked } from './trees.mjs';

const folder = openFolder(process.argv[2], 'node .ci/runtimes.mjs FOLDER');
// Another user than root reads it too.
chmodSync(folder, 0o755);
const packages = fileURLToPath(new URL('../spec/runtimes', import.meta.url));
await pack(folder);
const names = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'package.json')));
// Two at a time: npm waits for the network as long as it computes.
const install = async () => {
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const packageJson = withPacked(withPacked(packageOf('spec', 'runtimes', name), '@finpilot/metrics'), 'prom-client');
    await installTree(folder, name, { ...packageJson, overrides: { 'prom-client': '$prom-client' } });
  }
};
await Promise.all([install(), install()]);
