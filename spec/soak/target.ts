import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Gauge, MetricsRegistry, PrometheusExporter, startMetricsServer } from '@finpilot/metrics';
import { createFinpilotMetrics, type FinpilotMetrics } from '@finpilot/metrics/finpilot';
import type { TargetOptions, TargetState } from './target-options.ts';

// The process under load: started by start-target.ts, told its options by an argument, asked for its state by messages.
// It ends with the process that started it.

const options = JSON.parse(process.argv[2]!) as TargetOptions;
const registry = new MetricsRegistry({ maxSeries: 2_000_000 });
const metrics = createFinpilotMetrics(registry);
let updates = 0;

fill(metrics);
if (options.series !== undefined) fillLarge(options.series);
const port = options.kind === 'bare' ? await serveBare() : await serveMetrics();
process.on('disconnect', () => process.exit());
process.on('message', () => void tellState());
if (options.updatesPerSecond !== undefined) void update(options.updatesPerSecond);
process.send!({ port });

/** As many series as the scanner has after a while. */
function fill({
  scansTotal,
  recordScan,
  apiLatencySeconds,
  authAttemptsTotal,
  rateLimitRequestsTotal,
}: FinpilotMetrics): void {
  for (const strategy of ['momentum', 'swing', 'reversal']) {
    recordScan({
      strategy,
      durationSeconds: 0.2,
      symbolsScanned: 6,
      symbolsMatched: 2,
      signals: { long: 1, short: 1 },
    });
    recordScan({ strategy, failureReason: 'rate_limited' });
    scansTotal.inc({ strategy }, 100);
  }
  for (const endpoint of ['/bars/:symbol', '/quotes/:symbol', '/login']) {
    for (const status of ['200', '401', '429']) apiLatencySeconds.observe({ endpoint, method: 'GET', status }, 0.004);
    for (const outcome of ['allowed', 'limited']) rateLimitRequestsTotal.inc({ endpoint, outcome });
  }
  for (const outcome of ['success', 'failure']) authAttemptsTotal.inc({ method: 'bearer', outcome });
}

function fillLarge(series: number): void {
  const gauge = new Gauge({
    name: 'price_dollars',
    help: 'Last price.',
    labelNames: ['symbol'],
    registers: [registry],
  });
  for (let i = 0; i < series; i++) gauge.set({ symbol: `symbol ${i}` }, i / 7);
}

async function serveMetrics(): Promise<number> {
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', registry, ...options.server });
  return server.port;
}

async function serveBare(): Promise<number> {
  const bytes = await new PrometheusExporter(registry).render();
  const headers = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Content-Length': bytes.length };
  const server = createServer((_request, response) => void response.writeHead(200, headers).end(bytes));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Counts and observes so often that the loop is given back about once a millisecond. */
async function update(perSecond: number): Promise<never> {
  const scans = metrics.scansTotal.labels('momentum');
  const latency = metrics.apiLatencySeconds.labels({ endpoint: '/login', method: 'GET', status: '200' });
  const startedAt = performance.now();
  for (;;) {
    const due = ((performance.now() - startedAt) / 1000) * perSecond;
    // No more at once than for 5 ms: scrapes have their turn even if updates fall behind.
    for (let i = Math.min(due - updates, perSecond / 200); i > 0; i -= 2) {
      scans.inc();
      // A torn histogram would show a sum that its buckets do not allow.
      latency.observe(0.001 * (1 + (updates & 63)));
      updates += 2;
    }
    await setImmediate();
  }
}

async function tellState(): Promise<void> {
  // What has just ended is given up in the turns after.
  for (let i = 0; i < 3; i++) {
    await setImmediate();
    globalThis.gc!();
  }
  const state: TargetState = {
    heapBytes: process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers,
    resources: process.getActiveResourcesInfo().length,
    updates,
  };
  process.send!(state);
}
