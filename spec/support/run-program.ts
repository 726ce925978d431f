import { spawnSync } from 'node:child_process';
import { deadline } from './deadline.ts';

/** How a program ended. */
export interface ProgramResult {
  /** Exit code; `null` when a signal ended the program. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What tells a child process of the test and coverage runs that it is part of; programs would report to them. Undefined and not
 * left out: Node adds `NODE_V8_COVERAGE` to an environment that does not mention it.
 */
export const OUTSIDE_THE_RUN = { NODE_TEST_CONTEXT: undefined, NODE_V8_COVERAGE: undefined, INIT_CWD: undefined };

/**
 * Runs a program in a folder to its end and returns what it printed; throws an `Error` when it cannot be started or is
 * still running after two minutes. `environment` is set beside this process's variables, and `input` is what the program reads.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  input = '',
): ProgramResult {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: { ...process.env, ...OUTSIDE_THE_RUN, ...environment },
    encoding: 'utf8',
    input,
    maxBuffer: Infinity,
    timeout: deadline(120),
  });
  if (error !== undefined) throw new Error(`Cannot run ${program} ${args.join(' ')} in ${folder}`, { cause: error });
  return { status, stdout, stderr };
}
