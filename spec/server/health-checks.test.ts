import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthChecks } from '../../lib/server/health-checks.ts';
import { turn } from './turn.ts';

/** The report without its durations, which are checked to be times. */
async function statesOf(checks: HealthChecks) {
  const report = await checks.report();
  const states = Object.entries(report.checks).map(([name, { status, durationSeconds, error }]) => {
    assert.ok(durationSeconds >= 0 && durationSeconds < 10);
    return [name, error === undefined ? status : `${status}: ${error}`];
  });
  return { status: report.status, checks: Object.fromEntries(states) as Record<string, string> };
}

test('HealthChecks.report() is ok without any check', async () => {
  assert.deepEqual(await new HealthChecks().report(), { status: 'ok', checks: {} });
});

test('HealthChecks.report() takes a check as ok that returns or resolves to anything but false', async () => {
  const checks = new HealthChecks();
  checks.add('nothing', () => {});
  checks.add('true', () => true);
  checks.add('async', async () => {});
  checks.add('async true', async () => true);
  const expected = { nothing: 'ok', true: 'ok', async: 'ok', 'async true': 'ok' };
  assert.deepEqual(await statesOf(checks), { status: 'ok', checks: expected });
});

test('HealthChecks.report() takes a check as failing that returns false, throws or rejects', async () => {
  const checks = new HealthChecks();
  checks.add('fine', () => true);
  checks.add('false', () => false);
  checks.add('async false', async () => false);
  checks.add('throws', () => {
    throw new Error('no disk');
  });
  checks.add('rejects', () => Promise.reject(new Error('no database')));
  checks.add('throws text', () => Promise.reject('no text'));
  assert.deepEqual(await statesOf(checks), {
    status: 'failing',
    checks: {
      fine: 'ok',
      false: 'failing: The check returned false.',
      'async false': 'failing: The check returned false.',
      throws: 'failing: no disk',
      rejects: 'failing: no database',
      'throws text': 'failing: no text',
    },
  });
});

test('HealthChecks.report() runs the checks side by side', async () => {
  const checks = new HealthChecks();
  const started: (() => void)[] = [];
  const bothStarted = async () => {
    await new Promise<void>((resolve) => {
      started.push(resolve);
      if (started.length === 2) started.forEach((resume) => resume());
    });
  };
  checks.add('a', bothStarted);
  checks.add('b', bothStarted);
  assert.equal((await checks.report()).status, 'ok');
});

test('HealthChecks.report() takes a check as failing that does not settle within its timeout', async () => {
  const checks = new HealthChecks();
  checks.add('hung', () => new Promise(() => {}), { timeoutSeconds: 0.01 });
  checks.add('fine', async () => {});
  const release = keepAlive();
  const report = await checks.report();
  release();
  assert.equal(report.status, 'failing');
  assert.equal(report.checks['fine']?.status, 'ok');
  assert.equal(report.checks['hung']?.status, 'failing');
  assert.match(report.checks['hung'].error ?? '', /^Still running after 0\.\d s, expected an answer within 0\.01 s\.$/);
  assert.ok(report.checks['hung'].durationSeconds >= 0.009);
});

test('HealthChecks.report() does not start a hung check again until it has settled', async () => {
  const checks = new HealthChecks();
  let starts = 0;
  const hung = () => {
    starts++;
    return new Promise<void>(() => {});
  };
  checks.add('hung', hung, { timeoutSeconds: 0.01 });
  const release = keepAlive();
  const [first, second] = await Promise.all([checks.report(), checks.report()]);
  const third = await checks.report();
  release();
  assert.deepEqual([first.status, second.status, third.status, starts], ['failing', 'failing', 'failing', 1]);
  assert.ok((third.checks['hung']?.durationSeconds ?? 0) >= (first.checks['hung']?.durationSeconds ?? Infinity));
});

test('HealthChecks.report() starts a check again once its hung run has settled', async () => {
  const checks = new HealthChecks();
  let starts = 0;
  let settle = () => {};
  checks.add('slow once', () => (starts++ === 0 ? new Promise<void>((resolve) => (settle = resolve)) : true), {
    timeoutSeconds: 0.01,
  });
  const release = keepAlive();
  assert.equal((await checks.report()).status, 'failing');
  release();
  settle();
  await turn();
  assert.equal((await checks.report()).status, 'ok');
  assert.equal(starts, 2);
});

test('HealthChecks.report() clears the timers of settled checks, and lets none keep the process alive', async (t) => {
  const set = t.mock.method(globalThis, 'setTimeout');
  const clear = t.mock.method(globalThis, 'clearTimeout');
  const checks = new HealthChecks();
  checks.add('sync', () => true, { timeoutSeconds: 1000 });
  checks.add('async', async () => {}, { timeoutSeconds: 1000 });
  checks.add('rejects', () => Promise.reject(new Error('no')), { timeoutSeconds: 1000 });
  checks.add('hung', () => new Promise(() => {}), { timeoutSeconds: 1000 });
  void checks.report();
  await turn();
  const timers = set.mock.calls.map((call) => call.result as NodeJS.Timeout);
  assert.deepEqual(
    timers.map((timer) => timer.hasRef()),
    [false, false, false, false],
  );
  assert.deepEqual(
    clear.mock.calls.map((call) => call.arguments[0]),
    timers.slice(0, 3),
  );
});

test('HealthChecks.report() names any check, in the order of their adding', async () => {
  const checks = new HealthChecks();
  const names = ['b', 'a', '__proto__', 'constructor', '', 'name with "quotes"\n'];
  for (const name of names) checks.add(name, () => true);
  const report = await checks.report();
  assert.deepEqual(Object.keys(report.checks), names);
  assert.equal(Object.keys(JSON.parse(JSON.stringify(report)).checks).length, names.length);
});

test('HealthChecks.add() refuses a name that is taken', () => {
  const checks = new HealthChecks();
  checks.add('db', () => true);
  assert.throws(() => checks.add('db', () => true), {
    name: 'RangeError',
    message: 'Cannot add check "db": expected a new name, got one that is taken. Remove that check first.',
  });
});

test('HealthChecks.add() refuses what is no name, no function and no timeout', () => {
  const checks = new HealthChecks();
  const add =
    (...args: unknown[]) =>
    () =>
      (checks.add as (...args: unknown[]) => void).apply(checks, args);
  assert.throws(
    add(7, () => true),
    {
      name: 'TypeError',
      message: 'Cannot add a check: expected its name to be a string, got 7.',
    },
  );
  assert.throws(add('db', true), {
    name: 'TypeError',
    message: 'Cannot add check "db": expected a function, got true.',
  });
  for (const timeoutSeconds of [0, -1, NaN, Infinity, 2_147_484]) {
    assert.throws(
      add('db', () => true, { timeoutSeconds }),
      {
        name: 'RangeError',
        message:
          'Cannot add check "db": expected timeoutSeconds to be a number of seconds above 0 and at most 2147483, ' +
          `got ${timeoutSeconds}.`,
      },
    );
  }
  assert.throws(
    add('db', () => true, { timeoutSeconds: '5' }),
    { name: 'TypeError', message: /got "5"\.$/ },
  );
});

test('HealthChecks.remove() takes a check out and tells whether it was there', async () => {
  const checks = new HealthChecks();
  checks.add('db', () => false);
  assert.equal(checks.remove('db'), true);
  assert.equal(checks.remove('db'), false);
  assert.equal((await checks.report()).status, 'ok');
});

/** Checks have unref'ed timers, so a test that waits for one alone would end before it. */
function keepAlive(): () => void {
  const timer = setInterval(() => {}, 1000);
  return () => clearInterval(timer);
}
