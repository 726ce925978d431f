import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { ScrapeSchedule } from '../../../lib/server/scrape/scrape-schedule.ts';
import { turn } from '../turn.ts';

interface Visit {
  readonly address?: string;
  readonly url?: string;
  readonly method?: string;
  readonly isScraper?: boolean;
  readonly statusCode?: number;
  /** Whether all of the answer has left. */
  readonly isWhole?: boolean;
}

/** A schedule on a clock that is set by hand, in seconds. */
function scheduleOnClock(t: TestContext) {
  let seconds = 1_000;
  t.mock.method(performance, 'now', () => seconds * 1000);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const schedule = new ScrapeSchedule();
  const begin = (visit: Visit = {}) => {
    const { address = '192.0.2.1', url = '/metrics', method = 'GET' } = visit;
    const { isScraper = true, statusCode = 200, isWhole = true } = visit;
    const headers = isScraper ? { 'x-prometheus-scrape-timeout-seconds': '10', 'user-agent': 'Prometheus/3' } : {};
    const response = Object.assign(new EventEmitter(), { statusCode, writableFinished: isWhole });
    const request = { method, url, headers, socket: { remoteAddress: address } };
    schedule.watch(() => {})(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    return () => void response.emit('close');
  };
  const scrape = (visit?: Visit) => begin(visit)();
  const pass = (more: number) => {
    seconds += more;
    t.mock.timers.tick(more * 1000);
  };
  const drain = (maxSeconds = 30) => {
    const state = { isOver: false };
    void schedule.lastScrapes(maxSeconds).then(() => (state.isOver = true));
    return async () => {
      await turn();
      return state.isOver;
    };
  };
  return { begin, scrape, pass, drain };
}

test('ScrapeSchedule.lastScrapes() is over at once if nobody has scraped, or only people and browsers', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  assert.equal(await drain()(), true);
  for (let i = 0; i < 3; i++) {
    scrape({ isScraper: false });
    pass(5);
  }
  assert.equal(await drain()(), true);
});

test('ScrapeSchedule.lastScrapes() is over with the next scrape that began after it', async (t) => {
  const { begin, scrape, pass, drain } = scheduleOnClock(t);
  scrape();
  pass(15);
  const endEarlier = begin();
  const isOver = drain();
  pass(1);
  endEarlier();
  assert.equal(await isOver(), false);
  pass(10);
  const end = begin();
  assert.equal(await isOver(), false);
  end();
  assert.equal(await isOver(), true);
});

test('ScrapeSchedule.lastScrapes() does not take a refused or broken scrape for the last, nor a browser', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  scrape();
  pass(15);
  scrape();
  const isOver = drain();
  scrape({ statusCode: 503 });
  scrape({ isWhole: false });
  scrape({ isScraper: false });
  scrape({ method: 'HEAD' });
  assert.equal(await isOver(), false);
  scrape();
  assert.equal(await isOver(), true);
});

test('ScrapeSchedule.lastScrapes() waits for each of several scrapers', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  for (let i = 0; i < 2; i++) {
    scrape({ address: '192.0.2.1' });
    pass(7);
    scrape({ address: '192.0.2.2' });
    pass(8);
  }
  const isOver = drain();
  scrape({ address: '192.0.2.1' });
  scrape({ address: '192.0.2.1' });
  assert.equal(await isOver(), false);
  scrape({ address: '192.0.2.2' });
  assert.equal(await isOver(), true);
});

test('ScrapeSchedule.lastScrapes() waits for each job of a scraper, and by the longer of two gaps', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  for (let i = 0; i < 2; i++) {
    scrape({ url: '/metrics' });
    scrape({ url: '/metrics?name[]=up' });
    pass(12);
    scrape({ url: '/metrics' });
    pass(3);
  }
  const isOver = drain();
  scrape({ url: '/metrics' });
  pass(12);
  assert.equal(await isOver(), false);
  scrape({ url: '/metrics?name[]=up' });
  assert.equal(await isOver(), true);
});

test('ScrapeSchedule.lastScrapes() waits for one interval and a tenth, and no longer than it is told', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  scrape();
  pass(10);
  scrape();
  const isOver = drain();
  pass(10.9);
  assert.equal(await isOver(), false);
  pass(0.2);
  assert.equal(await isOver(), true);
  const isOverSooner = drain(3);
  pass(2.9);
  assert.equal(await isOverSooner(), false);
  pass(0.2);
  assert.equal(await isOverSooner(), true);
});

test('ScrapeSchedule.lastScrapes() waits three seconds at most for a scraper that came once', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  scrape();
  pass(5);
  const isOver = drain(30);
  pass(3);
  assert.equal(await isOver(), false);
  pass(0.5);
  assert.equal(await isOver(), true);
});

test('ScrapeSchedule.lastScrapes() does not wait for a scraper that has stayed away', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  scrape();
  pass(5);
  scrape();
  pass(11);
  assert.equal(await drain()(), true);
});

test('ScrapeSchedule.lastScrapes(0) waits for nobody', async (t) => {
  const { scrape, pass, drain } = scheduleOnClock(t);
  scrape();
  pass(1);
  scrape();
  assert.equal(await drain(0)(), true);
});

test('ScrapeSchedule remembers the hundred scrapers that came last', async (t) => {
  const { scrape, drain } = scheduleOnClock(t);
  for (let i = 0; i < 101; i++) scrape({ address: `10.0.0.${i}` });
  const isOver = drain();
  for (let i = 1; i < 100; i++) scrape({ address: `10.0.0.${i}` });
  assert.equal(await isOver(), false);
  scrape({ address: '10.0.0.100' });
  assert.equal(await isOver(), true);
});
