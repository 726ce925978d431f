import { prometheus } from '@hono/prometheus';
import { Hono } from 'hono';
import { Registry } from 'prom-client';

const registry = new Registry();
const { printMetrics, registerMetrics } = prometheus({
  registry,
  prefix: 'shop_',
  collectDefaultMetrics: true,
  metricOptions: { requestsTotal: { customLabels: { tenant: () => 'a' } } },
});
const app = new Hono();
app.use('*', registerMetrics);
app.get('/metrics', printMetrics);
app.get('/orders/:id', (c) => c.text('order'));
for (const path of ['/orders/1', '/orders/2', '/none']) await app.request(path);
const response = await app.request('/metrics');
process.stdout.write(JSON.stringify({ text: await response.text() }), () => process.exit());
