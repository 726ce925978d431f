import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';

const SCRIPT = join(packageRoot(), '.ci', 'release.mjs');

/** Makes a repository with a package at version 0.1.0 and this changelog. */
function repository(t: TestContext, changelog: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'finpilot-release-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const about = { name: '@finpilot/metrics', version: '0.1.0' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(about, undefined, 2)}\n`);
  writeFileSync(
    join(folder, 'package-lock.json'),
    `${JSON.stringify({ ...about, packages: { '': about } }, undefined, 2)}\n`,
  );
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  const git = (...args: readonly string[]): void => void execFileSync('git', args, { cwd: folder });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=Spec', '-c', 'user.email=spec@localhost', 'commit', '--quiet', '-m', 'all');
  return folder;
}

function release(folder: string, version: string): { readonly status: number | null; readonly stderr: string } {
  return runProgram(process.execPath, [SCRIPT, version, '--root', folder, '--date', '2026-12-01'], folder);
}

const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n\n## [0.1.0] - 2026-11-01\n\n- The first.\n';

test('release.mjs writes the version and the date', (t) => {
  const folder = repository(t, CHANGELOG);
  assert.equal(release(folder, '0.2.0').stderr, '');
  assert.match(readFileSync(join(folder, 'package.json'), 'utf8'), /"version": "0\.2\.0"/);
  assert.doesNotMatch(readFileSync(join(folder, 'package-lock.json'), 'utf8'), /0\.1\.0/);
  assert.equal(
    readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'),
    CHANGELOG.replace('[Unreleased]', '[0.2.0] - 2026-12-01'),
  );
});

test('release.mjs dates the section of a first release that names its version', (t) => {
  const folder = repository(t, '# Changelog\n\n## [0.1.0] - unreleased\n\n- The first.\n');
  assert.equal(release(folder, '0.1.0').stderr, '');
  assert.equal(
    readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'),
    '# Changelog\n\n## [0.1.0] - 2026-12-01\n\n- The first.\n',
  );
});

test('release.mjs refuses a changelog without entries for the version', (t) => {
  const empty = CHANGELOG.replace('- Something.\n', '');
  for (const changelog of [empty, CHANGELOG.replace('## [Unreleased]', '## [0.3.0] - unreleased')]) {
    const folder = repository(t, changelog);
    const { status, stderr } = release(folder, '0.2.0');
    assert.equal(status, 1);
    assert.match(stderr, /Cannot prepare a release: expected (entries below|CHANGELOG\.md to have a section)/);
    assert.equal(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'), changelog);
  }
});

test('release.mjs refuses a version that is not above the current one, and a tree that is not clean', (t) => {
  const folder = repository(t, CHANGELOG);
  for (const version of ['0.1.0', '0.0.9', '0.1.0-rc.1', '1', 'v1.0.0']) {
    assert.match(release(folder, version).stderr, /expected a version/, version);
  }
  writeFileSync(join(folder, 'new.txt'), '');
  assert.match(release(folder, '0.2.0').stderr, /expected a clean working tree/);
});
