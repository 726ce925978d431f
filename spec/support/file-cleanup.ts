import { after } from 'node:test';
import type { Cleanup } from './started-program.ts';

/**
 * A cleanup for what all tests of a file share, run after the last of them. To be created at the top of the file: an
 * `after()` that is called in a `before()` hook belongs to that hook, and runs before the tests.
 */
export function fileCleanup(): Cleanup {
  const cleans: Parameters<Cleanup['after']>[0][] = [];
  after(async () => {
    for (const clean of cleans.reverse()) await clean();
  });
  return { after: (clean) => void cleans.push(clean) };
}
