import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Counter, collectDefaultMetrics, Histogram, MetricsRegistry } from '@finpilot/metrics';
import { startServer } from '../server/start-server.ts';
import { until } from '../support/until.ts';
import type { Tab } from './driver.ts';
import { numbersOnceThere, shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

// Sections and groups that collapse, and the table of contents.

const NARROW = { width: 375, height: 800 };

/** Opens the page of a program with default metrics and 40 histograms, which observe whenever they are scraped. */
async function open(tab: Tab, t: TestContext): Promise<void> {
  const registry = new MetricsRegistry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({ name: 'job_duration_seconds', help: 'D.', labelNames: ['job'], registers });
  const observe = (): void => {
    for (let job = 0; job < 40; job++) seconds.observe({ job }, 0.3);
  };
  observe();
  new Counter({ name: 'job_runs_total', help: 'Runs.', registers, collect: observe }).inc();
  await tab.goto((await startServer(t, { registry })).url);
  await untilState(tab, 'Live');
  await tab.selectOption('#interval', '2');
}

const isOpen = (tab: Tab, id: string): Promise<boolean> => tab.evaluate(`document.getElementById('${id}').open`);
const pageHeight = (tab: Tab): Promise<number> => tab.evaluate('document.documentElement.scrollHeight');

async function nextScrapes(paths: readonly string[], count: number): Promise<void> {
  const scrapes = (): number => paths.filter((path) => path === '/metrics').length;
  // The last one has been requested, so all before it are shown.
  const enough = scrapes() + count + 1;
  await until('further scrapes', () => scrapes() >= enough || undefined, { timeoutSeconds: 60 });
}

testInBrowser(
  'the page is at most three screens tall on a screen 375 pixels wide, with the table of contents on the first',
  async ({ tab }, t) => {
    await open(tab, t);
    const height = await pageHeight(tab);
    assert.ok(height < 3 * 800, `${height} pixels`);
    const links = await tab.evaluate<string[]>(
      `[...document.querySelectorAll('#contents a')].filter((link) => link.getBoundingClientRect().bottom < innerHeight)
        .map((link) => link.textContent.replace(/ \\d+$/, ''))`,
    );
    assert.deepEqual(links, ['Health', 'Runtime', 'Process', 'job', 'Node.js', 'Process']);
  },
  NARROW,
);

for (const size of [NARROW, { width: 800, height: 800 }, { width: 1280, height: 900 }]) {
  testInBrowser(
    `the page shows rate and quantiles of a histogram on a screen ${size.width} pixels wide`,
    async ({ tab }, t) => {
      await open(tab, t);
      await tab.fill('#search', 'job=7');
      const numbers = await numbersOnceThere(tab, 'job_duration_seconds{job="7"}', ({ p50 }) => p50 !== '–');
      assert.deepEqual(Object.keys(numbers), ['rate', 'p50', 'p95', 'p99']);
      const hidden = await tab.evaluate<string[]>(
        `[...document.querySelectorAll('.number')].filter((number) => {
          const { width, left, right } = number.getBoundingClientRect();
          return width === 0 || left < 0 || right > innerWidth || number.scrollWidth > number.clientWidth;
        }).map((number) => number.textContent)`,
      );
      assert.deepEqual(hidden, []);
    },
    size,
  );
}

testInBrowser(
  'the page keeps sections, groups and metrics collapsed or expanded over scrapes and a reload',
  async ({ tab, paths }, t) => {
    await open(tab, t);
    assert.deepEqual([await isOpen(tab, 'overview'), await isOpen(tab, 'runtime')], [true, false]);
    await tab.click('#overview summary');
    await tab.click('#runtime summary');
    // Of job, so that its families appear: one is collapsed, since it has 40 series.
    await tab.click('.group button');
    const check = async (): Promise<void> => {
      assert.deepEqual([await isOpen(tab, 'overview'), await isOpen(tab, 'runtime')], [false, true]);
      assert.deepEqual(
        (await shownSeries(tab)).map(({ title }) => title),
        ['job_runs_total'],
      );
    };
    await check();
    await nextScrapes(paths, 2);
    await check();
    await tab.reload();
    await until('the list', async () => (await tab.evaluate("document.querySelector('.row') !== null")) || undefined);
    await check();
  },
  NARROW,
);

testInBrowser(
  'the table of contents leads to a section or a group, expands it, and gives it the focus',
  async ({ tab }, t) => {
    await open(tab, t);
    for (const [link, heading] of [
      ['a[href="#process"]', /^Process/],
      ['li:last-child a', /^Process 10 metrics|^Process \d+ metrics/],
    ] as const) {
      await tab.click(`#contents ${link}`);
      const { text, isExpanded, top } = await tab.evaluate<{ text: string; isExpanded: boolean; top: number }>(`(() => {
        const { activeElement: { textContent, parentElement, ariaExpanded }, activeElement } = document;
        const { top } = activeElement.getBoundingClientRect();
        return { text: textContent, isExpanded: ariaExpanded === 'true' || parentElement.open === true, top };
      })()`);
      assert.match(text, heading);
      assert.ok(isExpanded, text);
      assert.ok(top >= 0 && top < 800, `${text} at ${top}`);
    }
  },
  NARROW,
);

for (const size of [NARROW, { width: 1280, height: 900 }]) {
  testInBrowser(
    `the page does not move what is being read while it refreshes, ${size.width} pixels wide`,
    async ({ tab, paths }, t) => {
      await open(tab, t);
      await nextScrapes(paths, 1);
      await tab.evaluate(`window.shifts = 0; new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) window.shifts += value;
      }).observe({ type: 'layout-shift' })`);
      await nextScrapes(paths, 3);
      assert.equal(await tab.evaluate('window.shifts'), 0);
    },
    size,
  );
}
