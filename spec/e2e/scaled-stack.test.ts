import assert from 'node:assert/strict';
import { areSumsGood } from '../../monitoring/stack/compare-sums.ts';
import { findPrograms } from '../support/real-system.ts';
import { runStackProgram, testOnStack } from './run-stack-program.ts';

// `npm run stack` with several scanners and Prometheus servers; with the newest version only, since it takes a minute.

const [newest] = findPrograms('prometheus');

testOnStack(['victoria-metrics'], 'The sums of several shards are those of the scanners', (program, t) => {
  if (program.path !== newest?.path) return t.skip('the newest Prometheus stands for all');
  const { sums, panels, scrapedByShard, pids } = runStackProgram(program, ['--instances', '3', '--shards', '2'], t);
  assert.equal(sums.length, 4);
  assert.ok(areSumsGood(sums), JSON.stringify(sums));
  const exact = sums.filter(({ before, after }) => before === after);
  assert.ok(exact.length > 0 && exact.every(({ before }) => before > 0));
  assert.deepEqual([...scrapedByShard].sort(), [1, 2]);
  assert.equal(panels.withData, panels.all, 'in the long-term store');
  assert.equal(pids.length, 11, 'three scanners, twice, three Prometheus, Alertmanager and VictoriaMetrics');
  for (const { what, before, shards, after } of sums) t.diagnostic(`${what}: ${before} <= ${shards} <= ${after}`);
});
