import assert from 'node:assert/strict';
import { Gauge, MetricsRegistry } from '@finpilot/metrics';
import { startServer } from '../server/start-server.ts';
import { until } from '../support/until.ts';
import type { Tab } from './driver.ts';
import { untilState } from './live-view.ts';
import { testInBrowser } from './test-in-browser.ts';

const SERIES = 10_000;

/**
 * Limit for the processor time of one task on the page's thread. Not wall time, which depends on the load of the machine.
 * Measured: 40 to 70 ms.
 */
const MOST_MILLISECONDS = 120;

/** Limit for the list after a key, with its layout. Measured: 1 to 20 ms while ten other programs want two processors. */
const MOST_MILLISECONDS_OF_A_KEY = 50;

testInBrowser(`the page stays responsive with ${SERIES} series`, async ({ tab, browser, paths }, t) => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const prices = new Gauge({ name: 'price_dollars', help: 'Price.', labelNames: ['symbol', 'market'], registers });
  for (let i = 0; i < SERIES; i++) prices.set({ symbol: `S${i}`, market: `M${i % 7}` }, i / 3);
  const { url } = await startServer(t, { registry });

  await browser.startTracing(tab, { categories: ['toplevel'] });
  await tab.goto(url);
  await untilState(tab, 'Live');
  await tab.selectOption('#interval', '2');
  await tab.click('.family button');
  const scrapes = (): number => paths.filter((path) => path === '/metrics').length;
  const enough = scrapes() + 4;
  await until(
    'four more scrapes, scrolled through',
    async () => {
      await tab.mouse.wheel(0, 15_000);
      return scrapes() >= enough || undefined;
    },
    { pauseMilliseconds: 200 },
  );
  await tab.fill('#search', 'S9 market=M3');
  await tab.fill('#search', '');
  await tab.selectOption('#sort', 'value');
  const rows = await tab.evaluate<number>("document.querySelectorAll('.row').length");
  const height = await tab.evaluate<number>("document.getElementById('list').offsetHeight");
  const { wallMilliseconds, processorMilliseconds } = longestTask(await browser.stopTracing());

  const [wall, processor] = [wallMilliseconds, processorMilliseconds].map((time) => time.toFixed(0));
  t.diagnostic(
    `longest task: ${processor} ms of processor time, ${wall} ms of wall time; ${rows} rows in the document`,
  );
  assert.ok(height > SERIES * 30, `the list has room for all series: ${height} pixels`);
  assert.ok(rows > 0 && rows < 100, `${rows} rows are in the document`);
  assert.ok(processorMilliseconds < MOST_MILLISECONDS, `a task took ${processor} ms`);
});

testInBrowser(`a search of ${SERIES} series builds only the rows that are visible`, async ({ tab }, t) => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  for (let family = 0; family < 100; family++) {
    const name = `app${family % 20}_level_${family}_ratio`;
    const level = new Gauge({ name, help: `Level ${family}.`, labelNames: ['tank'], registers });
    for (let i = 0; i < SERIES / 100; i++) level.set({ tank: `T${i}` }, i / 100);
  }
  const { url } = await startServer(t, { registry });
  await tab.goto(url);
  await untilState(tab, 'Live');
  await tab.click('#pause');
  await tab.evaluate(`window.built = 0; new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.('.row')) window.built++;
  }).observe(document.getElementById('list'), { childList: true })`);
  const search = async (text: string): Promise<{ found: string; built: number; inDocument: number }> => {
    await tab.evaluate('window.built = 0');
    await tab.fill('#search', text);
    return tab.evaluate(`({
      found: document.getElementById('count').textContent,
      built: window.built,
      inDocument: document.querySelectorAll('.row').length,
    })`);
  };
  for (const [text, found] of [
    ['t', '10,000 found'],
    ['tank=t9', '1,100 found'],
    ['tank=t99 level', '100 found'],
    ['app3', '500 found'],
    ['nowhere', 'No matches'],
  ] as const) {
    const { built, inDocument, ...rest } = await search(text);
    assert.deepEqual(rest, { found }, text);
    // A window of 900 pixels with its margins has room for 43 rows.
    assert.ok(built <= 60 && inDocument <= 60, `${text}: ${built} rows built, ${inDocument} in the document`);
  }
  const slowest = await slowestKey(tab, 'tank=t99 level_9');
  t.diagnostic(`slowest key: ${slowest.toFixed(0)} ms of wall time`);
  assert.ok(slowest < MOST_MILLISECONDS_OF_A_KEY, `a key took ${slowest} ms`);

  const before = await search('tank=t9');
  const again = await search('tank=T9');
  assert.equal(before.found, again.found);
  assert.equal(again.built, 0, 'rows that stay visible keep their elements');
});

/** Types a text into the search and deletes it, 12 times: the milliseconds of the slowest key, each at its fastest. */
function slowestKey(tab: Tab, text: string): Promise<number> {
  return tab.evaluate<number>(`(() => {
    const input = document.getElementById('search');
    const press = (value) => {
      const start = performance.now();
      input.value = value;
      input.dispatchEvent(new Event('input'));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    };
    const text = ${JSON.stringify(text)};
    const values = Array.from(text, (_, i) => text.slice(0, i + 1));
    const keys = [...values, ...values.slice(0, -1).reverse(), ''];
    const rounds = Array.from({ length: 12 }, () => keys.map(press));
    return Math.max(...keys.map((_, i) => Math.min(...rounds.map((round) => round[i]))));
  })()`);
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Wall time and processor time, in microseconds. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The longest task of a page's main thread, during which the page does not respond. */
interface LongestTask {
  readonly wallMilliseconds: number;
  /** Excludes the time in which other programs had the processor. */
  readonly processorMilliseconds: number;
}

/** Reads a trace of the category `toplevel`. Throws if it contains no task of a page. */
function longestTask(trace: Buffer): LongestTask {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const mains = new Set(named.map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.ph === 'X' && event.name.endsWith('RunTask') && mains.has(threadOf(event)),
  );
  if (tasks.length === 0) throw new Error('Cannot read a trace: expected tasks of CrRendererMain, got none.');
  return {
    wallMilliseconds: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000,
    processorMilliseconds: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
  };
}
