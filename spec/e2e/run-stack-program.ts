import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StackReport } from '../../monitoring/stack/run-stack.ts';
import { packageRoot } from '../support/package-root.ts';
import { findPrograms, type RealProgram, testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What `npm run stack` runs, once built. */
export const STACK_PROGRAM = join(packageRoot(), 'dist', 'monitoring', 'stack', 'main.js');

/** The variables for a run whose programs and temporary files are in folders of its own. */
export interface StackEnvironment extends Readonly<Record<string, string>> {
  readonly TMPDIR: string;
  readonly FINPILOT_REAL_SYSTEMS: string;
}

/** As Debian and as others call it. */
const ALERTMANAGER = findPrograms('alertmanager').length > 0 ? 'alertmanager' : 'prometheus-alertmanager';

/**
 * Declares a test for each Prometheus that this machine has, as testOnEach() does; if Alertmanager or one of `others`
 * is missing, the test is skipped, or fails, for lack of that one.
 */
export function testOnStack(
  others: readonly string[],
  claim: string,
  body: (program: RealProgram, t: TestContext) => Promise<void> | void,
): void {
  const missing = [ALERTMANAGER, ...others].find((name) => findPrograms(name).length === 0);
  testOnEach(missing ?? 'prometheus', claim, body);
}

/** An environment in which `prometheus` is the only one to be found. */
export function stackEnvironment(prometheus: RealProgram, t: TestContext): StackEnvironment {
  const programs = temporaryFolder(t);
  mkdirSync(join(programs, 'bin'));
  // The name that is looked for first.
  symlinkSync(prometheus.path, join(programs, 'bin', 'prometheus3'));
  for (const name of [ALERTMANAGER, 'victoria-metrics']) {
    const [found] = findPrograms(name);
    if (found !== undefined) symlinkSync(found.path, join(programs, 'bin', name));
  }
  return { TMPDIR: temporaryFolder(t), FINPILOT_REAL_SYSTEMS: programs };
}

/** Runs it to its end; asserts that all is well, and that neither processes nor files are left behind. */
export function runStackProgram(prometheus: RealProgram, args: readonly string[], t: TestContext): StackReport {
  const environment = stackEnvironment(prometheus, t);
  const all = [STACK_PROGRAM, '--json', ...args];
  const { status, stdout, stderr } = runProgram(process.execPath, all, packageRoot(), environment);
  assert.equal(stderr, '');
  const report = JSON.parse(stdout) as StackReport;
  assert.deepEqual([...report.panels.missing, ...report.rules.missing], []);
  assert.equal(status, 0, stdout);
  assert.deepEqual(readdirSync(environment.TMPDIR), [], 'files that are left behind');
  assert.deepEqual(report.pids.filter(isRunning), [], 'processes that are left behind');
  return report;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // there is no such process
  }
}
