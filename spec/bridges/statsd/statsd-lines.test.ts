import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SentValues } from '../../../lib/bridges/sent-values.ts';
import { statsdLines } from '../../../lib/bridges/statsd/statsd-lines.ts';
import type { Tags } from '../../../lib/bridges/tagged-name.ts';
import { Counter, type MetricsRegistry } from '../../../lib/core.ts';
import { everyKind } from '../every-kind.ts';

async function linesOf(registry: MetricsRegistry, tags: Tags, sent = new SentValues()): Promise<string[]> {
  const families = await registry.gather();
  sent.begin();
  const lines = [...statsdLines(families, { prefix: 'app.', tags, quantiles: [0.5] }, sent)];
  sent.confirm(lines.flatMap(({ value }) => value ?? []));
  sent.end();
  return lines.map(({ text }) => text);
}

test('statsdLines() writes DogStatsD lines: changes of what counts, values of gauges, quantiles', async () => {
  assert.deepEqual(await linesOf(everyKind().registry, 'dogstatsd'), [
    'app.scans_total:3|c|#strategy:swing,region:eu',
    'app.scans_total:0.5|c|#strategy:a_b_c;d=e:f#g h,region:eu',
    'app.scans_total:2|c|#region:eu',
    'app.depth:7|g|#i:0,region:eu',
    'app.depth:0|g|#i:1,region:eu\napp.depth:-2.5|g|#i:1,region:eu',
    'app.wait_seconds_count:4|c|#region:eu',
    'app.wait_seconds_sum:6.5|c|#region:eu',
    'app.wait_seconds:1.5|g|#region:eu,quantile:0.5',
    'app.size_bytes_count:2|c|#region:eu',
    'app.size_bytes_sum:200|c|#region:eu',
    'app.size_bytes:100|g|#region:eu,quantile:0.5',
    'app.build_info:1|g|#version:1.4,region:eu',
    'app.phase:1|g|#phase:on,region:eu',
    'app.phase:0|g|#phase:off,region:eu',
    'app.age_count:3|g|#region:eu',
    'app.age_sum:5|g|#region:eu',
  ]);
});

test('statsdLines() writes labels into the name, in the form of each dialect', async () => {
  const heads = async (tags: Tags): Promise<string[]> => {
    const lines = await linesOf(everyKind().registry, tags);
    return lines.slice(0, 3).map((line) => line.replace('app.', ''));
  };
  assert.deepEqual(await heads('name'), [
    'scans_total.strategy.swing.region.eu:3|c',
    'scans_total.strategy.a_b_c_d_e_f_g_h.region.eu:0.5|c',
    'scans_total.region.eu:2|c',
  ]);
  assert.deepEqual(await heads('influxdb'), [
    'scans_total,strategy=swing,region=eu:3|c',
    'scans_total,strategy=a_b_c_d_e_f_g_h,region=eu:0.5|c',
    'scans_total,region=eu:2|c',
  ]);
  assert.equal((await heads('librato'))[0], 'scans_total#strategy=swing,region=eu:3|c');
  assert.equal((await heads('graphite'))[0], 'scans_total;strategy=swing;region=eu:3|c');
});

test('statsdLines() writes changes since the last push: none, some, and all again after a restart from 0', async () => {
  const { registry, scans, wait } = everyKind();
  const sent = new SentValues();
  const changes = async (): Promise<string[]> => {
    return (await linesOf(registry, 'dogstatsd', sent))
      .filter((line) => /^app\.(scans|wait)/.test(line))
      .map((line) => line.slice(4, line.indexOf('|#')));
  };
  await changes();
  assert.deepEqual(await changes(), []);
  scans.inc({ strategy: 'swing' }, 4);
  wait.observe(-1.5);
  wait.observe(3);
  assert.deepEqual(await changes(), [
    'scans_total:4|c',
    'wait_seconds_count:2|c',
    'wait_seconds_sum:1.5|c',
    'wait_seconds:1|g',
  ]);
  scans.clear();
  scans.inc({ strategy: 'swing' }, 2);
  wait.clear();
  wait.observe(1);
  assert.deepEqual(await changes(), [
    'scans_total:2|c',
    'wait_seconds_count:1|c',
    'wait_seconds_sum:1|c',
    'wait_seconds:0.5|g',
  ]);
});

test('statsdLines() keeps series apart that receivers cannot tell apart: their changes add up there', async () => {
  const { registry } = everyKind();
  const twins = new Counter({ name: 'twins_total', help: 'Twins.', labelNames: ['x'], registers: [registry] });
  const sent = new SentValues();
  let total = 0;
  for (let i = 0; i < 3; i++) {
    twins.inc({ x: 'a|b' }, 5);
    twins.inc({ x: 'a,b' }, 7);
    for (const line of await linesOf(registry, 'dogstatsd', sent))
      if (line.startsWith('app.twins')) total += Number(/:(\d+)/.exec(line)![1]);
  }
  assert.equal(total, 36);
});

test('SentValues adds what was not confirmed to the next change, and forgets series that are gone', () => {
  const sent = new SentValues();
  const change = (total: number, isConfirmed: boolean): number => {
    sent.begin();
    const value = sent.count('a', total);
    const amount = value.pending - value.sent;
    if (isConfirmed) sent.confirm([value]);
    sent.end();
    return amount;
  };
  assert.deepEqual(
    [change(5, false), change(8, true), change(9, false), change(9, true), change(9, true)],
    [5, 8, 1, 1, 0],
  );
  sent.begin();
  sent.end();
  assert.equal(change(9, true), 9);
});
