/**
 * Returns what there is to say about a thrown value, never empty. A failed connection may carry its reason in `code`
 * alone: the AggregateError of a host with several addresses has an empty message.
 */
export function errorText(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error);
    return error.message || String((error as { code?: unknown }).code ?? error.name);
  } catch {
    // A thrown object without a prototype, or with a `toString` that throws.
    return 'an error that cannot be shown as text';
  }
}
