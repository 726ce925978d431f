// Observes an application on a framework: `node drive.mjs FRAMEWORK`. Makes requests of every kind to it, and prints the metrics.

import { once } from 'node:events';
import { connect } from 'node:net';
import { MetricsRegistry } from '@finpilot/metrics/core';
import { instrumentHttp } from '@finpilot/metrics/http';

const registry = new MetricsRegistry();
const { stop } = instrumentHttp(registry, { clients: false });
const { start } = await import(`./apps/${process.argv[2]}.mjs`);
/** Starts to listen; `started` is called when the request for /api/hang has reached its handler. */
let started;
const { port, close } = await start(() => started?.());

const get = async (path) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  await response.arrayBuffer();
  return response.status;
};
const statuses = {};
for (const path of ['/api/orders/7', '/api/orders/8', '/missing/7', '/api/missing/8', '/api/fail/7', '/metrics'])
  statuses[path] = await get(path);

// A client that leaves while its request is being answered.
const reached = new Promise((resolve) => (started = resolve));
const socket = connect(port, '127.0.0.1');
await once(socket, 'connect');
socket.write('GET /api/hang/7 HTTP/1.1\r\nHost: localhost\r\n\r\n');
await reached;
const during = await registry.metrics();
socket.resetAndDestroy();
const settled = async () => /^http_server_request_duration_seconds_count\{.*"499"\}/m.test(await registry.metrics());
while (!(await settled())) await new Promise((resolve) => setTimeout(resolve, 5));

const after = await registry.metrics();
stop();
await get('/api/orders/9');
await close();
process.stdout.write(JSON.stringify({ statuses, during, after, stopped: await registry.metrics() }), () => process.exit());
