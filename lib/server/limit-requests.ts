import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from './request-handler.ts';
import { PLAIN_TEXT, send } from './responses.ts';

/**
 * Answers a request whose URL is too long with 414, and one with a body with 413: nothing that is served here takes one.
 * A body is not read: the connection ends with the answer. Anything else goes to `handler`.
 */
export function limitRequests(handler: RequestHandler, maxUrlLength: number): RequestHandler {
  return (request, response) => {
    const refuse = (status: number, body: string) => send(request, response, { status, contentType: PLAIN_TEXT, body });
    const isWithBody = hasBody(request);
    if (isWithBody) response.setHeader('Connection', 'close');
    if ((request.url ?? '').length > maxUrlLength) {
      refuse(414, `Cannot answer: expected a URL of at most ${maxUrlLength} characters.\n`);
    } else if (isWithBody && (request.method === 'GET' || request.method === 'HEAD')) {
      refuse(413, 'Cannot answer: expected a request without a body.\n');
    } else handler(request, response);
  };
}

// RFC 9112, section 6: one of these two announces a body.
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
