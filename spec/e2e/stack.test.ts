import assert from 'node:assert/strict';
import { dashboardQueries, inEitherForm, readDashboards } from '../../monitoring/stack/dashboard-queries.ts';
import { readRules } from '../monitoring/read-rules.ts';
import { runStackProgram, testOnStack } from './run-stack-program.ts';

// `npm run stack` as a user runs it, with each version of Prometheus that this machine has.

testOnStack([], 'Every panel and rule has data, two alerts fire and resolve, and nothing is left', (program, t) => {
  const { panels, rules, alerts, disk, pids, prometheus } = runStackProgram(program, [], t);
  assert.equal(panels.withData, inEitherForm(dashboardQueries(readDashboards())).length);
  assert.equal(rules.withData, new Set(readRules().map(({ record, alert: name }) => record ?? name)).size);
  assert.deepEqual([alerts.down.receiver, alerts.silenced], ['/page', 'FinpilotTargetDown']);
  assert.equal(alerts.blocked.receiver, '/page');
  assert.equal(pids.length, 4, 'the scanner, twice, Prometheus and Alertmanager');
  assert.ok(disk.samples > 1000 && disk.chunkBytesPerSample < disk.bytesPerSample);
  t.diagnostic(`Prometheus ${prometheus}: ${panels.withData} queries, ${rules.withData} rules`);
  for (const [what, { firingAfterSeconds, resolvedAfterSeconds }] of Object.entries({
    stopped: alerts.down,
    blocked: alerts.blocked,
  })) {
    t.diagnostic(
      `${what}: firing after ${firingAfterSeconds.toFixed(1)} s, resolved after ${resolvedAfterSeconds.toFixed(1)} s`,
    );
  }
});
