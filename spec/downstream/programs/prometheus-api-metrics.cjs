'use strict';

const express = require('express');
const apiMetrics = require('prometheus-api-metrics');
const { ask, finish, serve } = require('./serve.cjs');

async function run() {
  const app = express();
  app.use(apiMetrics({ additionalLabels: ['tenant'], extractAdditionalLabelValuesFn: () => ({ tenant: 'a' }) }));
  app.get('/orders/:id', (_, response) => response.send('order'));
  const { url } = await serve(app);
  for (const path of ['/orders/1', '/orders/2', '/none']) await ask(url + path);
  finish({ text: await ask(`${url}/metrics`), json: JSON.parse(await ask(`${url}/metrics.json`)) });
}

run();
