/**
 * A string that two label sets share exactly when they name the same series.
 *
 * The order of labels does not count, and a label with an empty value is the same as no label. `except` leaves one
 * label out: the buckets of one histogram have the same key without `le`.
 */
export function seriesKey(labels: ReadonlyMap<string, string>, except?: string): string {
  const named = [...labels].filter(([name, value]) => value !== '' && name !== except);
  return JSON.stringify(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}
