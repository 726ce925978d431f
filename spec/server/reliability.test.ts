import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge } from '../../lib/metrics/gauge.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';
import { ask } from './ask.ts';
import { connectRaw, get } from './raw-client.ts';
import { largeRegistry, startServer } from './start-server.ts';
import { turn } from './turn.ts';

// At full size, with other processes and for longer: `npm run soak`.

/**
 * Processor time, of server and client together: on the clock a busy machine makes everything wait (`npm run soak` looks at
 * the clock). Of the thread alone where Node can tell, since collecting garbage has threads of its own.
 */
function cpuUsage(before?: NodeJS.CpuUsage): NodeJS.CpuUsage {
  const { threadCpuUsage } = process as { threadCpuUsage?: typeof process.cpuUsage };
  return threadCpuUsage === undefined ? process.cpuUsage(before) : threadCpuUsage.call(process, before);
}

test('MetricsServer answers /health and /ready after 50 ms of work at most while a scrape of 300,000 series runs', async (t) => {
  const registry = new MetricsRegistry({ maxSeries: 300_000 });
  const gauge = new Gauge({ name: 'price_dollars', help: 'Last price.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 300_000; i++) gauge.set({ i }, i / 7);
  const server = await startServer(t, { registry });
  await ask(`${server.url}/health`);
  let isDone = false;
  const client = await connectRaw(t, server.port);
  client.socket.write(get('/metrics', '1.0'));
  void client.ended.then(() => (isDone = true));
  const works: number[] = [];
  while (!isDone) {
    for (const path of ['/health', '/ready']) {
      const before = cpuUsage();
      await ask(server.url + path);
      const { user, system } = cpuUsage(before);
      works.push((user + system) / 1000);
    }
  }
  assert.match(client.text(), /price_dollars\{i="299999"\} 42857/);
  assert.ok(works.length > 4, `${works.length} answers`);
  const most = Math.max(...works);
  t.diagnostic(`${most.toFixed(0)} ms at most, in ${works.length} answers`);
  assert.ok(most < 50, `${most} ms`);
});

test('MetricsServer has nothing left of 500 aborted scrapes', async (t) => {
  const server = await startServer(t, { registry: largeRegistry(), selfMetrics: true });
  for (let i = 0; i < 500; i++) {
    const client = await connectRaw(t, server.port);
    client.socket.write(get('/metrics'));
    if (i % 2 === 0) await client.until(/symbol number/);
    client.socket.resetAndDestroy();
  }
  let inFlight: number;
  do {
    const families = parseExposition((await ask(`${server.url}/metrics`)).body);
    inFlight = sampleOf(families, 'promhttp_metric_handler_requests_in_flight');
  } while (inFlight > 1);
  await server.close();
  // Ours, at their other ends, close a little later.
  while (process.getActiveResourcesInfo().includes('TCPSocketWrap')) await turn();
});

test('MetricsServer closes a connection whose client takes nothing of its answers for stallTimeoutSeconds', async (t) => {
  const server = await startServer(t, {
    registry: largeRegistry(),
    limits: { stallTimeoutSeconds: 0.5, maxScrapesInFlight: 1 },
  });
  const client = await connectRaw(t, server.port);
  client.socket.pause();
  // More than the buffers of the system hold.
  client.socket.write(get('/metrics').repeat(100));
  // While the answers wait for their client, there is no room for another scrape.
  while ((await ask(`${server.url}/metrics`)).status === 503);
  client.socket.resume();
  assert.match(await client.ended, /^(ECONNRESET|end|close)$/);
});

test('MetricsServer does not take its own slowness for that of a client', async (t) => {
  const server = await startServer(t, { limits: { stallTimeoutSeconds: 0.02 } });
  let looks = 0;
  server.addHealthCheck('slow', async () => {
    // Five times the stall timeout, by the same clock.
    for (; looks < 5; looks++) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  assert.equal((await ask(`${server.url}/health`)).status, 200);
});
