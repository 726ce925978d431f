import { errorText } from '../model/error-text.ts';

/** Returns the error for a server that cannot listen: what was tried, what is wrong and what to do; `code` is kept. */
export function listenError(cause: NodeJS.ErrnoException, port: number, host: string | undefined): Error {
  const place = `port ${port} of ${host === undefined ? 'all interfaces' : `host ${JSON.stringify(host)}`}`;
  const error = new Error(`Cannot serve metrics on ${place}: ${explain(cause, port)}`, { cause });
  return Object.assign(error, { code: cause.code });
}

function explain(cause: NodeJS.ErrnoException, port: number): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return (
        'expected a free port, got one that is taken (EADDRINUSE). ' +
        `Stop what listens there, choose another port than ${port}, or 0 for any free one.`
      );
    case 'EACCES':
      return 'permission denied (EACCES): ports below 1024 need privileges. Choose a port above 1023.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return (
        `expected a host name or address of this machine, got one that is not (${cause.code}). ` +
        'Leave host out to listen on all interfaces.'
      );
    default:
      return (
        `expected to listen there, got ${cause.code ?? 'an error'} (${errorText(cause)}). ` +
        'Choose another port or host.'
      );
  }
}
