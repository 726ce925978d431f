import { pathOf } from './path.ts';

/** The parts of Express 4 and 5 that say which route a request has matched. */
export interface ExpressRequest {
  /** The route whose handler ran last. */
  readonly route?: ExpressRoute;
  readonly app?: ExpressApp;
  readonly originalUrl?: string;
  readonly url?: string;
  readonly res?: { readonly statusCode?: number };
}

interface ExpressRoute {
  readonly path?: unknown;
}

interface ExpressApp {
  /** Express 4. Its `router` is a getter that throws. */
  readonly _router?: ExpressRouter;
  readonly router?: ExpressRouter;
  /** The pattern, or patterns, at which this application is mounted in its parent. */
  readonly mountpath?: unknown;
  readonly parent?: ExpressApp;
}

interface ExpressRouter {
  readonly stack?: readonly Layer[];
}

/** An entry of a router: a route, or a router or other function at a path. */
interface Layer {
  readonly route?: ExpressRoute;
  readonly handle?: ExpressRouter;
  /** The pattern as the application wrote it; since router 2.3 (Express 5.3). */
  readonly rawPath?: unknown;
  /** Express 4 stores what has matched in the layer, Express 5 returns it. */
  match(path: string): boolean | Match;
  readonly path?: string;
  readonly params?: Match['params'];
}

interface Match {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The route by which NestJS answers 404 below its global prefix. */
const NEST_NOT_FOUND = '*path';

/** The patterns of routes that are in one place only, which nearly all are. */
const known = new WeakMap<ExpressRoute, string>();

/**
 * Returns the pattern that a request has matched in Express, with those of the routers around it: `/users/:user/orders/:id`.
 * Undefined if there is none.
 *
 * `request.baseUrl` does not serve: it has values instead of parameters (`/users/7`), and an error that leaves a router resets
 * it. So the routers are searched for the route, once for each.
 */
export function expressRoute({ route, app, originalUrl, url, res }: ExpressRequest): string | undefined {
  if (typeof route !== 'object' || route === null) return undefined;
  if (route.path === NEST_NOT_FOUND && res?.statusCode === 404) return undefined;
  const before = known.get(route);
  if (before !== undefined) return before;
  const mount = mountOf(app);
  const path = pathOf(originalUrl ?? url ?? '/').split('/');
  const inApp = `/${path.slice(mount.split('/').length).join('/')}`;
  const places = placesOf(route, (app?._router ?? app?.router)?.stack ?? []);
  const routers = places.map((layers) => patternOf(layers, inApp)).find((pattern) => pattern !== undefined) ?? '';
  const pattern = mount + routers + textOf(route.path) || '/';
  if (places.length === 1) known.set(route, pattern);
  return pattern;
}

/** The patterns at which an application and those around it are mounted. */
function mountOf(app: ExpressApp | undefined): string {
  if (app?.parent === undefined) return '';
  return mountOf(app.parent) + textOf(app.mountpath);
}

/** The routers that lead to a route, for each place where it is. */
function placesOf(route: ExpressRoute, stack: readonly Layer[]): Layer[][] {
  return stack.flatMap((layer) => {
    if (layer.route === route) return [[]];
    return placesOf(route, layer.handle?.stack ?? []).map((rest) => [layer, ...rest]);
  });
}

/** The pattern of routers within each other; undefined if the path leads elsewhere. */
function patternOf(layers: readonly Layer[], path: string): string | undefined {
  let pattern = '';
  let rest = path;
  for (const layer of layers) {
    const match = matchOf(layer, rest);
    if (match === undefined) return undefined;
    pattern += textOf(layer.rawPath ?? patternByTrial(layer, match));
    rest = `/${rest.slice(match.path.length).replace(/^\//, '')}`;
  }
  return pattern;
}

function matchOf(layer: Layer, path: string): Match | undefined {
  const match = layer.match(path);
  if (match === false) return undefined;
  return match === true ? { path: layer.path ?? '', params: layer.params ?? {} } : match;
}

/**
 * Returns the pattern of a layer that does not have it any more: the path that it has matched, with names instead of values. A
 * segment is a parameter if another text in its place becomes the parameter's value.
 */
function patternByTrial(layer: Layer, { path, params }: Match): string {
  const segments = path.split('/');
  // Express 4 also names those of other patterns for the same router, and optional ones.
  const names = Object.keys(params).filter((name) => params[name] !== undefined);
  for (const name of names) {
    const own = `:${name}`;
    let place = segments.findIndex(
      (segment, i) => segment !== '' && matchOf(layer, segments.with(i, own).join('/'))?.params[name] === own,
    );
    // The pattern may take certain texts only.
    if (place === -1) place = segments.findIndex((segment) => decodeURIComponent(segment) === params[name]);
    if (place === -1) return `/${names.map((each) => `:${each}`).join('/')}`;
    segments[place] = own;
  }
  return segments.join('/');
}

/** The text of a pattern: a string, without a slash at its end, or a regular expression, or an array of both. */
function textOf(path: unknown): string {
  return typeof path === 'string' && path.endsWith('/') ? path.slice(0, -1) : String(path ?? '');
}
