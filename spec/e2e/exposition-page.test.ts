import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = readFileSync(join(packageRoot(), 'docs', 'exposition.md'), 'utf8');

testOnEach('promtool3', 'docs/exposition.md has a scrape configuration that Prometheus 3 takes', ({ path }, t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'prometheus.yml'),
    /^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? assert.fail('there is none'),
  );
  const { status, stderr } = runProgram(path, ['check', 'config', 'prometheus.yml'], folder);
  assert.equal(status, 0, stderr);
});
