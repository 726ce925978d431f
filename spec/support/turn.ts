/** Resolves after one turn of the event loop, when pending callbacks and process warnings have run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
