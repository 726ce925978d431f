import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processStartTime } from '../../lib/collectors/process-start-time.ts';
import { valueOf } from './value-of.ts';

test('processStartTime() shows when the process started, to the millisecond', () => {
  const seconds = valueOf(processStartTime(), 'process_start_time_seconds')!;
  assert.ok(Math.abs(seconds - performance.timeOrigin / 1e3) < 0.1, String(seconds));
  assert.equal(seconds, Math.round(seconds * 1e3) / 1e3);
});

test('processStartTime() does not move when the clock is set', (context) => {
  const group = processStartTime();
  const before = valueOf(group, 'process_start_time_seconds');
  context.mock.timers.enable({ apis: ['Date'], now: 0 });
  assert.equal(valueOf(group, 'process_start_time_seconds'), before);
});
