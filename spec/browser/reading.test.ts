import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry } from '@finpilot/metrics';
import { startServer } from '../server/start-server.ts';
import { until } from '../support/until.ts';
import type { Tab } from './driver.ts';
import { shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

// How people use the page: search, sort, collapse, keyboard, light and dark, narrow screens.

async function open(tab: Tab, t: TestContext): Promise<void> {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const runs = new Counter({
    name: 'job_runs_total',
    help: 'Runs of jobs.',
    labelNames: ['job', 'outcome'],
    registers,
  });
  runs.inc({ job: 'backup', outcome: 'ok' }, 3);
  runs.inc({ job: 'import', outcome: 'failed' }, 7);
  new Histogram({ name: 'job_duration_seconds', help: 'Duration.', registers }).observe(0.3);
  const memory = new Gauge({ name: 'cache_size_bytes', help: 'Size.', labelNames: ['cache'], registers });
  for (const [cache, size] of [
    ['a', 5],
    ['b', 9],
    ['c', 1],
  ] as const)
    memory.set({ cache }, size);
  new Gauge({ name: 'cache_hit_ratio', help: 'Hits.', registers }).set(0.5);
  const server = await startServer(t, { registry });
  server.addHealthCheck('works', () => true);
  await tab.goto(server.url);
  await untilState(tab, 'Live');
}

const titles = async (tab: Tab): Promise<string[]> => (await shownSeries(tab)).map(({ title }) => title);
const focused = (tab: Tab): Promise<string> =>
  tab.evaluate<string>("document.activeElement.id || document.activeElement.textContent.replace(/\\s+/g, ' ').trim()");

testInBrowser('the page finds series by name and label, and shows how many', async ({ tab }, t) => {
  await open(tab, t);
  await tab.fill('#search', 'job="import"');
  assert.deepEqual(await titles(tab), ['job_runs_total{job="import", outcome="failed"}']);
  assert.equal(await tab.evaluate("document.getElementById('count').textContent"), '1 found');
  await tab.fill('#search', 'no such thing');
  assert.deepEqual(await titles(tab), []);
  assert.equal(await tab.evaluate("document.getElementById('count').textContent"), 'No matches');
  await tab.fill('#search', '');
  assert.equal((await titles(tab)).length, 7);
});

testInBrowser('the page sorts by name and by value', async ({ tab }, t) => {
  await open(tab, t);
  const caches = async (): Promise<string> =>
    (await titles(tab)).map((title) => /cache="(.)"/.exec(title)?.[1] ?? '').join('');
  assert.equal(await caches(), 'abc');
  await tab.selectOption('#sort', 'value');
  assert.equal(await caches(), 'bac');
  await tab.selectOption('#sort', 'name');
  assert.equal((await titles(tab))[0], 'cache_hit_ratio');
});

testInBrowser('the page can be used by keyboard alone', async ({ tab }, t) => {
  await open(tab, t);
  const walk: string[] = [];
  for (let i = 0; i < 23; i++) {
    await tab.keyboard.press('Tab');
    walk.push(await focused(tab));
  }
  assert.deepEqual(walk, [
    'Skip to the metrics',
    'pause',
    'interval',
    'theme',
    'Health',
    'job 2',
    'cache 2',
    'Health ok · readiness ok',
    '/health',
    '/ready',
    '/metrics',
    'text 1.0.0',
    'OpenMetrics',
    'protobuf',
    'search',
    'sort',
    'fold',
    'job 2 metrics',
    'job_runs_total counter · 2 series Runs of jobs.',
    'job backup outcome ok',
    'job import outcome failed',
    'job_duration_seconds histogram Duration.',
    'cache 2 metrics',
  ]);
  await tab.keyboard.press('Enter');
  assert.deepEqual((await titles(tab)).length, 3);
  assert.equal(await focused(tab), 'cache 2 metrics');
  assert.equal(await tab.evaluate("document.activeElement.getAttribute('aria-expanded')"), 'false');
  await tab.keyboard.press('Shift+Tab');
  await tab.keyboard.press('Space');
  assert.equal(await tab.evaluate("document.querySelectorAll('.detail').length"), 1);
  // The next scrape keeps the focus.
  const age = await tab.evaluate<string>("document.getElementById('age').textContent");
  await tab.evaluate("document.getElementById('age').textContent = ''");
  assert.notEqual(age, '');
  await until(
    'the next scrape',
    async () => (await tab.evaluate("document.getElementById('age').textContent")) !== '' || undefined,
  );
  assert.equal(await focused(tab), 'job_duration_seconds histogram Duration.');
});

testInBrowser('the page collapses and expands all groups', async ({ tab }, t) => {
  await open(tab, t);
  await tab.click('#fold');
  assert.deepEqual(await titles(tab), []);
  assert.equal(await tab.evaluate("document.getElementById('fold').textContent"), 'Expand all');
  await tab.click('#fold');
  assert.equal((await titles(tab)).length, 7);
});

interface AccessibilityNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

testInBrowser('the page has landmarks, headings, and names for all controls', async ({ tab, profile }, t) => {
  await open(tab, t);
  const { nodes } = (await (await profile.newCDPSession(tab)).send('Accessibility.getFullAXTree')) as {
    nodes: AccessibilityNode[];
  };
  const named = (role: string): string[] =>
    nodes.filter((node) => !node.ignored && node.role?.value === role).map((node) => node.name?.value ?? '');
  for (const role of ['button', 'combobox', 'searchbox', 'link', 'region', 'navigation', 'image']) {
    assert.deepEqual(
      named(role).filter((name) => name.trim() === ''),
      [],
      role,
    );
  }
  assert.deepEqual(
    named('combobox').map((name) => name.split(' ')[0]),
    ['Every', 'Theme', 'Sort'],
  );
  assert.deepEqual(named('searchbox'), ['Search']);
  assert.deepEqual(named('region').sort(), ['Health ok', 'Live metrics', 'Readiness ok']);
  assert.deepEqual(named('navigation').sort(), ['Contents', 'Endpoints']);
  assert.equal(named('main').length, 1);
  assert.deepEqual(named('status').length, 2);
});

/** Contrast of two colours (WCAG 2.2, "contrast ratio"), 1 to 21. */
function contrast(left: string, right: string): number {
  const [high, low] = [luminance(left), luminance(right)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = /(\d+), (\d+), (\d+)/
    .exec(colour)!
    .slice(1)
    .map((channel) => {
      const share = Number(channel) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

testInBrowser(
  'the page has a contrast of 4.5 or more for all text, in light and dark, as the system or the reader chooses',
  async ({ tab }, t) => {
    await open(tab, t);
    const colourOf = (name: string): Promise<string> =>
      tab.evaluate<string>(`(() => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.color = 'var(--${name})';
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    })()`);
    const check = async (): Promise<string> => {
      for (const ground of ['ground', 'surface']) {
        for (const ink of ['ink', 'quiet', 'accent', 'bad']) {
          const ratio = contrast(await colourOf(ink), await colourOf(ground));
          assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
      return colourOf('ground');
    };
    await tab.emulateMedia({ colorScheme: 'light' });
    const light = await check();
    await tab.emulateMedia({ colorScheme: 'dark' });
    const dark = await check();
    assert.ok(luminance(light) > 0.8 && luminance(dark) < 0.05);
    await tab.selectOption('#theme', 'light');
    assert.equal(await colourOf('ground'), light);
    await tab.reload();
    assert.equal(await colourOf('ground'), light, 'the choice is stored');
    await tab.emulateMedia({ colorScheme: 'light' });
    await tab.selectOption('#theme', 'dark');
    assert.equal(await colourOf('ground'), dark);
  },
);

testInBrowser(
  'the page fits a screen 360 pixels wide, and no row is cut off',
  async ({ tab }, t) => {
    await open(tab, t);
    await tab.click('.series.histogram button');
    assert.equal(await tab.evaluate('document.documentElement.scrollWidth'), 360);
    const cut = await tab.evaluate<string[]>(`[...document.querySelectorAll('.row')]
      .filter((row) => row.scrollHeight > row.clientHeight + 1).map((row) => row.textContent)`);
    assert.deepEqual(cut, []);
  },
  { width: 360, height: 800 },
);
