import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { packageRoot } from '../support/package-root.ts';
import { until } from '../support/until.ts';
import { testInBrowser } from './test-in-browser.ts';

const PROGRAM = `
  import { Counter, PrometheusExporter, register } from './core.js';
  const counter = new Counter({ name: 'clicks_total', help: 'Clicks.', labelNames: ['id'] });
  for (let id = 0; id < 5000; id++) counter.inc({ id });
  const openMetrics = await new PrometheusExporter(register).render('application/openmetrics-text;version=1.0.0');
  document.title = (await register.metrics()).includes('clicks_total{id="4999"} 1\\n') && openMetrics.length > 100000;`;

testInBrowser('The core works in a page with a strict content security policy', async ({ tab }, t) => {
  const files = new Map<string, readonly [string, string]>([
    ['/', ['text/html', '<!doctype html><script type="module" src="/program.js"></script>']],
    ['/program.js', ['text/javascript', PROGRAM]],
  ]);
  const server = createServer(({ url = '/' }, response) => {
    const isBundled = !files.has(url) && url.endsWith('.js');
    const [type, body] = isBundled
      ? ['text/javascript', readFileSync(bundled(url))]
      : (files.get(url) ?? ['text/plain']);
    const policy = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'";
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const title = await until('a scrape', async () => (await tab.evaluate<string>('document.title')) || undefined);
  assert.equal(title, 'true');
});

function bundled(url: string): string {
  return join(packageRoot(), 'dist', 'bundle', basename(url));
}
