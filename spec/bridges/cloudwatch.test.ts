import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type CloudwatchPushOptions, startCloudwatchPush } from '../../lib/bridges/cloudwatch.ts';
import { Counter, Gauge, Histogram, linearBuckets, MetricsRegistry, StateSet } from '../../lib/core.ts';
import { randomRegistry } from '../e2e/random-registry.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';
import { emfFaults } from './emf-faults.ts';
import { everyKind } from './every-kind.ts';

/** A push whose lines are kept, and checked. */
function writing(registry: MetricsRegistry): { push(): Promise<Record<string, unknown>[]> } {
  let lines: string[] = [];
  const push = startCloudwatchPush({
    namespace: 'Shop',
    registry,
    intervalSeconds: Infinity,
    write: (line) => lines.push(line),
  });
  return {
    async push() {
      lines = [];
      await push.push();
      for (const line of lines) {
        assert.equal(line.at(-1), '\n');
        assert.deepEqual(emfFaults(line.slice(0, -1)), [], line);
      }
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((one) => !('bridge' in one));
    },
  };
}

test('startCloudwatchPush() writes series with the same labels into one line, with units', async (t) => {
  t.mock.method(Date, 'now', () => 1_764_288_000_123);
  const [first, ...rest] = await writing(everyKind().registry).push();
  const line = (dimensions: string[], metrics: [name: string, unit: string][]): object => ({
    Timestamp: 1_764_288_000_123,
    CloudWatchMetrics: [
      { Namespace: 'Shop', Dimensions: [dimensions], Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })) },
    ],
  });
  assert.deepEqual(first, {
    _aws: line(['strategy', 'region'], [['scans_total', 'Count']]),
    strategy: 'swing',
    region: 'eu',
    scans_total: 3,
  });
  assert.deepEqual(
    rest.find((one) => 'wait_seconds' in one),
    {
      _aws: line(
        ['region'],
        [
          ['scans_total', 'Count'],
          ['wait_seconds', 'Seconds'],
          ['size_bytes_count', 'Count'],
          ['size_bytes_sum', 'Bytes'],
        ],
      ),
      region: 'eu',
      scans_total: 2,
      wait_seconds: { Values: [0.5, 1.5, 3], Counts: [1, 2, 1] },
      size_bytes_count: 2,
      size_bytes_sum: 200,
    },
  );
  assert.deepEqual(rest.map((one) => one['depth']).filter(Boolean), [7, -2.5]);
  assert.deepEqual(
    rest.map((one) => [one['label_phase'], one['phase']]).filter(([label]) => label),
    [
      ['on', 1],
      ['off', 0],
    ],
  );
});

test('startCloudwatchPush() writes changes since the last line', async () => {
  const { registry, scans, wait } = everyKind();
  const { push } = writing(registry);
  await push();
  assert.ok(
    (await push()).every((one) => !('scans_total' in one) && !('wait_seconds' in one) && !('size_bytes_sum' in one)),
  );
  scans.inc({ strategy: 'swing' }, 2);
  wait.observe(100);
  wait.observe(1.2);
  const lines = await push();
  assert.deepEqual(lines.find((one) => one['strategy'] === 'swing')?.['scans_total'], 2);
  assert.deepEqual(lines.find((one) => 'wait_seconds' in one)?.['wait_seconds'], { Values: [1.5, 4], Counts: [1, 1] });
});

test('startCloudwatchPush() repeats a change that could not be written', async () => {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const written: number[] = [];
  let isFull = true;
  const push = startCloudwatchPush({
    namespace: 'Shop',
    registry,
    intervalSeconds: Infinity,
    write: (line) => {
      if (isFull) throw new Error('no space');
      written.push((JSON.parse(line) as { jobs_total: number }).jobs_total);
    },
  });
  jobs.inc(3);
  await assert.rejects(push.push(), /no space/);
  isFull = false;
  jobs.inc(4);
  await push.push();
  assert.ok(written.includes(7));
});

test('startCloudwatchPush() gives up on a write that hangs, begins no other, and counts nothing twice', async (t) => {
  const registry = new MetricsRegistry();
  const scans = new Counter({ name: 'scans_total', help: 'Scans.', registers: [registry] });
  const amounts: number[] = [];
  let finish: () => void = () => undefined;
  const write = (line: string): Promise<void> | undefined => {
    amounts.push((JSON.parse(line) as { scans_total: number }).scans_total);
    return amounts.length > 1 ? undefined : new Promise((resolve) => (finish = resolve));
  };
  // Not the registry itself, whose metrics of the pushes would be written too.
  const gatherer = { gather: () => registry.gather() };
  await gatherer.gather(); // loads what a push need not wait for
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const push = startCloudwatchPush({ namespace: 'Shop', registry: gatherer, intervalSeconds: Infinity, write });
  for (const amount of [3, 4]) {
    scans.inc(amount);
    const pushed = assert.rejects(push.push(), { code: 'ETIMEDOUT' });
    await turn();
    t.mock.timers.tick(10_000);
    await pushed;
    assert.deepEqual(amounts, [3]);
  }
  finish();
  await push.push();
  assert.deepEqual(amounts, [3, 4]);
});

test('startCloudwatchPush() keeps to the limits: 100 metrics a line, 30 dimensions, 100 values of a metric', async () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  for (let i = 0; i < 250; i++) new Gauge({ name: `gauge_${i}`, help: 'Gauge.', registers }).set(i);
  const labelNames = Array.from({ length: 35 }, (_, i) => `label_${i}`);
  new Gauge({ name: 'labelled', help: 'Labelled.', labelNames, registers }).set(
    Object.fromEntries(labelNames.map((name) => [name, 'x'])),
    1,
  );
  const fine = new Histogram({ name: 'fine', help: 'Fine.', buckets: linearBuckets(1, 1, 250), registers });
  for (let i = 0; i < 250; i++) fine.observe(i + 0.5);
  const lines = await writing(registry).push();
  const found = lines.flatMap((line) => Object.keys(line).filter((key) => /^gauge_/.test(key)));
  assert.equal(new Set(found).size, 250);
  const values = lines.flatMap((line) => (line['fine'] as { Values: number[] } | undefined)?.Values ?? []);
  assert.deepEqual(
    values.toSorted((a, b) => a - b),
    Array.from({ length: 250 }, (_, i) => i + 0.5),
  );
});

test('startCloudwatchPush() writes valid lines of any registry, whatever its names, labels and numbers', async () => {
  let lines = 0;
  for (let seed = 0; seed < 200; seed++) {
    const registry = randomRegistry(new SeededRandom(seed));
    const { push } = writing(registry);
    lines += (await push()).length + (await push()).length;
  }
  assert.ok(lines > 500, `${lines} lines`);
  const registry = new MetricsRegistry();
  const labels = ['_aws', 'nasty', 'other'];
  const nasty = new Gauge({ name: 'nasty', help: 'Nasty.', labelNames: labels, registers: [registry] });
  for (const value of NASTY_LABEL_VALUES) nasty.set({ _aws: value, nasty: value, other: ' ' }, 1);
  new StateSet({ name: 'mode', help: 'Mode.', states: ['on'], registers: [registry] }).select('on');
  assert.ok((await writing(registry).push()).length >= 2);
});

test('startCloudwatchPush() gives names that a line cannot have others', async () => {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
  const labels = ['c', 'label_c', '_aws', ':x', '\u{e9}'];
  const values = Object.fromEntries(labels.map((label, i) => [label, String(i)]));
  new Gauge({ name: 'c', help: 'C.', labelNames: labels, registers: [registry] }).set(values, 1);
  new Gauge({ name: '_aws', help: 'Reserved.', registers: [registry] }).set(2);
  new Gauge({ name: 'gr\u{f6}\u{df}e', help: 'UTF-8.', registers: [registry] }).set(3);
  new Gauge({ name: 'n'.repeat(2000), help: 'Long.', registers: [registry] }).set(4);
  const [named, ...rest] = await writing(registry).push();
  const { _aws: about, ...line } = named!;
  void about;
  assert.deepEqual(line, { c: 1, label_c: '0', label_label_c: '1', label__aws: '2', _x: '3', _: '4' });
  const metrics = rest.flatMap(({ _aws: _, ...others }) => Object.entries(others));
  assert.deepEqual(metrics, [
    ['metric__aws', 2],
    ['gr__e', 3],
    ['n'.repeat(1000), 4],
  ]);
});

test('startCloudwatchPush() leaves out observations that CloudWatch has no number for', async () => {
  const registry = new MetricsRegistry();
  const wide = new Histogram({
    name: 'wide',
    help: 'Wide.',
    buckets: [-1.7e308, -1, 1, 1.7e308],
    registers: [registry],
  });
  for (const value of [-1.75e308, -2, 0, 2, 1.75e308]) wide.observe(value);
  const whole = new Histogram({ name: 'whole', help: 'Whole.', buckets: [-1.7e308, 1.7e308], registers: [registry] });
  whole.observe(3);
  const [{ wide: written, whole: middle } = {}] = await writing(registry).push();
  assert.deepEqual(
    [written, middle],
    [
      { Values: [0], Counts: [1] },
      { Values: [0], Counts: [1] },
    ],
  );
});

test('startCloudwatchPush() writes no line that is too long for a log event', async () => {
  const registry = new MetricsRegistry();
  const buckets = Array.from({ length: 99 }, (_, i) => (i + 1) * 1.234567890123e-7);
  for (let i = 0; i < 100; i++) {
    const one = new Histogram({ name: `distribution_${i}_seconds`, help: 'Many.', buckets, registers: [registry] });
    const child = one as unknown as { observe(value: number): void };
    for (const bound of buckets) for (let k = 0; k < 12; k++) child.observe(bound);
  }
  const written = await writing(registry).push(); // each line is checked
  assert.ok(written.length >= 3, `${written.length} lines`);
});

/** The beginning of a program that uses the build. */
const IMPORTS = `
    const { Gauge } = await import(${builtEntry('index')});
    const { startCloudwatchPush } = await import(${builtEntry('cloudwatch')});`;

function builtEntry(name: string): string {
  return JSON.stringify(pathToFileURL(join(packageRoot(), 'dist', 'bundle', `${name}.js`)).href);
}

test('startCloudwatchPush() writes to standard output, nothing else, and all of it before close() resolves', {
  skip: whyNotBuilt(),
}, () => {
  const program = `${IMPORTS}
    const gauge = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'] });
    for (let i = 0; i < 5000; i++) gauge.set({ i }, i);
    const push = startCloudwatchPush({ namespace: 'Shop' });
    await push.close();
    process.exit();`;
  const { status, stdout, stderr } = runProgram(
    process.execPath,
    ['--input-type=module', '-e', program],
    packageRoot(),
  );
  assert.deepEqual([status, stderr], [0, '']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.filter((line) => line.includes('"many":')).length, 5000);
  for (const line of lines) assert.deepEqual(emfFaults(line), []);
});

test('startCloudwatchPush() fails a push when nobody reads standard output, and the program goes on', {
  skip: whyNotBuilt() || (process.platform === 'win32' && 'needs a shell'),
}, () => {
  const program = `${IMPORTS}
    new Gauge({ name: 'depth', help: 'Depth.' }).set(1);
    const push = startCloudwatchPush({ namespace: 'Shop', intervalSeconds: Infinity });
    const codes = [];
    while (codes.length < 20) await push.push().catch(({ code }) => codes.push(code));
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.error(codes[0], process.stdout.listenerCount('error'));`;
  const command = '"$0" --input-type=module -e "$1" | true';
  const { stderr } = runProgram('/bin/sh', ['-c', command, process.execPath, program], packageRoot());
  assert.equal(stderr, 'EPIPE 0\n');
});

test('startCloudwatchPush() refuses options that it cannot use', () => {
  const start = startCloudwatchPush as (options?: object) => unknown;
  for (const namespace of [undefined, '', ' ', 'AWS/Lambda', 'a'.repeat(256), 'ü', 1]) {
    assert.throws(() => start({ namespace }), /^RangeError: Cannot push metrics to CloudWatch: expected namespace/);
  }
  assert.throws(() => start(), /expected options as an object/);
  assert.throws(() => start({ namespace: 'Shop', wirte: 1 }), /"wirte"\. Look for a typing error/);
  assert.throws(
    () => start({ namespace: 'Shop', write: 'stdout' } as unknown as CloudwatchPushOptions),
    /^TypeError: .*expected write/,
  );
});
