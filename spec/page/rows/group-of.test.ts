import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROW_OF_METRIC } from '../../../lib/page/rows/finpilot-rows.ts';
import { groupOf } from '../../../lib/page/rows/group-of.ts';
import { createFinpilotMetrics } from '../../../lib/finpilot/finpilot-metrics.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';

test('ROW_OF_METRIC has every metric of FinPilot’s catalogue, and no other', () => {
  const metrics = Object.values(createFinpilotMetrics(new MetricsRegistry()));
  const names = metrics.flatMap((metric) =>
    typeof metric === 'function' ? [] : [metric.name.replace('finpilot_', '')],
  );
  assert.deepEqual(Object.keys(ROW_OF_METRIC).sort(), names.sort());
});

test('groupOf() is FinPilot’s row for what its catalogue has', () => {
  assert.equal(groupOf('finpilot_scans_total'), 'Scanner');
  assert.equal(groupOf('finpilot_auth_attempts_total'), 'Auth & Security');
  assert.equal(groupOf('finpilot_toString'), 'FinPilot, other');
});

test('groupOf() is else the first word of the name', () => {
  assert.equal(groupOf('http_requests_total'), 'http');
  assert.equal(groupOf('job:latency:mean'), 'job');
  assert.equal(groupOf('_private_thing'), '_private');
  assert.equal(groupOf('up'), 'up');
  assert.equal(groupOf('process_open_fds'), 'Process');
  assert.equal(groupOf('constructor_calls'), 'constructor');
});
