'use strict';

const express = require('express');
const { createMiddleware, getContentType, getSummary, signalIsUp, timing } = require('@promster/express');
const { ask, finish, serve } = require('./serve.cjs');

async function run() {
  const app = express();
  app.use(
    createMiddleware({
      app,
      options: {
        metricTypes: ['httpRequestsTotal', 'httpRequestsSummary', 'httpRequestsHistogram'],
        metricPrefix: 'shop_',
        labels: ['tenant'],
        getLabelValues: () => ({ tenant: 'a' }),
        normalizePath: (path) => path.replace(/\d+/, '#'),
        accuracies: ['s'],
      },
    }),
  );
  app.get('/orders/:id', (_, response) => response.send('order'));
  const own = new app.locals.Prometheus.Counter({ name: 'orders_total', help: 'Orders.' });
  const { url } = await serve(app);
  for (const path of ['/orders/1', '/orders/2', '/none']) {
    await ask(url + path);
    own.inc();
  }
  signalIsUp();
  finish({ text: await getSummary(), left: [getContentType(), typeof timing] });
}

run();
