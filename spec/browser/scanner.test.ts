import assert from 'node:assert/strict';
import { startScanner } from '../e2e/start-scanner.ts';
import { until } from '../support/until.ts';
import { shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

const SCRAPES = 3;

testInBrowser(
  'the page shows the running scanner',
  async ({ tab, paths }, t) => {
    const { url } = await startScanner(t, { paceMilliseconds: 250 });
    await tab.goto(url);
    await untilState(tab, 'Live');
    await tab.selectOption('#interval', '2');
    await until('some scrapes', () => paths.filter((path) => path === '/metrics').length >= SCRAPES || undefined, {
      timeoutSeconds: 60,
    });

    const shown = await shownSeries(tab);
    const latency = shown.find(({ title }) =>
      title.startsWith('finpilot_api_latency_seconds{endpoint="/bars/:symbol"'),
    );
    assert.match(latency?.numbers['p95'] ?? '', /^[\d.]+ [µm]?s$/);
    const facts = await tab.evaluate<string[]>(
      "[...document.querySelectorAll('.tile dt')].map((term) => term.textContent)",
    );
    for (const fact of ['Node.js', 'Uptime', 'CPU', 'Memory']) assert.ok(facts.includes(fact), fact);

    await tab.click('#fold');
    const groups = await tab.evaluate<string[]>(
      "[...document.querySelectorAll('.group h2 span:first-child')].map((title) => title.textContent)",
    );
    assert.equal(groups[0], 'finpilot');
    assert.deepEqual(groups.slice(-3), ['Node.js', 'Process', 'Scrapes']);
  },
  { height: 860 },
);
