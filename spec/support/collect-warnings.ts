import type { TestContext } from 'node:test';

/** A process warning, with its code. */
export type CodedWarning = Error & { readonly code?: string };

/** Collects the process warnings that are emitted from now on until the test is over. Node emits each a tick late. */
export function collectWarnings(t: TestContext): CodedWarning[] {
  const warnings: CodedWarning[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  return warnings;
}
