/** Returns the path of a request's target, without the query. */
export function pathOf(target: string): string {
  const end = target.indexOf('?');
  const path = end === -1 ? target : target.slice(0, end);
  // From a proxy: an absolute URL.
  return path.startsWith('/') ? path : path.replace(/^\w+:\/\/[^/]*/, '') || '/';
}
