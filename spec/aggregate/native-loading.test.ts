import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

// The programs run on a copy of the built library from which files are missing.

const ifBuilt = { skip: whyNotBuilt() };

/** An aggregation of one worker in the same process, and two scrapes of it. */
const PROGRAM = `
import { Aggregation } from './lib/aggregate/aggregation.js';
import { Reporter } from './lib/aggregate/reporter.js';
import { Histogram, MetricsRegistry, PrometheusExporter } from './lib/core.js';
const registers = [new MetricsRegistry()];
const buckets = process.argv[2] === 'native' ? (await import('./lib/native/index.js')).nativeBuckets({ classicBounds: [1] }) : [1];
const histogram = new Histogram({ name: 'wait_seconds', help: 'Wait.', registers, buckets });
histogram.observe(3);
process.on('warning', ({ code }) => console.log(code));
const aggregation = new Aggregation();
const state = aggregation.add((message) => reporter.take(message), false);
const reporter = new Reporter(registers[0], (message) => aggregation.take(state, message));
reporter.begin();
await aggregation.gather();
histogram.observe(0.5);
const text = new TextDecoder().decode(await new PrometheusExporter(aggregation).render());
console.log(text.split('\\n').filter((line) => line.startsWith('wait_seconds')).join('\\n'));
`;

const WAIT =
  'wait_seconds_bucket{le="1.0"} 1\nwait_seconds_bucket{le="+Inf"} 2\nwait_seconds_sum 3.5\nwait_seconds_count 2\n';

function runWithout(folder: string, missing: string, buckets: 'native' | 'fixed'): string {
  cpSync(join(packageRoot(), 'dist/lib'), join(folder, 'lib'), { recursive: true });
  rmSync(join(folder, 'lib', missing), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.js'), PROGRAM);
  const { status, stdout, stderr } = runProgram(process.execPath, ['program.js', buckets], folder);
  assert.equal(status, 0, stderr);
  return stdout;
}

test('Aggregation loads nothing of native histograms for workers that have none', ifBuilt, (t) => {
  assert.equal(runWithout(temporaryFolder(t), 'native', 'fixed'), WAIT);
});

test(
  'Aggregation merges native histograms as classic ones, and warns, if it cannot load what merges them',
  ifBuilt,
  (t) => {
    assert.equal(runWithout(temporaryFolder(t), 'aggregate/native-part.js', 'native'), `METRICS_NOT_MERGED\n${WAIT}`);
  },
);
