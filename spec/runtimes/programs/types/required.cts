// As older CommonJS sources do it.

import metrics = require('@finpilot/metrics');
import core = require('@finpilot/metrics/core');

const counter: metrics.Counter<'side'> = new metrics.Counter({ name: 'a_total', help: 'A.', labelNames: ['side'] });
counter.inc({ side: 'buy' });
const registry: core.MetricsRegistry = metrics.register;
const gauge: metrics.default.Gauge = new core.Gauge({ name: 'b', help: 'B.', registers: [registry] });
gauge.set(1);
console.log(metrics.default.Counter === metrics.Counter && metrics.register === core.register);
