import assert from 'node:assert/strict';
import { Counter, Gauge, Histogram, MetricsRegistry } from '@finpilot/metrics';
import { startServer } from '../server/start-server.ts';
import { until } from '../support/until.ts';
import { shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

// Metrics whose names, texts and values were not written with a page in mind.

const VALUES = [
  '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>',
  '"><b>',
  '\u202Egnirts desrever',
  'שלום עולם',
  'javascript:window.attacked=1',
  'x'.repeat(10_000),
  'a\nb\tc\\',
  '',
];
const LONG_NAME = `long_${'x'.repeat(195)}`;

function hostileRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const help = `<b onclick="window.attacked=1">Help.</b> ${VALUES[2]}`;
  const level = new Gauge({ name: 'level', help, labelNames: ['of'], registers });
  for (const of of VALUES) level.set({ of }, NaN);
  level.set({ of: 'above' }, Infinity);
  level.set({ of: 'below' }, -Infinity);
  const long = new Gauge({ name: LONG_NAME, help: 'Long.', labelNames: [`label_${'y'.repeat(190)}`], registers });
  long.set({ [`label_${'y'.repeat(190)}`]: 'value' }, 1e308);
  const info = new Gauge({ name: 'build_info', help: 'B.', labelNames: ['version'], registers });
  info.set({ version: VALUES[0]! }, 1);
  new Gauge({ name: 'process_start_time_seconds', help: 'S.', registers }).set(-Infinity);
  new Gauge({ name: 'nodejs_eventloop_blocked_seconds', help: 'B.', registers }).set(Infinity);
  const labelNames = ['method', 'route', 'status_code'];
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'D.', labelNames, registers });
  for (const route of VALUES) duration.observe({ method: VALUES[0]!, route, status_code: VALUES[1]! }, 1e300);
  return registry;
}

for (const width of [375, 640, 1280]) {
  testInBrowser(
    `the page shows hostile names, labels and values as text, ${width} pixels wide`,
    async ({ tab }, t) => {
      const server = await startServer(t, { registry: hostileRegistry() });
      server.addHealthCheck(VALUES[0]!, () => {
        throw new Error(VALUES[0]);
      });
      await tab.goto(server.url);
      await untilState(tab, 'Live');
      await until(
        'the report',
        async () =>
          (await tab.evaluate<string>("document.getElementById('health').textContent")).includes('failing') ||
          undefined,
      );
      await tab.click('#runtime summary');
      await tab.click('#process summary');
      await tab.evaluate("document.getElementById('metrics').scrollIntoView()");
      await tab.fill('#search', 'level');
      const titles = (await shownSeries(tab)).map(({ title }) => title);
      assert.equal(await tab.evaluate("document.getElementById('count').textContent"), `${VALUES.length + 2} found`);
      assert.ok(titles.some((title) => title.includes('<script>window.attacked=1</script>')));
      await tab.click('.series button');
      await tab.fill('#search', LONG_NAME);
      assert.equal((await shownSeries(tab)).length, 1);
      await tab.fill('#search', '');
      assert.equal(await tab.evaluate('window.attacked'), undefined);
      assert.equal(await tab.evaluate("document.querySelectorAll('main img, main script').length"), 0);
      assert.equal(
        await tab.evaluate('document.documentElement.scrollWidth'),
        width,
        'nothing is wider than the window',
      );
      assert.match(await tab.evaluate<string>("document.getElementById('blocked').innerText"), /blocked for ∞/);
    },
    { width, height: 900 },
  );
}

testInBrowser('the page prints all rows in light colours, and none of its controls', async ({ tab }, t) => {
  const registry = new MetricsRegistry();
  const runs = new Counter({ name: 'job_runs_total', help: 'R.', labelNames: ['job'], registers: [registry] });
  for (let job = 0; job < 100; job++) runs.inc({ job });
  await tab.goto((await startServer(t, { registry })).url);
  await untilState(tab, 'Live');
  const rows = (): Promise<number> => tab.evaluate("document.querySelectorAll('.series').length");
  assert.ok((await rows()) < 60);
  await tab.evaluate("dispatchEvent(new Event('beforeprint'))");
  assert.equal(await rows(), 100);
  await tab.emulateMedia({ media: 'print', colorScheme: 'dark' });
  assert.equal(await tab.evaluate('getComputedStyle(document.body).colorScheme'), 'light');
  assert.equal(await tab.evaluate("document.querySelector('.tools').offsetHeight"), 0);
  await tab.emulateMedia({ media: 'screen' });
  await tab.evaluate("dispatchEvent(new Event('afterprint'))");
  assert.ok((await rows()) < 60);
});
