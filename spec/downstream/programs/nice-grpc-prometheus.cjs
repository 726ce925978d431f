'use strict';

const { createChannel, createClientFactory, createServer } = require('nice-grpc');
const { prometheusClientMiddleware, prometheusServerMiddleware, registry } = require('nice-grpc-prometheus');
const client = require('prom-client');
const { finish } = require('./serve.cjs');

/** A message type as ts-proto would generate it, but in JSON. */
const message = {
  encode: (value) => ({ finish: () => Buffer.from(JSON.stringify(value)) }),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
  fromPartial: (value) => value,
};
const method = (name, requestStream, responseStream) => ({
  name,
  requestType: message,
  responseType: message,
  requestStream,
  responseStream,
  options: {},
});
const orders = {
  name: 'Orders',
  fullName: 'shop.Orders',
  methods: { get: method('Get', false, false), list: method('List', false, true), add: method('Add', true, false) },
};

async function run() {
  const server = createServer().use(prometheusServerMiddleware());
  server.add(orders, {
    async get({ id }) {
      if (id < 0) throw new Error('none');
      return { id };
    },
    async *list({ count }) {
      for (let id = 0; id < count; id++) yield { id };
    },
    async add(requests) {
      let count = 0;
      for await (const _ of requests) count++;
      return { count };
    },
  });
  const port = await server.listen('127.0.0.1:0');
  const channel = createChannel(`127.0.0.1:${port}`);
  const shop = createClientFactory().use(prometheusClientMiddleware()).create(orders, channel);
  await shop.get({ id: 1 });
  await shop.get({ id: -1 }).catch(() => undefined);
  for await (const _ of shop.list({ count: 3 }));
  await shop.add((async function* () { yield { id: 1 }; yield { id: 2 }; })());
  channel.close();
  await server.shutdown();
  client.collectDefaultMetrics();
  finish({ text: await client.Registry.merge([client.register, registry]).metrics() });
}

run();
