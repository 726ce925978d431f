// Installs the packages that spec/downstream drives: `node .ci/downstream.mjs FOLDER [--next]`. Build first
// (`node .ci/build.mjs`).
//
// Two trees of the same packages, each with a package.json as its user would write it:
//   FOLDER/prom-client  on prom-client itself
//   FOLDER/override     with `"prom-client": "file:../finpilot-metrics.tgz"`, this checkout packed by npm, and with the same
//                       as `@prometheus-io/client`, prom-client's successor
// Both have `"overrides": { "prom-client": "$prom-client" }`, and the same of the other name, so that whatever asks for one of
// them gets that one.
// With --next also FOLDER/next: Next.js and this checkout, for the recipe of docs/frameworks.md.
//
// The first run installs 520 packages twice, in a minute; a later one puts the newly packed library into the trees that have it.
// Then `FINPILOT_DOWNSTREAM=FOLDER node .ci/test.mjs spec/downstream spec/prom-client spec/docs/frameworks`.
//
// .ci/run does without Next.js, whose specs are skipped then: to install it and to run them takes almost a minute more.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installTree, openFolder, pack, packageOf, withPacked } from './trees.mjs';

const { values: options, positionals } = parseArgs({ options: { next: { type: 'boolean' } }, allowPositionals: true });
const folder = openFolder(positionals[0], 'node .ci/downstream.mjs FOLDER [--next]');
await pack(folder);
const users = packageOf('spec', 'downstream');
const names = ['prom-client', '@prometheus-io/client'];
const overrides = Object.fromEntries(names.map((name) => [name, `$${name}`]));
await Promise.all([
  installTree(folder, 'prom-client', { ...users, overrides }),
  installTree(folder, 'override', { ...names.reduce(withPacked, users), overrides }),
]);
// A tree that is there shall not keep the library of an earlier run.
if (options.next || existsSync(join(folder, 'next')))
  await installTree(folder, 'next', withPacked(packageOf('spec', 'downstream', 'next'), '@finpilot/metrics'));
