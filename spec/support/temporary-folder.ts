import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The absolute path of a new, empty folder that is removed when the test has ended. Links in it are resolved. */
export function temporaryFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'finpilot-metrics-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
