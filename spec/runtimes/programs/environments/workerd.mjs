// Cloudflare's runtime: `node workerd.mjs CLAIM`. The core, and with `main` the main entry, which needs nodejs_compat.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';

const bundle = join(import.meta.dirname, '..', '..', 'node_modules', '@finpilot', 'metrics', 'dist', 'bundle');
const [claim] = process.argv.slice(2);
const worker = `
  import { Counter, register } from './${claim === 'core' ? 'core' : 'index'}.js';
  const requests = new Counter({ name: 'requests_total', help: 'Requests.' });
  export default {
    async fetch() {
      requests.inc();
      return new Response(await register.metrics(), { headers: { 'content-type': register.contentType } });
    },
  };`;
const files = readdirSync(bundle).filter((name) => name.endsWith('.js') && name !== 'cli.js');
const miniflare = new Miniflare({
  modulesRoot: bundle,
  modules: [
    { type: 'ESModule', path: join(bundle, 'worker.mjs'), contents: worker },
    ...files.map((name) => ({ type: 'ESModule', path: join(bundle, name), contents: readFileSync(join(bundle, name), 'utf8') })),
  ],
  compatibilityDate: '2026-01-01',
  compatibilityFlags: claim === 'core' ? [] : ['nodejs_compat'],
});
const text = await (await miniflare.dispatchFetch('http://localhost/metrics')).text();
await miniflare.dispose();
if (!text.includes('requests_total 1\n')) throw new Error(text);
console.log('works');
