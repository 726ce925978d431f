import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = readFileSync(join(packageRoot(), 'README.md'), 'utf8');

test('README.md says the two commands first', () => {
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command]) => command);
  assert.deepEqual(commands.slice(0, 2), ['npm start\n', 'npm test\n']);
  assert.ok(page.indexOf('```sh') === page.indexOf('```'), 'no other block comes before them');
});

testOnEach('promtool', 'README.md has a scrape configuration that promtool accepts', ({ path }, t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'prometheus.yml'),
    /^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? assert.fail('there is none'),
  );
  const { status, stderr } = runProgram(path, ['check', 'config', 'prometheus.yml'], folder);
  assert.equal(status, 0, stderr);
});
