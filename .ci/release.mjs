// Prepares a release: `node .ci/release.mjs VERSION [--date YYYY-MM-DD]`. Publishes nothing.
//
// 1. Checks that the tree is clean, that VERSION follows the one in package.json, and that CHANGELOG.md has entries for it:
//    below `## [Unreleased]`, or below `## [VERSION] - unreleased`.
// 2. Writes VERSION into package.json and package-lock.json, and the date into CHANGELOG.md.
// 3. Says what is left to do: look at the diff, run .ci/run, commit, tag, `npm publish`.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { date: { type: 'string' }, root: { type: 'string' } },
  allowPositionals: true,
});
const root = values.root ?? join(import.meta.dirname, '..');
const date = values.date ?? new Date().toISOString().slice(0, 10);
const [version] = positionals;
if (version === undefined || !/^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/.test(version)) {
  fail(`expected a version such as 1.2.3, got ${version ?? 'none'}. Usage: node .ci/release.mjs VERSION`);
}

const git = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
if (git.status !== 0 || git.stdout !== '')
  fail('expected a clean working tree. Commit or discard what git status shows.');

const about = read('package.json');
const current = JSON.parse(about).version;
const lock = read('package-lock.json');
const changelog = read('CHANGELOG.md');
const isFirst = changelog.includes(`## [${current}] - unreleased`) && current === version;
if (!isFirst && !follows(version, current)) fail(`expected a version above ${current}, got ${version}.`);

const heading = [`## [${version}] - unreleased`, '## [Unreleased]'].find((text) => changelog.includes(`${text}\n`));
if (heading === undefined)
  fail(`expected CHANGELOG.md to have a section "## [Unreleased]" or "## [${version}] - unreleased".`);
const section = changelog.slice(changelog.indexOf(heading) + heading.length).split(/^## /m)[0];
if (!/^- \S/m.test(section)) fail(`expected entries below "${heading}" in CHANGELOG.md, got none.`);

write('package.json', about.replace(`"version": "${current}"`, `"version": "${version}"`));
write('package-lock.json', lock.replaceAll(/("name": "@finpilot\/metrics",\s+"version": )"[^"]+"/g, `$1"${version}"`));
write('CHANGELOG.md', changelog.replace(heading, `## [${version}] - ${date}`));
console.log(
  `Prepared ${version}. Next: git diff, .ci/run, git commit -am "release ${version}", git tag v${version}, npm publish.`,
);

/** Whether one version is above another; a pre-release is below its release. */
function follows(next, previous) {
  const [a, b] = [next, previous].map((text) => {
    const [core, pre] = text.split(/-(.*)/s);
    return [...core.split('.').map(Number), pre === undefined ? 1 : 0, pre ?? ''];
  });
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && a[at] > b[at];
}

function read(name) {
  return readFileSync(join(root, name), 'utf8');
}

function write(name, text) {
  writeFileSync(join(root, name), text);
}

function fail(reason) {
  console.error(`Cannot prepare a release: ${reason}`);
  process.exit(1);
}
