import { describe } from '../model/names.ts';

/** Where a gateway is, and who comes there. */
interface GatewayAddress {
  /** Without credentials. */
  readonly url: URL;
  /** `user:password`, if the URL had them. */
  readonly auth: string | undefined;
}

/**
 * Returns the address that a URL gives. Throws a TypeError unless it is an absolute `http:` or `https:` URL; it is not
 * shown then, nor is there a cause, which would have it as a property: there may be credentials in it.
 */
export function gatewayAddress(text: string | URL): GatewayAddress {
  const isText = typeof text === 'string' || text instanceof URL;
  const url = isText && URL.canParse(String(text)) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      'Cannot create a Pushgateway: expected an http or https URL such as "http://localhost:9091", ' +
        `got ${isText ? 'something else that is not shown' : describe(text)}.`,
    );
  }
  const hasCredentials = url.username !== '' || url.password !== '';
  const auth = hasCredentials ? `${decoded(url.username)}:${decoded(url.password)}` : undefined;
  url.username = '';
  url.password = '';
  return { url, auth };
}

function decoded(credential: string): string {
  try {
    return decodeURIComponent(credential);
  } catch {
    throw new TypeError(
      'Cannot create a Pushgateway: expected percent-encoded credentials in its URL, got a "%" that encodes nothing.',
    );
  }
}
