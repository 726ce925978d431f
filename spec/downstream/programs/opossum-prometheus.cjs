'use strict';

const CircuitBreaker = require('opossum');
const PrometheusMetrics = require('opossum-prometheus');
const { finish } = require('./serve.cjs');

async function run() {
  const circuit = new CircuitBreaker(async (fails) => { if (fails) throw new Error('no'); }, { name: 'quotes', errorThresholdPercentage: 50 });
  const metrics = new PrometheusMetrics({ circuits: [circuit], metricPrefix: 'shop_' });
  await circuit.fire(false);
  await circuit.fire(true).catch(() => {});
  await circuit.fire(false).catch(() => {});
  const text = await metrics.metrics;
  metrics.clear();
  finish({ text, left: (await metrics.metrics).trim() });
}

run();
