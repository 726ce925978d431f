'use strict';

const client = require('@prometheus-io/client');
const { finish } = require('./serve.cjs');

async function run() {
  const app = require('fastify')();
  await app.register(require('fastify-metrics-14'), {
    endpoint: '/metrics',
    defaultMetrics: { enabled: true, labels: { region: 'eu' } },
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
  const other = require('fastify')();
  await other.register(require('fastify-metrics-14'), { endpoint: '/metrics', promClient: require('prom-client') });
  await other.ready();
  const isOther = other.metrics.client.register === require('prom-client').register;
  const { body: ofOther } = await other.inject({ method: 'GET', url: '/metrics' });
  await other.close();
  finish({ text: body, left: [app.metrics.client.register === client.register, isOther, ofOther.includes('process_cpu_seconds_total')] });
}

run();
