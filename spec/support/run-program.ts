import { spawnSync } from 'node:child_process';
import { deadline } from './deadline.ts';

/** How a program ended. */
export interface ProgramResult {
  /** Exit code; `null` when a signal ended the program. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What tells a child process of the test and coverage runs that it is part of; programs would report to them. */
const INHERITED_FROM_THE_RUN = ['NODE_TEST_CONTEXT', 'NODE_V8_COVERAGE', 'INIT_CWD'];

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
  const inherited = Object.entries(process.env).filter(([name]) => !INHERITED_FROM_THE_RUN.includes(name));
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...environment },
    encoding: 'utf8',
    input,
    maxBuffer: Infinity,
    timeout: deadline(120),
  });
  if (error !== undefined) throw new Error(`Cannot run ${program} ${args.join(' ')} in ${folder}`, { cause: error });
  return { status, stdout, stderr };
}
