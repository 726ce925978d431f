import type { IncomingMessage } from 'node:http';
import { PLAIN_TEXT, type RequestHandler, send } from '../http/exchange.ts';
import type { ServerSettings } from '../metrics-server-options.ts';
import { AllowList } from './addresses.ts';

const LOOPBACK = ['127.0.0.0/8', '::1'];

/**
 * Answers a request with several `Host` headers with 400, as RFC 9112 (section 3.2) requires, and a request for another
 * server's name with 421. Passes others to `handler`.
 *
 * Names are checked on a loopback address, and wherever `allowedHosts` is set. Otherwise a web page whose name is made
 * to resolve to 127.0.0.1 (DNS rebinding) could read the metrics in its visitor's browser, as its own origin. Addresses
 * count as names. On a loopback address only this machine's addresses are accepted; elsewhere any, because the server
 * cannot know which addresses a network maps to it.
 */
export function requireHost(handler: RequestHandler, { host, allowedHosts }: ServerSettings): RequestHandler {
  const own = ['localhost', ...(host === undefined ? [] : [host]), ...(allowedHosts ?? [])];
  const names = new Set(own.map((name) => name.toLowerCase()));
  // Created for the first name that is not in `names`: it loads Node modules that take 100 KB.
  let others: { readonly hostname: string; readonly addresses: AllowList } | undefined;
  const isOther = (name: string): boolean => {
    others ??= {
      hostname: process.getBuiltinModule('node:os').hostname().toLowerCase(),
      addresses: new AllowList([...LOOPBACK, ...own.filter((each) => isAddress(each) && !each.includes('%'))]),
    };
    // Not with an interface, which a list of addresses ignores: 127.0.0.1%evil.example.
    return name === others.hostname || (!name.includes('%') && others.addresses.has(name));
  };
  // A server on all interfaces has names that only its network knows.
  const isOnOneAddress = host !== undefined && !['', '0.0.0.0', '::'].includes(host);
  return (request, response) => {
    const refuse = (status: number, body: string) => send(request, response, { status, contentType: PLAIN_TEXT, body });
    const hosts = hostsOf(request.rawHeaders);
    if (hosts.length > 1) {
      response.setHeader('Connection', 'close');
      refuse(400, 'Cannot answer: expected one Host header.\n');
      return;
    }
    const isOnLoopback = isOnOneAddress && isLoopback(request.socket.localAddress ?? '');
    // HTTP/1.0 has no Host header, and probes may send an empty one; browsers always send a name.
    const authority = authorityOf(request.url) || hosts[0] || '';
    if ((isOnLoopback || allowedHosts !== undefined) && authority !== '') {
      const name = nameOf(authority);
      const isOurs = names.has(name) || isBelowLocalhost(name) || (!isOnLoopback && isAddress(name)) || isOther(name);
      if (!isOurs) {
        refuse(
          421,
          'Cannot answer: expected a request for a name of this server. The option allowedHosts adds names.\n',
        );
        return;
      }
    }
    handler(request, response);
  };
}

/** Whether the address of a socket is a loopback address. */
function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** RFC 6761, section 6.3: names below `localhost` resolve to this machine. */
function isBelowLocalhost(name: string): boolean {
  return /^(?:[^.]+\.)+localhost$/.test(name);
}

function hostsOf(rawHeaders: readonly string[]): string[] {
  const hosts: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[i + 1]!);
  }
  return hosts;
}

/** The authority of a target in absolute form, which overrides the header (RFC 9112, section 3.2.2). */
function authorityOf(target = '/'): string | undefined {
  return target.startsWith('/') ? undefined : /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
}

/** The name or address in an authority, without port and trailing dot; empty if the authority is invalid. */
function nameOf(authority: string): string {
  const [, address, name = ''] = /^(?:\[([^\]]*)\]|([^:]*?)\.?)(?::\d*)?$/.exec(authority) ?? [];
  if (address === undefined) return name.toLowerCase();
  return address.includes(':') ? address : '';
}

function isAddress(name: string): boolean {
  return process.getBuiltinModule('node:net').isIP(name) !== 0;
}

/**
 * Answers a request whose URL is too long with 414, and a request with a body with 413: no path of this server takes
 * one. The body is not read; the connection closes after the answer. Passes other requests to `handler`.
 */
export function limitRequests(handler: RequestHandler, maxUrlLength: number): RequestHandler {
  return (request, response) => {
    const refuse = (status: number, body: string) => send(request, response, { status, contentType: PLAIN_TEXT, body });
    const isWithBody = hasBody(request);
    // After a request for an upgrade Node skips the rest of the packet, so later answers would meet the wrong requests.
    if (isWithBody || request.headers.upgrade !== undefined) response.setHeader('Connection', 'close');
    if ((request.url ?? '').length > maxUrlLength) {
      refuse(414, `Cannot answer: expected a URL of at most ${maxUrlLength} characters.\n`);
    } else if (isWithBody && (request.method === 'GET' || request.method === 'HEAD')) {
      refuse(413, 'Cannot answer: expected a request without a body.\n');
    } else handler(request, response);
  };
}

// RFC 9112, section 6: one of these two headers announces a body.
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
