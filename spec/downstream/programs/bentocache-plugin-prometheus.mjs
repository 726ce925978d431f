import { prometheusPlugin } from '@bentocache/plugin-prometheus';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { register } from 'prom-client';

const cache = new BentoCache({
  default: 'shop',
  plugins: [prometheusPlugin({ prefix: 'shop', keyGroups: [[/^order:(\d+)$/, 'order:*'], [/^user:(\w)/, ([, first]) => `user:${first}`]] })],
  stores: { shop: bentostore().useL1Layer(memoryDriver({})) },
});
for (const id of [1, 2, 1]) await cache.getOrSet({ key: `order:${id}`, factory: () => 'order' });
await cache.set({ key: 'user:ann', value: 1 });
await cache.get({ key: 'user:bob' });
await cache.delete({ key: 'user:ann' });
await cache.clear();
process.stdout.write(JSON.stringify({ text: await register.metrics() }), () => process.exit());
