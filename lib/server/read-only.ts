import type { RequestHandler } from './request-handler.ts';
import { PLAIN_TEXT, send } from './responses.ts';

/** Lets GET and HEAD through to `handler`; answers anything else with 405 and `Allow`. */
export function readOnly(handler: RequestHandler): RequestHandler {
  return (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      handler(request, response);
      return;
    }
    send(request, response, {
      status: 405,
      contentType: PLAIN_TEXT,
      body: `Cannot ${request.method} here: expected GET or HEAD.\n`,
      headers: { Allow: 'GET, HEAD' },
    });
  };
}
