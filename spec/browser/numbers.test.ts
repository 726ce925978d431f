import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Counter, Gauge, Histogram, MetricsRegistry, metricsHandler } from '@finpilot/metrics';
import { quantileOfBuckets } from '../../lib/model/buckets.ts';
import { formatValue, unitOf } from '../../lib/page/text/format.ts';
import type { RequestHandler } from '../../lib/server/http/exchange.ts';
import { createLandingPage, pageFiles } from '../../lib/server/http/landing-page.ts';
import { createRouter } from '../../lib/server/http/request-flow.ts';
import { servePlainly } from '../server/plain-server.ts';
import { startServer } from '../server/start-server.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { until } from '../support/until.ts';
import { numbersOnceThere, shownSeries, untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

testInBrowser('the page shows every value of a scrape', async ({ tab }, t) => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests.',
    labelNames: ['code', 'path'],
    registers,
  });
  requests.inc({ code: '200', path: '/a "quoted" \\ path' }, 1532);
  requests.inc({ code: '500', path: '' }, 2);
  new Counter({ name: 'http_received_bytes_total', help: 'Bytes.', registers }).inc(12_345_678);
  const load = new Gauge({ name: 'job_load_ratio', help: 'Load.', labelNames: ['host'], registers });
  load.set({ host: 'é' }, 0.87);
  load.set({ host: '<b>' }, NaN);
  new Gauge({ name: 'job_age_seconds', help: 'Age.', registers }).set(-0.0041);
  const server = await startServer(t, { registry });

  await tab.goto(server.url);
  await untilState(tab, 'Live');
  const shown = new Map((await shownSeries(tab)).map(({ title, numbers }) => [title, numbers]));

  const samples = parseExposition(await (await fetch(`${server.url}/metrics`)).text()).flatMap((family) => {
    return family.samples.map((sample) => ({ ...sample, type: family.type }));
  });
  assert.equal(shown.size, samples.length);
  for (const { name, labels, value, type } of samples) {
    const pairs = [...labels].map(([label, text]) => `${label}=${JSON.stringify(text)}`).join(', ');
    const title = pairs === '' ? name : `${name}{${pairs}}`;
    const text = spaced(formatValue(value, unitOf(name)));
    assert.equal(shown.get(title)?.[type === 'counter' ? 'total' : ''], text, title);
  }
});

testInBrowser('the page shows rates and quantiles of what happened since its first scrape', async ({ tab }, t) => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const counter = new Counter({ name: 'job_runs_total', help: 'Runs.', registers });
  const buckets = [0.1, 0.2, 0.5, 1];
  const histogram = new Histogram({ name: 'job_duration_seconds', help: 'Duration.', buckets, registers });
  counter.inc(1000);
  for (let i = 0; i < 500; i++) histogram.observe(0.9);
  const scrape = metricsHandler(registry);
  const times: number[] = [];
  const metrics: RequestHandler = (request, response) => {
    times.push(performance.now() / 1000);
    scrape(request, response);
  };
  const { url } = await servePlainly(t, createRouter({ '/metrics': metrics, ...createLandingPage(pageFiles) }));

  await tab.goto(url);
  await numbersOnceThere(tab, 'job_runs_total', ({ total }) => total === '1,000');
  // Earlier increments and observations must not count.
  counter.inc(60);
  for (let i = 0; i < 100; i++) histogram.observe((i + 0.5) / 250);
  const seen = times.length;
  const { rate } = await numbersOnceThere(tab, 'job_runs_total', ({ total }) => total === '1,060');
  const possible = times.slice(seen).map((time) => 60 / (time - times[0]!));
  const isRight = possible.some((expected) => Math.abs(Number.parseFloat(rate!) - expected) < expected * 0.1);
  assert.ok(isRight, `${rate}, expected one of ${possible.join(', ')} within 10 %`);

  const { p50, p95, p99 } = await numbersOnceThere(tab, 'job_duration_seconds', (numbers) => numbers['p50'] !== '–');
  const counts = [25, 25, 50, 0, 0];
  const expected = [0.5, 0.95, 0.99].map((q) => spaced(formatValue(quantileOfBuckets(q, buckets, counts), 'seconds')));
  assert.deepEqual([p50, p95, p99], expected);
});

testInBrowser(
  'the page shows the details of a series, with the exact value, when its labels are clicked',
  async ({ tab }, t) => {
    const registry = new MetricsRegistry();
    const gauge = new Gauge({ name: 'price_dollars', help: 'Price.', labelNames: ['symbol'], registers: [registry] });
    gauge.set({ symbol: 'IBM' }, 1234.56789);
    const server = await startServer(t, { registry });
    await tab.goto(server.url);
    await numbersOnceThere(tab, 'price_dollars{symbol="IBM"}', (numbers) => numbers[''] === '1,235');
    await tab.click('.series button');
    const detail = await tab.evaluate<string>("document.querySelector('.detail').textContent");
    assert.ok(detail.includes('price_dollars{symbol="IBM"}'), detail);
    assert.ok(detail.includes('Exact value1234.56789'), detail);
    await tab.click('.series button');
    assert.equal(await tab.evaluate("document.querySelector('.detail')"), null);
  },
);

testInBrowser('the page opens the metrics in each text format, and saves protobuf', async ({ tab, profile }, t) => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'job_runs_total', help: 'Runs.', registers: [registry] }).inc(3);
  const { url } = await startServer(t, { registry });
  await tab.goto(url);
  await untilState(tab, 'Live');
  for (const [button, text] of [
    [1, /^# HELP job_runs_total Runs\.\n# TYPE job_runs_total counter\njob_runs_total 3\n/],
    [2, /^# HELP job_runs Runs\.\n# TYPE job_runs counter\njob_runs_total 3[\s\S]*# EOF\n$/],
  ] as const) {
    const [opened] = await Promise.all([
      profile.waitForEvent('page'),
      tab.click(`#formats button:nth-child(${button})`),
    ]);
    const body = await until(
      'the text',
      async () => (await opened.evaluate<string>('document.body?.textContent')) || undefined,
    );
    assert.match(body, text);
  }
  const [saved] = await Promise.all([tab.waitForEvent('download'), tab.click('#formats button:nth-child(3)')]);
  const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const expected = await (await fetch(`${url}/metrics`, { headers: { accept } })).arrayBuffer();
  assert.equal(saved.suggestedFilename(), 'metrics.pb');
  assert.equal(readFileSync(await saved.path()).length, expected.byteLength);
});
