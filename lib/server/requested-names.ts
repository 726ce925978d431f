/**
 * Returns the metric families that the query of a request target asks for, as `?name[]=a&name[]=b`; undefined if it names
 * none, which asks for all.
 */
export function requestedNames(target: string): ReadonlySet<string> | undefined {
  const start = target.indexOf('?');
  if (start === -1) return undefined;
  const names = new URLSearchParams(target.slice(start)).getAll('name[]');
  return names.length === 0 ? undefined : new Set(names);
}
