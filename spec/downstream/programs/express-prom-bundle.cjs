'use strict';

const express = require('express');
const promBundle = require('express-prom-bundle');
const { ask, finish, serve } = require('./serve.cjs');

async function run() {
  const app = express();
  app.use(
    promBundle({
      includeMethod: true,
      includePath: true,
      customLabels: { app: 'shop' },
      promClient: { collectDefaultMetrics: { prefix: 'shop_' } },
      normalizePath: [['^/orders/.*', '/orders/#id']],
    }),
  );
  app.use('/summary', promBundle({ metricType: 'summary', httpDurationMetricName: 'summary_seconds', includeUp: false, maxAgeSeconds: 60, ageBuckets: 3 }));
  app.get('/orders/:id', (_, response) => response.send('order'));
  app.get('/summary/one', (_, response) => response.send('one'));
  const { url } = await serve(app);
  for (const path of ['/orders/1', '/orders/2', '/none', '/summary/one']) await ask(url + path);
  finish({ text: await ask(`${url}/metrics`) });
}

run();
