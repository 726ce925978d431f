import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startScanner } from '../e2e/start-scanner.ts';
import { until } from '../support/until.ts';
import { shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

// FINPILOT_SCREENSHOTS=docs/images replaces the screenshots of the README.
const { FINPILOT_SCREENSHOTS: screenshots = '' } = process.env;

/** Enough for charts of full width. */
const SCRAPES = screenshots === '' ? 3 : 14;

testInBrowser(
  'the page shows the running scanner, light and dark',
  async ({ tab, paths }, t) => {
    const { url } = await startScanner(t, { paceMilliseconds: 250 });
    await tab.emulateMedia({ colorScheme: 'light' });
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
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme });
      const picture = await tab.screenshot(
        screenshots === '' ? {} : { path: join(screenshots, `page-${colorScheme}.png`) },
      );
      t.diagnostic(`${colorScheme}: ${picture.length} bytes`);
    }

    await tab.click('#fold');
    const groups = await tab.evaluate<string[]>(
      "[...document.querySelectorAll('.group h2 span:first-child')].map((title) => title.textContent)",
    );
    assert.equal(groups[0], 'finpilot');
    assert.deepEqual(groups.slice(-3), ['Node.js', 'Process', 'Scrapes']);
  },
  { height: 860 },
);
