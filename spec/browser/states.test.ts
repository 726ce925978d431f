import assert from 'node:assert/strict';
import { Counter, MetricsRegistry } from '@finpilot/metrics';
import type { RequestHandler } from '../../lib/server/http/exchange.ts';
import { createLandingPage, pageFiles } from '../../lib/server/http/landing-page.ts';
import { createRouter } from '../../lib/server/http/request-flow.ts';
import { servePlainly } from '../server/plain-server.ts';
import { startServer } from '../server/start-server.ts';
import { until } from '../support/until.ts';
import type { Tab } from './driver.ts';
import { numbersOnceThere, shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

function registryWith(count: number): MetricsRegistry {
  const registry = new MetricsRegistry();
  new Counter({ name: 'job_runs_total', help: 'Runs.', registers: [registry] }).inc(count);
  return registry;
}

const noticeOf = (tab: Tab): Promise<string> => tab.evaluate<string>("document.getElementById('notice').textContent");

testInBrowser(
  'the page survives a restart of its server: it keeps its numbers, says how old they are, and continues',
  async ({ tab }, t) => {
    const first = await startServer(t, { registry: registryWith(500) });
    const { port, url } = first;
    await tab.goto(url);
    await tab.selectOption('#interval', '2');
    await numbersOnceThere(tab, 'job_runs_total', ({ total, rate }) => total === '500' && rate === '0/s');

    await first.close();
    await untilState(tab, 'Server unreachable');
    assert.match(await noticeOf(tab), /^Server unreachable No response since \d.*The numbers below are from \d/);
    assert.deepEqual(
      (await shownSeries(tab)).map(({ numbers }) => numbers['total']),
      ['500'],
    );

    await startServer(t, { port, registry: registryWith(40) });
    const { rate } = await numbersOnceThere(tab, 'job_runs_total', ({ total }) => total === '40');
    assert.ok(Number.parseFloat(rate!) > 0, `the 40 since the restart count, nothing falls: ${rate}`);
    await untilState(tab, 'Live');
    assert.equal(await noticeOf(tab), '');
  },
);

testInBrowser('the page says that there are no metrics yet, and shows the first ones', async ({ tab }, t) => {
  const registry = new MetricsRegistry();
  const { url } = await startServer(t, { registry });
  await tab.goto(url);
  await tab.selectOption('#interval', '2');
  await untilState(tab, 'No metrics yet');
  new Counter({ name: 'late_total', help: 'Late.', registers: [registry] }).inc(3);
  await numbersOnceThere(tab, 'late_total', ({ total }) => total === '3');
  assert.equal(await noticeOf(tab), '');
});

/** Serves the page with another handler at `/metrics`. */
async function servePageWith(t: Parameters<typeof servePlainly>[0], metrics: RequestHandler): Promise<string> {
  return (await servePlainly(t, createRouter({ '/metrics': metrics, ...createLandingPage(pageFiles) }))).url;
}

const answer = (status: number, contentType: string, body: string): RequestHandler => {
  return (_request, response) => void response.writeHead(status, { 'content-type': contentType }).end(body);
};

testInBrowser('the page says that it is not authorised', async ({ tab }, t) => {
  await tab.goto(await servePageWith(t, answer(401, 'text/plain', 'who are you?')));
  await untilState(tab, 'Not authorised');
  assert.match(await noticeOf(tab), /\(401\)/);
});

testInBrowser(
  'the page reports an error status, an unreadable response, and missing health reports',
  async ({ tab }, t) => {
    let metrics = answer(503, 'text/plain', 'busy');
    await tab.goto(await servePageWith(t, (request, response) => metrics(request, response)));
    await tab.selectOption('#interval', '2');
    await untilState(tab, 'No metrics');
    assert.match(await noticeOf(tab), /status 503/);
    metrics = answer(200, 'text/plain; version=0.0.4', 'a 1 2 3 4\n');
    await untilState(tab, 'Unreadable');
    assert.match(await noticeOf(tab), /Cannot parse text 0\.0\.4: .* line 1/);
    assert.match(await tab.evaluate<string>("document.getElementById('health').textContent"), /unknown/);
  },
);

testInBrowser('the page says that it is loading until the first response', async ({ tab }, t) => {
  let release: (() => void) | undefined;
  const url = await servePageWith(t, (request, response) => {
    release = () => answer(200, 'text/plain', 'a 1\n')(request, response);
  });
  await tab.goto(url);
  const giveAnswer = await until('the request', () => release);
  await untilState(tab, 'Loading');
  giveAnswer();
  await untilState(tab, 'Live');
});

testInBrowser('the page shows each check of health and readiness, and why it fails', async ({ tab }, t) => {
  const server = await startServer(t, { registry: registryWith(1) });
  server.addHealthCheck('scanner', () => true);
  server.addReadinessCheck('prices', () => {
    throw new Error('no prices since <noon>');
  });
  await tab.goto(server.url);
  await untilState(tab, 'Live');
  // Health and readiness are separate requests, which may end after the scrape.
  const textOf = (id: string): Promise<string> =>
    until(`the report of ${id}`, async () => {
      const text = await tab.evaluate<string>(`document.getElementById('${id}').innerText`);
      return text.includes('\n') ? text : undefined;
    });
  assert.match(await textOf('health'), /Health\s+ok\s+✓\s+scanner\s+[\d.]+\s.?s/);
  assert.match(await textOf('ready'), /Readiness\s+failing\s+✕\s+prices\s+[\d.]+\s.?s\s+no prices since <noon>/);
});

testInBrowser(
  'the page stops polling while paused or hidden, and polls at once on resuming',
  async ({ tab, paths }, t) => {
    const { url } = await startServer(t, { registry: registryWith(1) });
    await tab.goto(url);
    await untilState(tab, 'Live');
    const scrapes = (): number => paths.filter((path) => path === '/metrics').length;
    const setHidden = (isHidden: boolean): Promise<unknown> =>
      tab.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
      document.dispatchEvent(new Event('visibilitychange'))`);
    await setHidden(true);
    // Changing the interval must not resume it.
    await tab.selectOption('#interval', '2');
    const before = scrapes();
    await setHidden(false);
    await until('another scrape', () => scrapes() > before || undefined);
    await tab.click('#pause');
    await untilState(tab, 'Paused');
    const paused = scrapes();
    await tab.selectOption('#interval', '5');
    await tab.click('#pause');
    await until('another scrape', () => scrapes() > paused || undefined);
    assert.ok(scrapes() - before <= 3, `${scrapes() - before} scrapes`);
  },
);

testInBrowser('the page goes on showing metrics while a check is still running', async ({ tab, paths }, t) => {
  const server = await startServer(t, { registry: registryWith(1) });
  server.addReadinessCheck('slow', () => new Promise(() => {}), { timeoutSeconds: 60 });
  await tab.goto(server.url);
  await numbersOnceThere(tab, 'job_runs_total', ({ total }) => total === '1');
  await tab.selectOption('#interval', '2');
  const scrapes = (): number => paths.filter((path) => path === '/metrics').length;
  const enough = scrapes() + 3;
  await until('further scrapes', () => scrapes() >= enough || undefined);
  assert.equal(await tab.evaluate("document.querySelector('#ready .verdict').textContent"), '');
});

testInBrowser('the page works behind a proxy that serves it under a prefix', async ({ tab, paths }, t) => {
  const inner = createRouter({ '/metrics': answer(200, 'text/plain', 'a 1\n'), ...createLandingPage(pageFiles) });
  const { url } = await servePlainly(t, (request, response) => {
    const { url: target = '' } = request;
    if (!target.startsWith('/team/app/')) return void response.writeHead(404).end();
    request.url = target.slice('/team/app'.length);
    inner(request, response);
  });
  await tab.goto(`${url}/team/app/`);
  await untilState(tab, 'Live');
  assert.deepEqual(
    paths.filter((path) => !path.startsWith('/team/app/')),
    [],
  );
});

testInBrowser(
  'the page works with a server that requires a password, even if the address contains it',
  async ({ tab }, t) => {
    const inner = createRouter({ '/metrics': answer(200, 'text/plain', 'a 1\n'), ...createLandingPage(pageFiles) });
    const { port } = await servePlainly(t, (request, response) => {
      const expected = `Basic ${Buffer.from('me:secret').toString('base64')}`;
      if (request.headers.authorization === expected) return inner(request, response);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="metrics"' }).end();
    });
    await tab.goto(`http://me:secret@127.0.0.1:${port}/`);
    await untilState(tab, 'Live');
  },
);
