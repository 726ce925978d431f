'use strict';

const { EventEmitter, once } = require('node:events');
const bullProm = require('bull-prom');
const client = require('prom-client');
const { finish } = require('./serve.cjs');

/** A queue that needs no Redis: the part of Bull's that bull-prom looks at. */
class Queue extends EventEmitter {
  name = 'orders';
  keyPrefix = '{bull}';

  async getJobCounts() {
    setImmediate(() => this.emit('counted'));
    return { completed: 5, failed: 1, delayed: 0, active: 2, waiting: 3 };
  }
}

async function run() {
  const queue = new Queue();
  const started = bullProm.init({ interval: 5 }).start(queue);
  queue.emit('completed', { processedOn: 1000, finishedOn: 1250 });
  queue.emit('completed', {});
  await once(queue, 'counted');
  started.stop();
  const text = await client.register.metrics();
  started.remove();
  finish({ text, left: (await client.register.metrics()).match(/^jobs_\w+\{.*/gm) ?? [] });
}

run();
