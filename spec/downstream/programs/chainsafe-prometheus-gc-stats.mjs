import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gcStats } from '@chainsafe/prometheus-gc-stats';
import { Registry } from 'prom-client';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const registry = new Registry();
const stop = gcStats(registry, { prefix: 'shop_', collectionInterval: 10 });
let text;
do {
  gc();
  gc({ type: 'minor' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  text = await registry.metrics();
} while (!/runs_total\{gctype="MarkSweepCompact"\}/.test(text) || !/runs_total\{gctype="Scavenge"\}/.test(text));
stop();
process.stdout.write(JSON.stringify({ text }), () => process.exit());
