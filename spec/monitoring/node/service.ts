import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, collectDefaultMetrics, register, startMetricsServer } from '@finpilot/metrics';
import { instrumentHttp, setRoute } from '@finpilot/metrics/http';
import { nativeBuckets } from '@finpilot/metrics/native';
import { startMetricsThread } from '@finpilot/metrics/thread';

// A service that fails on demand, run by start-service.ts: `node service.js semconv|classic classic|native`. It prints where it
// listens, and where its metrics are.

const [, , names, buckets] = process.argv;
if (names !== 'semconv' && names !== 'classic')
  throw new TypeError(`Cannot start: expected semconv or classic, got ${names}`);

const isNative = buckets === 'native';
collectDefaultMetrics();
instrumentHttp(undefined, { names, ...(isNative ? { buckets: nativeBuckets(), sizeBuckets: nativeBuckets() } : {}) });
// The thread answers while the loop is blocked, but reports native histograms as classic ones.
const start = isNative ? startMetricsServer : startMetricsThread;
const metrics = await start({ port: 0, host: '127.0.0.1' });
const visits = new Counter({ name: 'visits_total', help: 'Visits.', labelNames: ['visitor'], maxSeries: 1 });
register.registerCollector({
  name: 'broken',
  collect: () => {
    throw new Error('provoked');
  },
});

type Handler = (request: IncomingMessage, response: ServerResponse, url: string) => Promise<void> | void;

const handlers: Readonly<Record<string, Handler>> = {
  '/orders/:id': (request, response) => {
    visits.inc({ visitor: request.url! });
    request.resume().on('end', () => response.end('an order'));
  },
  '/slow': async (_request, response) => {
    await sleep(600);
    response.end('late');
  },
  '/broken': (_request, response) => void response.writeHead(500).end('broken'),
  '/never': () => undefined,
  '/block': (request, response) => {
    const seconds = Number(new URL(request.url!, 'http://localhost').searchParams.get('seconds'));
    const until = performance.now() + 1000 * seconds;
    while (performance.now() < until);
    response.end('blocked');
  },
  // Asks itself, and a server that is gone.
  '/upstream': async (_request, response, url) => {
    await (await fetch(`${url}/orders/7`)).text();
    await (await fetch(`${url}/broken`)).text();
    await fetch(`http://127.0.0.1:${gone}/`).catch(() => undefined);
    response.end('asked');
  },
};

const gone = await portOfClosedServer();
const server = createServer((request, response) => {
  const path = request.url!.replace(/\?.*/, '').replace(/^\/orders\/.*/, '/orders/:id');
  const handler = handlers[path];
  if (handler === undefined) return void response.writeHead(404).end('not found');
  setRoute(request, path);
  void handler(request, response, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port, metrics: new URL(metrics.url).host }));
});

async function portOfClosedServer(): Promise<number> {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  return port;
}
