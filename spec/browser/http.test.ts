import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { MetricsRegistry } from '@finpilot/metrics';
import { instrumentHttp, setRoute } from '@finpilot/metrics/http';
import { startServer } from '../server/start-server.ts';
import { until } from '../support/until.ts';
import type { Tab } from './driver.ts';
import { shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

/** Opens the page of a service, and returns a function that sends it a request with this path and status. */
async function open(
  tab: Tab,
  t: TestContext,
  names: 'semconv' | 'classic',
): Promise<(path: string, status: number) => Promise<void>> {
  const registry = new MetricsRegistry();
  const instrumented = instrumentHttp(registry, { names, clients: false });
  t.after(() => instrumented.stop());
  const service = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://service');
    setRoute(request, pathname);
    response.writeHead(Number(searchParams.get('status'))).end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  t.after(() => service.close());
  const base = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const send = async (path: string, status: number): Promise<void> => {
    await (await fetch(`${base}${path}?status=${status}`)).text();
  };
  await send('/orders', 200);
  await send('/orders', 503);
  await send('/%3Cb%3E%22cart%22', 200);
  await tab.goto((await startServer(t, { registry })).url);
  await untilState(tab, 'Live');
  await tab.selectOption('#interval', '2');
  return send;
}

const rows = (tab: Tab): Promise<string[][]> =>
  tab.evaluate(`[...document.querySelectorAll('.routes tbody tr')].filter((row) => !row.textContent.includes('no route'))
    .map((row) => [...row.children].map((cell) => cell.textContent.replaceAll('\\u00a0', ' ')))`);

for (const names of ['semconv', 'classic'] as const) {
  testInBrowser(
    `the page shows routes by rate with errors and latency, from the names of ${names}`,
    async ({ tab }, t) => {
      const send = await open(tab, t, names);
      for (let i = 0; i < 9; i++) await send('/orders', 200);
      await send('/orders', 503);
      await send('/%3Cb%3E%22cart%22', 200);
      const [first, second] = await until('both routes with a rate', async () => {
        const shown = await rows(tab);
        return shown.length === 2 && shown.every(([, rate]) => /^[\d.]+\/s$/.test(rate!) && rate !== '0/s')
          ? shown
          : undefined;
      });
      assert.deepEqual([first![0], first![2]], ['GET /orders', '10 %']);
      assert.deepEqual([second![0], second![2]], ['GET /%3Cb%3E%22cart%22', '0 %']);
      for (const quantile of first!.slice(3)) assert.match(quantile, /^[\d.]+ m?s$/);
      const tiles = await tab.evaluate<string>("document.querySelector('#http .tiles').innerText");
      assert.match(tiles, /Errors\s+[\d.]+\s%/);
      assert.match(tiles, /In flight\s+0/);

      await tab.click('.routes tbody button');
      const found = (await shownSeries(tab)).map(({ title }) => title);
      assert.ok(found.length > 0 && found.every((title) => title.includes('"/orders"')), found.join('\n'));
      assert.equal(await tab.evaluate('document.activeElement.id'), 'search');
    },
  );
}

testInBrowser('the page shows the ten busiest routes, and all of them on request', async ({ tab }, t) => {
  const send = await open(tab, t, 'semconv');
  for (let i = 0; i < 20; i++) await send(`/route-${i}`, 200);
  const shown = (): Promise<number> => tab.evaluate("document.querySelectorAll('.routes tbody tr').length");
  // The two from before, these, and the requests for the page, which have no route.
  await until('the further routes', async () => {
    const text = await tab.evaluate("document.querySelector('.routes + button').textContent");
    return text === 'Show all 23' || undefined;
  });
  assert.equal(await shown(), 10);
  await tab.click('.routes + button');
  assert.equal(await shown(), 23);
  await tab.click('.routes + button');
  assert.equal(await shown(), 10);
});
