'use strict';

require('reflect-metadata');
const { Controller, Get, Inject, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const {
  getToken, makeCounterProvider, makeGaugeProvider, makeHistogramProvider, makeSummaryProvider, PrometheusModule,
} = require('@willsoto/nestjs-prometheus');
const { ask, finish } = require('./serve.cjs');

// Decorators, called as a compiler would.

class Orders {
  constructor(counter, gauge, histogram, summary) {
    Object.assign(this, { counter, gauge, histogram, summary });
  }

  create() {
    this.counter.inc({ side: 'buy' });
    this.gauge.inc();
    this.histogram.startTimer({ side: 'buy' })();
    this.summary.observe(2);
    return 'created';
  }
}
const names = ['orders_total', 'orders_open', 'order_seconds', 'order_items'];
names.forEach((name, i) => Inject(getToken(name))(Orders, undefined, i));
Get('/orders')(Orders.prototype, 'create', Object.getOwnPropertyDescriptor(Orders.prototype, 'create'));
Controller()(Orders);

class App {}
Module({
  imports: [PrometheusModule.register({ defaultLabels: { app: 'shop' } })],
  controllers: [Orders],
  providers: [
    makeCounterProvider({ name: names[0], help: 'Orders.', labelNames: ['side'] }),
    makeGaugeProvider({ name: names[1], help: 'Open orders.' }),
    makeHistogramProvider({ name: names[2], help: 'Time.', labelNames: ['side'] }),
    makeSummaryProvider({ name: names[3], help: 'Items.', percentiles: [0.5] }),
  ],
})(App);

async function run() {
  const app = await NestFactory.create(App, { logger: ['error'], abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  for (let i = 0; i < 3; i++) await ask(`${url}/orders`);
  finish({ text: await ask(`${url}/metrics`) });
}

run();
