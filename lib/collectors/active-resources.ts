import { type Group, type Naming, type Reading, readTogether } from './group.ts';

/**
 * What keeps the event loop alive: sockets, servers, child processes, requests under way, timers. Linear in their number,
 * 0.2 µs each (EPYC, Node 20); a scrape sees its own connection.
 *
 * ```text
 * nodejs_active_resources{type="TCPSocketWrap"} 12
 * nodejs_active_resources{type="Timeout"} 3
 * nodejs_active_resources_total 15
 * ```
 *
 * The names that end in `_total` belong to gauges, against the naming rules: dashboards ask for them. Those of handles and
 * requests do so too.
 */
export function processResources(
  naming: Naming,
  readTypes: () => readonly string[] = () => process.getActiveResourcesInfo(),
): Group {
  const byType =
    'Number of active resources that are currently keeping the event loop alive, grouped by async resource type.';
  return countByType(naming, 'resources', byType, readTypes);
}

/** Lists of objects that Node does not document; a Node without them has no such metrics. */
type Internals = Readonly<
  Record<'_getActiveHandles' | '_getActiveRequests', (() => readonly (object | null | undefined)[]) | undefined>
>;

/**
 * Handles of the event loop by the class of their JavaScript object: sockets, servers, child processes.
 *
 * ```text
 * nodejs_active_handles{type="Socket"} 12
 * nodejs_active_handles_total 12
 * ```
 */
export function processHandles(naming: Naming, internals: Internals = process as unknown as Internals): Group {
  const byType = 'Number of active libuv handles grouped by handle type. Every handle type is C++ class name.';
  return countObjects(naming, 'handles', byType, internals, '_getActiveHandles');
}

/**
 * Requests under way by class: file system, DNS, connects, writes. Node 26 no longer lists those of the file system.
 *
 * ```text
 * nodejs_active_requests{type="FSReqCallback"} 2
 * nodejs_active_requests_total 2
 * ```
 */
export function processRequests(naming: Naming, internals: Internals = process as unknown as Internals): Group {
  const byType = 'Number of active libuv requests grouped by request type. Every request type is C++ class name.';
  return countObjects(naming, 'requests', byType, internals, '_getActiveRequests');
}

/** The list is looked up at each scrape, since tests of programs replace it, as they do with prom-client. */
function countObjects(naming: Naming, part: string, help: string, internals: Internals, list: keyof Internals): Group {
  if (typeof internals[list] !== 'function') return { metrics: [] };
  return countByType(naming, part, help, () => (internals[list]?.() ?? []).map((one) => one?.constructor?.name));
}

/** A type that is undefined counts in the total only. */
function countByType(
  naming: Naming,
  part: string,
  help: string,
  readTypes: () => readonly (string | undefined)[],
): Group {
  return readTogether(
    naming,
    [
      { type: 'gauge', name: `nodejs_active_${part}`, help, labelNames: ['type'] },
      { type: 'gauge', name: `nodejs_active_${part}_total`, help: `Total number of active ${part}.` },
    ],
    (): Reading[] => {
      const types = readTypes();
      const counts = new Map<string, number>();
      for (const type of types) if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1);
      return [Array.from(counts, ([type, value]) => [[type], value] as const), types.length];
    },
  );
}
