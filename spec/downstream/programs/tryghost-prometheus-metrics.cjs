'use strict';

const { EventEmitter, once } = require('node:events');
const { PrometheusClient } = require('@tryghost/prometheus-metrics');
const { MetricsServer } = require('@tryghost/prometheus-metrics/server');
const { ask, finish, serve } = require('./serve.cjs');

async function run() {
  const pushed = [];
  const gateway = await serve((request, response) => {
    pushed.push(`${request.method} ${request.url}`);
    request.resume();
    response.end();
  });
  const ghost = new PrometheusClient({ pushgateway: { enabled: true, url: gateway.url, jobName: 'ghost', interval: 1e6 } });
  ghost.init();
  ghost.registerCounter({ name: 'mails_total', help: 'Mails.', labelNames: ['kind'] }).inc({ kind: 'digest' }, 3);
  ghost.registerGauge({ name: 'members', help: 'Members.', collect() { this.set(7); } });
  ghost.registerHistogram({ name: 'mail_bytes', help: 'Size.', buckets: [10, 100] }).observe(20);
  ghost.registerSummary({ name: 'mail_length', help: 'Length.' }).observe(4);
  const pool = Object.assign(new EventEmitter(), { max: 5, min: 1, numUsed: () => 2, numFree: () => 1, numPendingAcquires: () => 0, numPendingCreates: () => 0 });
  const knex = Object.assign(new EventEmitter(), { client: { pool } });
  ghost.instrumentKnex(knex);
  knex.emit('query', { __knexQueryUid: 'a' });
  knex.emit('query-response', {}, { __knexQueryUid: 'a' });
  const metricsServer = new MetricsServer({ serverConfig: { host: '127.0.0.1', port: 0 }, handler: ghost.handleMetricsRequest.bind(ghost) });
  const { httpServer } = await metricsServer.start();
  if (!httpServer.listening) await once(httpServer, 'listening');
  const text = await ask(`http://127.0.0.1:${httpServer.address().port}/metrics`);
  while (pushed.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const found = [ghost.getMetric('process_cpu_seconds_total'), ghost.getMetric('ghost_members'), ghost.getMetric('none')];
  ghost.stop();
  finish({
    text,
    left: [pushed, found.map((metric) => metric?.name), await ghost.getMetricValues('mails_total'), (await ghost.getMetricsAsArray()).length > 30],
  });
}

run();
