/** What plain JavaScript may pass where a number is wanted, and the kind of error that it deserves. */
export const NOT_NUMBERS: readonly unknown[] = ['1', '', 'GET', null, true, 5n, [1], () => 1, Symbol('1'), new Date()];

/** Calls a function of typed parameters as plain JavaScript may. */
export function untyped(target: object, method: string): (...args: unknown[]) => unknown {
  return (...args) => (target as Record<string, (...args: unknown[]) => unknown>)[method]!(...args);
}
