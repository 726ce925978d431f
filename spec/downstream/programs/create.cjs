'use strict';

const client = require('prom-client');

/** A registry, and the metrics of it by short calls. */
exports.create = function create() {
  const registry = new client.Registry();
  const make = (Metric, options) => new Metric({ name: 'x', help: 'X.', registers: [registry], ...options });
  return {
    registry,
    counter: (options) => make(client.Counter, options),
    gauge: (options) => make(client.Gauge, options),
    histogram: (options) => make(client.Histogram, { buckets: [1, 2.5], ...options }),
    summary: (options) => make(client.Summary, options),
  };
};
