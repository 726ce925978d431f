import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startScanner } from '../e2e/start-scanner.ts';
import { until } from '../support/until.ts';
import { shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

// With FINPILOT_SCREENSHOTS=docs/images, the pictures of the README are taken anew.
const { FINPILOT_SCREENSHOTS: screenshots = '' } = process.env;

/** Until the charts have their full width. */
const SCRAPES = screenshots === '' ? 3 : 14;

testInBrowser(
  'the page shows the running scanner in FinPilot’s four rows, light and dark',
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
      "[...document.querySelectorAll('#process dt')].map((term) => term.textContent)",
    );
    for (const fact of ['Node.js', 'Up for', 'CPU', 'Memory']) assert.ok(facts.includes(fact), fact);
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme });
      const picture = await tab.screenshot(
        screenshots === '' ? {} : { path: join(screenshots, `page-${colorScheme}.png`) },
      );
      t.diagnostic(`${colorScheme}: ${picture.length} bytes`);
    }

    await tab.click('#fold');
    const titles = "[...document.querySelectorAll('.group h2 span:first-child')].map((title) => title.textContent)";
    // Training takes a while to begin.
    const groups = await until('the metrics of training', async () => {
      const shownNow = await tab.evaluate<string[]>(titles);
      return shownNow.includes('ML / DRL') ? shownNow : undefined;
    });
    assert.deepEqual(groups.slice(0, 4), ['System Overview', 'Scanner', 'ML / DRL', 'Auth & Security']);
  },
  { height: 860 },
);
