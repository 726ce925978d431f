import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHealth } from '../../../lib/page/state/health.ts';
import { HealthChecks } from '../../../lib/server/health-checks.ts';

test('readHealth() reads what the server reports', async () => {
  const checks = new HealthChecks();
  checks.add('prices', () => true);
  checks.add('broker', () => {
    throw new Error('no answer');
  });
  const health = readHealth(JSON.stringify(await checks.report()));
  assert.equal(health?.isOk, false);
  assert.deepEqual(
    health?.checks.map(({ name, isOk, error }) => [name, isOk, error]),
    [
      ['prices', true, ''],
      ['broker', false, 'no answer'],
    ],
  );
  assert.ok(health!.checks.every(({ durationSeconds }) => durationSeconds >= 0));
});

test('readHealth() is undefined for what is no report', () => {
  for (const body of ['', '<html>', 'null', '[]', '3', '{}', '{"status":"ok"}', '{"checks":null}']) {
    assert.equal(readHealth(body), undefined, body);
  }
});

test('readHealth() takes checks of another shape for failing', () => {
  const health = readHealth('{"status":"ok","checks":{"a":null,"b":{"status":1}}}');
  assert.deepEqual(
    health?.checks.map(({ name, isOk, durationSeconds, error }) => [name, isOk, durationSeconds, error]),
    [
      ['a', false, NaN, ''],
      ['b', false, NaN, ''],
    ],
  );
});
