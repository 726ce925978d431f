import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { scrapeTimeout } from '../../../lib/server/scrape/scrape-deadline.ts';

function timeoutFor(header: string | undefined): readonly (number | undefined)[] {
  const headers = { 'x-prometheus-scrape-timeout-seconds': header };
  const { totalSeconds, collectSeconds } = scrapeTimeout({ headers } as unknown as IncomingMessage, 60);
  return [totalSeconds, collectSeconds];
}

test('scrapeTimeout() is what the scraper says, less half a second for the collectors', () => {
  assert.deepEqual(timeoutFor('10'), [10, 9.5]);
  assert.deepEqual(timeoutFor('2.000'), [2, 1.5]);
});

test('scrapeTimeout() leaves the collectors half of the time at least', () => {
  assert.deepEqual(timeoutFor('0.9'), [0.9, 0.45]);
  assert.deepEqual(timeoutFor('0.001'), [0.001, 0.0005]);
});

test('scrapeTimeout() is at most the limit', () => {
  for (const header of ['1e9', 'Infinity', '60']) assert.deepEqual(timeoutFor(header), [60, 59.5], header);
});

test('scrapeTimeout() leaves collectors to the registry where the scraper says nothing that can be meant', () => {
  for (const header of [undefined, '', '0', '-1', 'NaN', 'x', '10, 10'])
    assert.deepEqual(timeoutFor(header), [60, undefined], header);
});
