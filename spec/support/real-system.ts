import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';

/** A program that others wrote, and that this machine has. */
export interface RealProgram {
  /** As it was found: `prometheus`, `prometheus3`. */
  readonly name: string;
  readonly path: string;
}

/** The environment variables that say where to look, and whether a program may be missing. */
export type RealSystemEnvironment = Readonly<Record<string, string | undefined>>;

/** What a folder of several versions adds to the name of a program, the newest first. */
const VERSION_SUFFIXES = ['3', '2', ''] as const;

/**
 * The versions of a program that this machine has, the newest first; none if there is none.
 *
 * Each of `prometheus3`, `prometheus2` and `prometheus` is looked for in `$FINPILOT_REAL_SYSTEMS/bin`, and else in
 * `$PATH`; two names of one file count once.
 */
export function findPrograms(name: string, environment: RealSystemEnvironment = process.env): readonly RealProgram[] {
  const { FINPILOT_REAL_SYSTEMS: realSystems = '', PATH: path = '' } = environment;
  const folders = [...(realSystems === '' ? [] : [join(realSystems, 'bin')]), ...path.split(delimiter)];
  const byFile = new Map<string, RealProgram>();
  for (const suffix of VERSION_SUFFIXES) {
    const found = folders.map((folder) => join(folder, name + suffix)).find(isProgram);
    if (found === undefined) continue;
    const file = realpathSync(found);
    if (!byFile.has(file)) byFile.set(file, { name: name + suffix, path: found });
  }
  return [...byFile.values()];
}

/**
 * Declares a test for each version of a program that this machine has, under `claim (prometheus3)`.
 *
 * Where there is none, the test is skipped and says why, there and on standard error; with
 * `FINPILOT_REQUIRE_REAL_SYSTEMS=1` it fails instead.
 */
export function testOnEach(
  name: string,
  claim: string,
  body: (program: RealProgram, t: TestContext) => Promise<void> | void,
  environment: RealSystemEnvironment = process.env,
): void {
  const programs = findPrograms(name, environment);
  for (const program of programs) test(`${claim} (${program.name})`, (t) => body(program, t));
  if (programs.length > 0) return;
  const reason = `expected the program ${name} in $FINPILOT_REAL_SYSTEMS/bin or $PATH, got none`;
  if (environment['FINPILOT_REQUIRE_REAL_SYSTEMS'] === '1') {
    const remedy = 'Install it (.ci/real-systems.sh DIR), or unset FINPILOT_REQUIRE_REAL_SYSTEMS.';
    test(claim, () => {
      throw new Error(`Cannot test: ${reason}. ${remedy}`);
    });
    return;
  }
  console.warn(`NOT TESTED: ${claim}: ${reason}.`);
  test(claim, { skip: reason }, () => undefined);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not for us: either way there is nothing to run
  }
}
