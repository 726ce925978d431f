import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { errorText, warn } from '../model/error-text.ts';
import { describe } from '../model/names.ts';
import { ignoreRejection, isThenable } from '../model/promises.ts';
import { type ExpressRequest, expressRoute } from './express-route.ts';

/** The pattern of a route, or several for the same handler; undefined if none matched. */
export type Route = string | RegExp | readonly (string | RegExp)[] | undefined;

/** By request, or for HTTP/2 by stream: the route, where a framework or the application has named it. */
const routes = new WeakMap<object, Route | (() => Route)>();

/**
 * Names the route of a request, for a framework that {@link instrumentHttp} cannot see into, such as Koa and Hono: the pattern
 * that matched, `/orders/:id`, or a function that returns it when the request has ended. Never pass the path: each order would
 * create its own series. A pattern that matches everything, such as `*` or `/*path`, counts as none. The last call counts.
 *
 * @example
 * ```ts
 * koa.use((ctx, next) => {
 *   setRoute(ctx.req, () => ctx._matchedRoute);
 *   return next();
 * });
 * ```
 */
export function setRoute(request: IncomingMessage | Http2ServerRequest, route: Route | (() => Route)): void {
  routes.set('stream' in request ? request.stream : request, route);
}

/** Returns the route that a request, or a stream of HTTP/2, has matched; empty if none. Never throws. */
export function routeOf(request: object): string {
  try {
    return (
      textOf(namedRoute(request) ?? expressRoute(request as ExpressRequest) ?? nextRoute(request as NextRequest)) ?? ''
    );
  } catch {
    return ''; // an object of somebody else, which may be of any shape
  }
}

/** What {@link setRoute} has named. What is no route is reported, and none. */
function namedRoute(request: object): Route {
  const named = routes.get(request);
  try {
    const route: unknown = typeof named === 'function' ? named() : named;
    if (route === undefined || route === null) return undefined;
    if (isThenable(route)) ignoreRejection(route);
    return textOf(route) ?? refuse(describe(route));
  } catch (error) {
    return refuse(errorText(error));
  }
}

/** The label of a route; undefined if it is none. */
function textOf(route: unknown): string | undefined {
  const parts: readonly unknown[] = Array.isArray(route) ? route : [route];
  if (!parts.every((part) => typeof part === 'string' || part instanceof RegExp)) return undefined;
  const text = String(route);
  return EVERYTHING.test(text) ? '' : text;
}

/** As the frameworks write it: `*`, `/*`, `/*path`, `/{*path}`, `(.*)`. */
const EVERYTHING = /^\/?(?:\*\w*|\{\*\w+\}|\(\.\*\))$/;

let hasWarned = false;

function refuse(got: string): string {
  if (!hasWarned) {
    const expected = 'expected a pattern, such as "/orders/:id", or a function that returns one at once';
    warn(
      'METRICS_HTTP_ROUTE',
      `Cannot name the route of a request, so it is counted without: setRoute() ${expected}, got ${got}.`,
    );
  }
  hasWarned = true;
  return '';
}

/** Where Next.js 13 to 16 keep what they know of a request. */
const NEXT_META = Symbol.for('NextInternalRequestMeta');

/** Pages of its own, which it answers with where there is none or one has failed. */
const NEXT_PAGES: ReadonlySet<unknown> = new Set(['/_not-found', '/_error', '/404', '/500']);

interface NextRequest {
  readonly [NEXT_META]?: {
    readonly match?: { readonly definition?: { readonly pathname?: unknown } };
    /** The page that was found first, if any. */
    readonly invokeOutput?: unknown;
  };
}

function nextRoute(request: NextRequest): string | undefined {
  const meta = request[NEXT_META];
  const pathname = meta?.match?.definition?.pathname;
  const route = NEXT_PAGES.has(pathname) ? meta?.invokeOutput : pathname;
  return typeof route === 'string' && !NEXT_PAGES.has(route) ? route : undefined;
}

/** A part of Fastify's instance and request. */
interface Fastify {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
}

interface FastifyRequest {
  readonly raw: IncomingMessage | Http2ServerRequest;
  readonly routeOptions: { readonly url?: string | undefined };
}

/**
 * Fastify tells of each new instance, and of each call of a handler. The hook of an instance also sees requests that end
 * before their handler: refused by validation or by another hook. Instances from before have only the second.
 */
export const FASTIFY_CHANNELS: Readonly<Record<string, (message: never) => void>> = {
  'fastify.initialization': ({ fastify }: { readonly fastify: Fastify }) => {
    fastify.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
      setRoute(raw, routeOptions.url);
      done();
    });
  },
  'tracing:fastify.request.handler:start': ({ request }: { readonly request: FastifyRequest }) => {
    setRoute(request.raw, request.routeOptions.url);
  },
};
