'use strict';

const cluster = require('node:cluster');
const express = require('express');
const promBundle = require('express-prom-bundle');
const client = require('prom-client');
const { ask, finish, serve } = require('./serve.cjs');

if (cluster.isPrimary) void runPrimary();
else runWorker();

async function runPrimary() {
  const { url } = await serve(express().use('/metrics', promBundle.clusterMetrics()));
  const ports = [];
  for (let i = 0; i < 2; i++) cluster.fork();
  await new Promise((resolve) => {
    cluster.on('message', (_, { port }) => {
      if (port !== undefined && ports.push(port) === 2) resolve();
    });
  });
  for (const [i, port] of ports.entries()) {
    for (let request = 0; request <= i; request++) await ask(`http://127.0.0.1:${port}/orders/${request}`);
  }
  const text = await ask(`${url}/metrics`);
  for (const worker of Object.values(cluster.workers)) worker.process.kill();
  finish({ text });
}

function runWorker() {
  new client.AggregatorRegistry();
  const app = express();
  app.use(promBundle({ autoregister: false, includeMethod: true, includePath: true, normalizePath: [['^/orders/.*', '/orders/#id']] }));
  app.get('/orders/:id', (_, response) => response.send('order'));
  new client.Gauge({ name: 'start_time', help: 'First.', aggregator: 'first' }).set(3);
  // A port of each worker's own: requests of one port go to whichever worker is free.
  const server = app.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => process.send({ port: server.address().port }));
}
