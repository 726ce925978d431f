// Prints the route and the status that instrumentHttp() counts for each path of the application on Next.js (apps/next.mjs).

import { MetricsRegistry } from '@finpilot/metrics/core';
import { instrumentHttp } from '@finpilot/metrics/http';
import { start } from './apps/next.mjs';

const registry = new MetricsRegistry();
instrumentHttp(registry, { clients: false });
const { port } = await start(() => undefined);

const seen = {};
const paths = [
  ...['/', '/things/7', '/things/none', '/things/fail', '/things/away', '/docs/a/b', '/group'],
  ...['/pages/7', '/pages/none', '/pages/fail', '/api/pages/7', '/rewritten/7', '/redirected'],
  ...['/missing', '/404', '/_error', '/_next/static/missing.js'],
];
for (const path of paths) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
  await response.arrayBuffer();
  const duration = registry.getSingleMetric('http_server_request_duration_seconds');
  seen[path] = duration.series.map(({ labelValues: [, route, status] }) => `${route} ${status}`).join();
  duration.clear();
}
process.stdout.write(JSON.stringify(seen), () => process.exit());
