import type { TestContext } from 'node:test';
import { turn } from './turn.ts';

/** A process warning, with its code. */
export type CodedWarning = Error & { readonly code?: string };

/**
 * Collects the process warnings that are emitted from now on until the test is over. Waits for those of earlier tests
 * first, since Node emits each a little late.
 */
export async function collectWarnings(t: TestContext): Promise<readonly CodedWarning[]> {
  await turn();
  const warnings: CodedWarning[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  return warnings;
}
