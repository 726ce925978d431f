import assert from 'node:assert/strict';
import { dashboardQueries, readDashboards } from '../../monitoring/stack/dashboard-queries.ts';
import { readRules } from '../monitoring/read-rules.ts';
import { runStackProgram, testOnStack } from './run-stack-program.ts';

// `npm run stack` as a user runs it, with each version of Prometheus that this machine has.

testOnStack([], 'Every panel and rule has data, an alert fires and resolves, and nothing is left', (program, t) => {
  const { panels, rules, alert, disk, pids, prometheus } = runStackProgram(program, [], t);
  assert.equal(panels.withData, dashboardQueries(readDashboards()).length);
  assert.equal(rules.withData, new Set(readRules().map(({ record, alert: name }) => record ?? name)).size);
  assert.deepEqual([alert.receiver, alert.silenced], ['/page', 'FinpilotTargetDown']);
  assert.equal(pids.length, 4, 'the scanner, twice, Prometheus and Alertmanager');
  assert.ok(disk.samples > 1000 && disk.chunkBytesPerSample < disk.bytesPerSample);
  t.diagnostic(`Prometheus ${prometheus}: ${panels.withData} queries, ${rules.withData} rules`);
  t.diagnostic(
    `firing after ${alert.firingAfterSeconds.toFixed(1)} s, resolved after ${alert.resolvedAfterSeconds.toFixed(1)} s`,
  );
});
