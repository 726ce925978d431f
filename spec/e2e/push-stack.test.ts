import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { arePushesGood, type PushReport } from '../../monitoring/stack/push-everywhere.ts';
import { whyNoSystems } from '../bridges/systems.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { STACK_PROGRAM, stackEnvironment, testOnStack } from './run-stack-program.ts';

// `npm run stack -- --push`: one process, three protocols.

testOnStack(
  ['victoria-metrics'],
  'Prometheus, VictoriaMetrics and statsd have the numbers of one process',
  (program, t) => {
    const reason = whyNoSystems();
    if (reason !== false) return t.skip(reason);
    const environment = stackEnvironment(program, t);
    const args = [STACK_PROGRAM, '--push', '--json'];
    const { status, stdout, stderr } = runProgram(process.execPath, args, packageRoot(), environment);
    assert.equal(stderr, '');
    assert.equal(status, 0, stdout);
    const report = JSON.parse(stdout) as PushReport;
    assert.ok(arePushesGood(report), stdout);
    const names = report.numbers.map(({ series }) => series.split('{')[0]!);
    assert.deepEqual(
      [...new Set(names)],
      ['orders_total', 'volume_total', 'open_orders', 'fill_seconds_sum', 'fill_seconds_count'],
    );
    assert.equal(names.length, 10);
    assert.equal(report.numbers[0]!.here, 30);
    for (const bridge of ['remote-write', 'otlp', 'statsd']) assert.ok(report.pushes[`${bridge} sent`]! >= 4, stdout);
    assert.deepEqual(readdirSync(environment.TMPDIR), [], 'files that are left behind');
  },
);
