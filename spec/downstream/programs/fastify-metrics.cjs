'use strict';

const client = require('prom-client');
const { finish } = require('./serve.cjs');

async function run() {
  const app = require('fastify')();
  const own = new client.Registry();
  await app.register(require('fastify-metrics'), {
    endpoint: '/metrics',
    defaultMetrics: { enabled: true, register: own, labels: { region: 'eu' } },
    routeMetrics: { groupStatusCodes: true, overrides: { labels: { method: 'verb' } } },
  });
  app.get('/orders/:id', async () => 'order');
  const orders = new app.metrics.client.Counter({ name: 'orders_total', help: 'Orders.' });
  for (const url of ['/orders/1', '/orders/2', '/none']) {
    await app.inject({ method: 'GET', url });
    orders.inc();
  }
  const { body } = await app.inject({ method: 'GET', url: '/metrics' });
  await app.close();
  finish({ text: body });
}

run();
