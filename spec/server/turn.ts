/** Resolves when the event loop has gone round once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
