import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthStatus, type HealthStatusCheck } from '../../lib/finpilot/health-status.ts';
import { Gauge } from '../../lib/metrics/gauge.ts';

/** What the gauge says of each check. */
async function report(status: HealthStatus): Promise<Record<string, number>> {
  const gauge = new Gauge({ name: 'health_status', help: 'Health.', labelNames: ['check'], registers: [] });
  await status.report(gauge);
  return Object.fromEntries(gauge.series.map((series) => [series.labelValues[0], series.value]));
}

/** Until promises that are settled have been heard. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('HealthStatus.report() sets 1 unless the check returns or resolves to false, throws or rejects', async () => {
  const status = new HealthStatus();
  const checks: Record<string, HealthStatusCheck> = {
    nothing: () => {},
    true: () => true,
    async: async () => {},
    false: () => false,
    'async false': async () => false,
    throws: () => {
      throw new Error('no disk');
    },
    rejects: () => Promise.reject(new Error('no database')),
  };
  for (const [name, check] of Object.entries(checks)) status.watch(name, check);
  assert.deepEqual(await report(status), {
    nothing: 1,
    true: 1,
    async: 1,
    false: 0,
    'async false': 0,
    throws: 0,
    rejects: 0,
  });
});

test('HealthStatus.report() sets a check that hangs to 0, at no cost to the others', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const status = new HealthStatus();
  status.watch('hangs', () => new Promise(() => {}));
  status.watch('works', () => true);
  const reported = report(status);
  await nextTurn();
  t.mock.timers.tick(500);
  assert.deepEqual(await reported, { hangs: 0, works: 1 });
});

test('HealthStatus.report() does not start a check again that is still running', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const status = new HealthStatus();
  let starts = 0;
  let finish = (): void => {};
  status.watch('slow', () => {
    starts++;
    return new Promise<void>((resolve) => (finish = resolve));
  });
  const first = report(status);
  t.mock.timers.tick(500);
  assert.deepEqual(await first, { slow: 0 });

  const second = report(status);
  finish();
  assert.deepEqual(await second, { slow: 1 });
  assert.equal(starts, 1);
});

test('HealthStatus.watch() replaces a check of the same name', async () => {
  const status = new HealthStatus();
  status.watch('api', () => false);
  status.watch('api', () => true);
  assert.deepEqual(await report(status), { api: 1 });
});

test('HealthStatus.watch() throws unless the check is a function', () => {
  const name = Symbol('a') as unknown as string;
  assert.throws(
    () => new HealthStatus().watch(name, true as unknown as () => boolean),
    /health check a value of type symbol: expected/,
  );
  assert.throws(() => new HealthStatus().watch('api', true as unknown as () => boolean), {
    name: 'TypeError',
    message: 'Cannot watch health check "api": expected a function, got true.',
  });
});
