// Renews the screenshots of the live page in docs/images: `npm run build && node .ci/screenshots.mjs`.
//
// Needs the browser of .ci/browser.sh. Shows the scanner (light, dark, 375 pixels wide, blocked) and a service with metrics of
// HTTP, both run from dist/. Takes two minutes: charts fill up at one scrape every two seconds.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs', 'images');
const WIDE = { width: 1280, height: 860 };
const NARROW = { width: 375, height: 812 };

/** Enough for charts that are mostly full. */
const WATCHED_SECONDS = 45;
const BLOCKED_SECONDS = 12;

const { chromium } = await load('.ci/browser/node_modules/playwright-core/index.mjs');
const { collectDefaultMetrics, register, startMetricsServer } = await load('dist/bundle/index.js');
const { instrumentHttp, setRoute } = await load('dist/bundle/http.js');

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const scanner = await startScanner();
const service = await startService();
const [light, dark, narrow, http] = await Promise.all([
  open(scanner.url, WIDE, 'light'),
  open(scanner.url, WIDE, 'dark'),
  open(scanner.url, NARROW, 'light'),
  open(service, { ...WIDE, height: 1000 }, 'light'),
]);
await sleep(WATCHED_SECONDS * 1000);
await picture(light, 'page-light');
await picture(dark, 'page-dark');
await picture(narrow, 'page-narrow');
await picture(http, 'page-http');
await light.setViewportSize({ ...WIDE, height: 560 });
scanner.child.kill('SIGUSR2');
await sleep((BLOCKED_SECONDS - 3) * 1000);
await picture(light, 'page-blocked');
await browser.close();
scanner.child.kill();
await once(scanner.child, 'exit');
process.exit();

function load(path) {
  return import(pathToFileURL(join(root, path)).href);
}

async function open(url, viewport, colorScheme) {
  const tab = await browser.newPage({ viewport, colorScheme });
  await tab.goto(url);
  await tab.selectOption('#interval', '2');
  return tab;
}

async function picture(tab, name) {
  await tab.screenshot({ path: join(images, `${name}.png`) });
  console.log(`docs/images/${name}.png`);
}

async function startScanner() {
  const main = join(root, 'dist', 'docs', 'examples', 'scanner', 'main.js');
  const options = [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--pace',
    '250',
    '--thread',
    '--block',
    String(BLOCKED_SECONDS),
  ];
  const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await once(child.stdout, 'data');
  return { child, url: /(http:\S+)\/ /.exec(output)[1] };
}

/** A shop of six routes, which sends itself requests. */
async function startService() {
  collectDefaultMetrics();
  instrumentHttp(register, { clients: false, ignore: (path) => !path.startsWith('/shop') });
  const milliseconds = new Map([
    ['/shop', 5],
    ['/shop/orders/:id', 30],
    ['/shop/search', 80],
    ['/shop/cart', 12],
    ['/shop/checkout', 200],
    ['/shop/login', 40],
  ]);
  const shop = createServer(async (request, response) => {
    const route = request.url.replace(/\d+$/, ':id');
    const mean = milliseconds.get(route);
    if (mean !== undefined) setRoute(request, route);
    await sleep((mean ?? 1) * -Math.log(Math.random()));
    response.statusCode = mean === undefined ? 404 : route.endsWith('checkout') && Math.random() < 0.08 ? 503 : 200;
    response.end('a page of the shop');
  });
  await once(shop.listen(0, '127.0.0.1'), 'listening');
  const paths = [
    '',
    '',
    '',
    '/search',
    '/search',
    '/orders/7',
    '/orders/8',
    '/cart',
    '/checkout',
    '/login',
    '/wp-admin',
  ];
  setInterval(async () => {
    const path = paths[Math.floor(Math.random() * paths.length)];
    const method = path === '/checkout' || path === '/login' ? 'POST' : 'GET';
    await (await fetch(`http://127.0.0.1:${shop.address().port}/shop${path}`, { method })).arrayBuffer();
  }, 25);
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  server.addHealthCheck('database', () => true);
  server.addReadinessCheck('cache', () => true);
  return server.url;
}
