/** Resolves when the event loop has gone round once: what was pending, process warnings included, has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
