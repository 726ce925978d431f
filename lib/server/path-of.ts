// RFC 9112, section 3.2: a path with a query, or (section 3.2.2, from a proxy) a whole URL, whose path may be empty.
// Not `new URL()`: it throws on targets such as "//", and would make "/x/../metrics" a second name of "/metrics".
const TARGET = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i;

const PLAIN_PATH = /^\/[a-z]*$/;

/** Returns the path of a request's target, without its query; `/` where there is none. */
export function pathOf(target = '/'): string {
  // Nearly all are plain paths, and this is asked three times for each request.
  if (PLAIN_PATH.test(target)) return target;
  return TARGET.exec(target)?.[1] || '/';
}
