import type { TestContext } from 'node:test';

/** Collects the process warnings, which are not printed then, until the test is over. */
export function collectWarnings(t: TestContext): string[] {
  const messages: string[] = [];
  t.mock.method(process, 'emitWarning', (message: string) => void messages.push(message));
  return messages;
}
