'use strict';

const express = require('express');
const swaggerStats = require('swagger-stats');
const { ask, finish, serve } = require('./serve.cjs');

async function run() {
  const app = express();
  const swaggerSpec = { swagger: '2.0', info: { title: 'Shop', version: '1' }, paths: { '/orders/{id}': { get: { responses: {} } } } };
  app.use(swaggerStats.getMiddleware({ name: 'shop', version: '1', hostname: 'host', ip: '127.0.0.1', swaggerSpec, durationBuckets: [50, 1000], requestSizeBuckets: [100], responseSizeBuckets: [100, 1000] }));
  app.get('/orders/:id', (_, response) => response.send('order'));
  app.get('/broken', (_, response) => response.status(500).send('no'));
  const { url } = await serve(app);
  for (const path of ['/orders/1', '/orders/2', '/broken', '/none']) await ask(url + path);
  await ask(`${url}/orders/3`, { method: 'POST', body: 'x' });
  finish({ text: await ask(`${url}/swagger-stats/metrics`) });
}

run();
