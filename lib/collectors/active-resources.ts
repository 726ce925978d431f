import type { CollectedFamily } from '../model/collector.ts';
import { type Group, singleSeries } from './group.ts';

/**
 * What keeps the event loop alive: handles (sockets, servers, child processes), requests under way (file system, DNS,
 * connects, writes), and timers. Linear in their number, 0.2 µs each (EPYC, Node 20); a scrape sees its own connection.
 *
 * ```text
 * nodejs_active_resources{type="TCPSocketWrap"} 12
 * nodejs_active_resources{type="Timeout"} 3
 * nodejs_active_resources_total 15
 * nodejs_active_handles{type="TCPSocketWrap"} 12
 * nodejs_active_handles_total 12
 * nodejs_active_requests_total 0
 * ```
 *
 * All six come from one reading of the public `process.getActiveResourcesInfo()`. In prom-client handles and requests
 * come from undocumented functions, each called twice; so `type` differs there: `TCPSocketWrap` here, `Socket` there.
 * Node 26 no longer lists requests of the file system, in either.
 * The names that end in `_total` belong to gauges, against the naming rules: dashboards ask for them.
 */
export function activeResources(readTypes: () => readonly string[] = () => process.getActiveResourcesInfo()): Group {
  return {
    collect() {
      const resources = readTypes();
      const requests = resources.filter((type) => REQUEST.test(type));
      const handles = resources.filter((type) => !REQUEST.test(type) && !TIMER.test(type));
      return [
        ...countFamilies('resources', 'resources that keep the event loop alive', resources),
        ...countFamilies('handles', 'handles', handles),
        ...countFamilies('requests', 'requests under way', requests),
      ];
    },
  };
}

// Node tells requests from handles by what they are, but gives only their names: CloseReq, FSReqCallback, FSReqPromise,
// GetAddrInfoReqWrap, ConnectWrap, SendWrap, SimpleWriteWrap … A spec compares the counts with Node's own lists.
const REQUEST = /Req|^(Connect|Send|Simple\w+|LibuvWrite\w*|LibuvShutdown\w*)Wrap$/;
const TIMER = /^(Timeout|Immediate)$/;

function countFamilies(part: string, what: string, types: readonly string[]): (CollectedFamily | undefined)[] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [
    {
      name: `nodejs_active_${part}`,
      help: `Number of ${what}, by type.`,
      type: 'gauge',
      series: [...counts].map(([type, value]) => ({ labels: { type }, value })),
    },
    singleSeries('gauge', `nodejs_active_${part}_total`, `Number of ${what}.`, types.length),
  ];
}
