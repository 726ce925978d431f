'use strict';

const { EventEmitter } = require('node:events');
const Module = require('node:module');
const client = require('prom-client');
const { finish } = require('./serve.cjs');

// What tells of collections is native and may not be built: its place takes one that tells of three.
const stats = new EventEmitter();
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === '@sematext/gc-stats' ? () => stats : load.call(this, request, ...rest);
};

async function run() {
  const registry = new client.Registry();
  require('prometheus-gc-stats')(registry, { prefix: 'shop_' })();
  for (const gctype of [1, 1, 8]) stats.emit('stats', { gctype, pause: 5e8, diff: { usedHeapSize: -1000 } });
  stats.emit('stats', { gctype: 99, pause: 1e9, diff: { usedHeapSize: 10 } });
  finish({ text: await registry.metrics() });
}

run();
