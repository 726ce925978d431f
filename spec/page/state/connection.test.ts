import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterAttempt, type Connection, type Outcome } from '../../../lib/page/state/connection.ts';
import { noticeOf } from '../../../lib/page/state/notice.ts';

const SCRAPED: Outcome = { kind: 'scraped', seriesCount: 5 };
const GONE: Outcome = { kind: 'unreachable' };

/** Where the page stands after attempts at second 10, 20, 30 … */
function after(...outcomes: readonly Outcome[]): Connection {
  return outcomes.reduce<Connection>((last, outcome, i) => afterAttempt(last, outcome, 10 * (i + 1)), {
    kind: 'loading',
  });
}

const told = (...outcomes: readonly Outcome[]) => noticeOf(after(...outcomes), (seconds) => `second ${seconds}`);

test('afterAttempt() is live after a scrape, also after failures', () => {
  assert.deepEqual(after(SCRAPED), { kind: 'live', scrapedAt: 10, isEmpty: false });
  assert.deepEqual(after(SCRAPED, GONE, SCRAPED), { kind: 'live', scrapedAt: 30, isEmpty: false });
});

test('afterAttempt() keeps when a row of failures began, and of when the numbers are', () => {
  const refused: Outcome = { kind: 'refused', status: 503 };
  assert.deepEqual(after(SCRAPED, GONE, refused), { kind: 'failing', since: 20, scrapedAt: 10, outcome: refused });
  assert.deepEqual(after(GONE, GONE), { kind: 'failing', since: 10, scrapedAt: undefined, outcome: GONE });
});

test('noticeOf() has nothing to say while live numbers are shown', () => {
  assert.equal(told(SCRAPED), undefined);
});

test('noticeOf() tells what is the matter, since when, and of when the numbers are', () => {
  assert.equal(told()?.title, 'Loading');
  assert.equal(told({ kind: 'scraped', seriesCount: 0 })?.title, 'No metrics yet');
  assert.deepEqual(told(SCRAPED, GONE, GONE), {
    isFailure: true,
    title: 'Server gone',
    text: 'No answer since second 20. The numbers below are those of second 10. The page goes on trying by itself.',
  });
  assert.equal(told(GONE)?.text, 'No answer since second 10. The page goes on trying by itself.');
  assert.deepEqual(
    [told({ kind: 'unauthorised' })?.title, told({ kind: 'unauthorised' })?.isFailure],
    ['Not authorised', true],
  );
  assert.match(told({ kind: 'refused', status: 503 })!.text, /status 503/);
  assert.match(told({ kind: 'unreadable', reason: 'Cannot parse it.' })!.text, /no exposition: Cannot parse it\./);
});
