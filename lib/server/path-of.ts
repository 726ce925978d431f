// RFC 9112, section 3.2: a path with a query, or (section 3.2.2, from a proxy) a whole URL, whose path may be empty.
// Not `new URL()`: it throws on targets such as "//", and would make "/x/../metrics" a second name of "/metrics".
const TARGET = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i;

/** Returns the path of a request's target, without its query; `/` where there is none. */
export function pathOf(target = '/'): string {
  return TARGET.exec(target)?.[1] || '/';
}
