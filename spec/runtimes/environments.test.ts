import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { CLAIMS, type Claim, ENVIRONMENTS, environmentsTable, tryClaim } from './environments.ts';
import { copyPrograms, whyNoTree } from './trees.ts';

const skip = whyNoTree('hosts');

before(() => {
  if (skip === false) copyPrograms('hosts', 'environments');
});

for (const environment of ENVIRONMENTS) {
  const { name, claims = Object.keys(CLAIMS) as Claim[], fails = {} } = environment;
  test(`The package does in this environment what the table says: ${name}`, { skip }, () => {
    for (const claim of claims) {
      const failure = tryClaim(environment, claim);
      const expected = fails[claim];
      if (expected === undefined) assert.equal(failure, undefined, claim);
      else assert.match(failure ?? 'works', expected, claim);
    }
  });
}

test('The main entry works in workerd with nodejs_compat', { skip }, () => {
  const workerd = ENVIRONMENTS.find(({ program }) => program === 'workerd.mjs')!;
  // Any other claim than the core imports the main entry.
  assert.equal(tryClaim(workerd, 'defaults'), undefined);
});

test('docs/environments.md has the table of these runs: node dist/spec/runtimes/write-environments.js', () => {
  const page = readFileSync(join(packageRoot(), 'docs', 'environments.md'), 'utf8');
  assert.ok(page.includes(`\n\n${environmentsTable()}\n\n`));
});
