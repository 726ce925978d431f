'use strict';

const { instrumentHttp } = require('@finpilot/metrics/http');
const { Counter, metricsHandler, register } = require('@finpilot/metrics');

/** Serves orders and their metrics, prints the port, and ends with its parent. */
exports.serve = (exemplars) => {
  register.exemplars = exemplars;
  instrumentHttp();
  const orders = new Counter({ name: 'orders_total', help: 'Orders.' });
  const metrics = metricsHandler();
  // Only now, after the tracer has patched it.
  const { createServer } = require('node:http');
  const server = createServer((request, response) => {
    if (request.url === '/metrics') return metrics(request, response);
    setTimeout(() => {
      orders.inc();
      response.end('an order');
    }, 1);
  });
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
};
