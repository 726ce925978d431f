import type client from '@finpilot/metrics';
import { AggregatorRegistry, Counter, Histogram, register, startMetricsServer } from '@finpilot/metrics';
import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';
import { parse } from '@finpilot/metrics/parse';
import { sampleValue } from '@finpilot/metrics/testing';

/** Counts an order and returns what a scraper reads then. ts-node runs it, and ts-jest as a part of a test. */
export async function scrapeAnOrder(): Promise<{ readonly names: string[]; readonly orders: number | undefined }> {
  const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
  orders.inc({ side: 'buy' });
  const seconds: client.Histogram<'side'> = new Histogram({
    name: 'order_seconds',
    help: 'Time.',
    labelNames: ['side'],
  });
  seconds.observe({ side: 'buy' }, 0.2);
  createFinpilotMetrics();
  await new AggregatorRegistry().clusterMetrics();
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', drainTimeoutSeconds: 0 });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  await server.close();
  return {
    names: parse(text).map(({ name }) => name),
    orders: await sampleValue(register, 'orders_total', { side: 'buy' }),
  };
}
