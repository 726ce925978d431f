import { pathOf } from './path-of.ts';
import { readOnly } from './read-only.ts';
import type { RequestHandler } from './request-handler.ts';
import { PLAIN_TEXT, send } from './responses.ts';

/**
 * Returns the handler that gives each request to the route of its path, for GET and HEAD; the query string is ignored.
 * An unknown path is answered with 404 and the list of the paths there are.
 */
export function createRouter(routes: Readonly<Record<string, RequestHandler>>): RequestHandler {
  const handlers = new Map(Object.entries(routes).map(([path, handler]) => [path, readOnly(handler)]));
  const body = `Nothing is served at this path. There are ${[...handlers.keys()].join(', ')}\n`;
  const notFound: RequestHandler = (request, response) => {
    send(request, response, { status: 404, contentType: PLAIN_TEXT, body });
  };
  return (request, response) => (handlers.get(pathOf(request.url)) ?? notFound)(request, response);
}
