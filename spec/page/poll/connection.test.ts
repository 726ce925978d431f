import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterAttempt, type Connection, noticeOf, type Outcome } from '../../../lib/page/poll/connection.ts';

const SCRAPED: Outcome = { kind: 'scraped', seriesCount: 5 };
const GONE: Outcome = { kind: 'unreachable' };

/** The state after scrapes at seconds 10, 20, 30 … */
function after(...outcomes: readonly Outcome[]): Connection {
  return outcomes.reduce<Connection>((last, outcome, i) => afterAttempt(last, outcome, 10 * (i + 1)), {
    kind: 'loading',
  });
}

const noticeAfter = (...outcomes: readonly Outcome[]) => noticeOf(after(...outcomes), (seconds) => `second ${seconds}`);

test('afterAttempt() is live after a successful scrape, even after failures', () => {
  assert.deepEqual(after(SCRAPED), { kind: 'live', scrapedAt: 10, isEmpty: false });
  assert.deepEqual(after(SCRAPED, GONE, SCRAPED), { kind: 'live', scrapedAt: 30, isEmpty: false });
});

test('afterAttempt() keeps the time of the first failure and of the last numbers', () => {
  const refused: Outcome = { kind: 'refused', status: 503 };
  assert.deepEqual(after(SCRAPED, GONE, refused), { kind: 'failing', since: 20, scrapedAt: 10, outcome: refused });
  assert.deepEqual(after(GONE, GONE), { kind: 'failing', since: 10, scrapedAt: undefined, outcome: GONE });
});

test('noticeOf() is undefined while live numbers are shown', () => {
  assert.equal(noticeAfter(SCRAPED), undefined);
});

test('noticeOf() says what is wrong, since when, and how old the numbers are', () => {
  assert.equal(noticeAfter()?.title, 'Loading');
  assert.equal(noticeAfter({ kind: 'scraped', seriesCount: 0 })?.title, 'No metrics yet');
  assert.deepEqual(noticeAfter(SCRAPED, GONE, GONE), {
    isFailure: true,
    title: 'Server unreachable',
    text: 'No response since second 20. The numbers below are from second 10. The page keeps trying.',
  });
  assert.equal(noticeAfter(GONE)?.text, 'No response since second 10. The page keeps trying.');
  assert.deepEqual(
    [noticeAfter({ kind: 'unauthorised' })?.title, noticeAfter({ kind: 'unauthorised' })?.isFailure],
    ['Not authorised', true],
  );
  assert.match(noticeAfter({ kind: 'refused', status: 503 })!.text, /status 503/);
  assert.match(
    noticeAfter({ kind: 'unreadable', reason: 'Cannot parse it.' })!.text,
    /No valid exposition since second 10: Cannot parse it\./,
  );
});
