import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOf } from '../../../lib/page/text/unit-of.ts';

test('unitOf() is the last word of a name, before _total', () => {
  for (const [name, unit] of [
    ['finpilot_scan_duration_seconds', 'seconds'],
    ['process_cpu_seconds_total', 'seconds'],
    ['s_seconds_sum', 'seconds'],
    ['process_resident_memory_bytes', 'bytes'],
    ['finpilot_training_progress_ratio', 'ratio'],
    ['nodejs_eventloop_utilization', 'ratio'],
    ['cpu_percent', 'percent'],
    ['room_celsius', 'celsius'],
    ['requests_total', 'none'],
    ['constructor', 'none'],
    ['bytes_received', 'none'],
  ] as const) {
    assert.equal(unitOf(name), unit, name);
  }
});

test('unitOf() takes a gauge of seconds that is a moment for one, but not a time that adds up', () => {
  assert.equal(unitOf('process_start_time_seconds'), 'timestamp');
  assert.equal(unitOf('backup_last_success_timestamp_seconds'), 'timestamp');
  assert.equal(unitOf('nodejs_eventloop_time_seconds_total'), 'seconds');
});

test('unitOf() knows FinPilot’s shares of 1 by name', () => {
  assert.deepEqual(
    [unitOf('finpilot_match_rate'), unitOf('finpilot_error_rate'), unitOf('sample_rate')],
    ['ratio', 'ratio', 'none'],
  );
});

test('unitOf() believes the exposition more than the name', () => {
  assert.equal(unitOf('size', 'bytes'), 'bytes');
  assert.equal(unitOf('distance_parsecs', 'parsecs'), 'none');
});
