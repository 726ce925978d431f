import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Case, Measurement } from './case.ts';

const RUN_CASE = fileURLToPath(new URL('./run-case.js', import.meta.url));

/** How to run the measuring process. */
export interface ProcessOptions {
  /** Path of the Node binary; this process's own unless given. */
  readonly node?: string;
  readonly isSlowOnPurpose?: boolean;
}

/** Runs one case for one library in a fresh process. Throws if the process fails; its errors go to stderr. */
export function measureInFreshProcess(
  { figures, nodeFlags = [] }: Case,
  libraryName: string,
  { node = process.execPath, isSlowOnPurpose = false }: ProcessOptions = {},
): Record<string, Measurement> {
  const flags = isSlowOnPurpose ? ['--slow-on-purpose'] : [];
  const output = execFileSync(node, [...nodeFlags, RUN_CASE, figures[0]!.name, libraryName, ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.trimEnd().split('\n').at(-1)!) as Record<string, Measurement>;
}
