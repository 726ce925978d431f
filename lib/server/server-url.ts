/** Returns the URL at which this machine reaches a server that was asked to listen on `host`; no slash at its end. */
export function serverUrl(scheme: 'http' | 'https', host: string | undefined, port: number): string {
  // Listening on all interfaces is no address to connect to.
  if (host === undefined || host === '' || host === '0.0.0.0' || host === '::') return `${scheme}://localhost:${port}`;
  return host.includes(':') ? `${scheme}://[${host}]:${port}` : `${scheme}://${host}:${port}`;
}
