/** Returns a text that no other reporter or aggregator of this program has. Not a secret. */
export function randomId(): string {
  return Math.random().toString(36).slice(2) + Date.now().toString(36);
}
