/** Returns the size of a body by the headers before it: 0 if there is none, `NaN` if it is sent in chunks. */
export function sizeOf(headers: Readonly<Record<string, unknown>>): number {
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  return headers['transfer-encoding'] === undefined ? 0 : NaN;
}

/**
 * Whether a final response is without a body, although it may have the `Content-Length` of what `GET` would get, or would have
 * got before: RFC 9110, section 8.6.
 */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}
