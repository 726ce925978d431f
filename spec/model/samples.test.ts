import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram, Info, MetricsRegistry, StateSet } from '../../lib/core.ts';
import { type Sample, samplesOf } from '../../lib/model/samples.ts';
import { Summary } from '../../lib/summary.ts';

/** The samples of a registry as text lines, in the order in which they are generated. */
async function linesOf(registry: MetricsRegistry): Promise<string[]> {
  const families = await registry.gather();
  return families.flatMap((family) => Array.from(samplesOf(family), (sample) => lineOf(family.name, sample)));
}

function lineOf(name: string, { suffix, labels, le, quantile, value }: Sample): string {
  const all = Object.entries({ ...labels, ...(le === undefined ? {} : { le }), ...(quantile && { quantile }) });
  const inner = all.map(([label, text]) => `${label}=${text}`).join();
  return `${name}${suffix}{${inner}} ${value}`;
}

test('samplesOf() generates cumulative buckets, quantiles, sums and counts as the text format writes them', async () => {
  const registry = new MetricsRegistry({ constantLabels: { shard: 7 } });
  const options = { help: 'H.', labelNames: ['a'] as const, registers: [registry] };
  const histogram = new Histogram({ ...options, name: 'h', buckets: [1, 2] });
  for (const value of [0.5, 1.5, 1.5, 9]) histogram.observe({ a: 'x' }, value);
  const summary = new Summary({ ...options, name: 's', percentiles: [0.5, 1] });
  for (const value of [1, 3]) summary.observe({ a: 'x' }, value);
  assert.deepEqual(await linesOf(registry), [
    'h_bucket{a=x,shard=7,le=1} 1',
    'h_bucket{a=x,shard=7,le=2} 3',
    'h_bucket{a=x,shard=7,le=Infinity} 4',
    'h_sum{a=x,shard=7} 12.5',
    'h_count{a=x,shard=7} 4',
    's{a=x,shard=7,quantile=0.5} 1',
    's{a=x,shard=7,quantile=1} 3',
    's_sum{a=x,shard=7} 4',
    's_count{a=x,shard=7} 2',
  ]);
});

test('samplesOf() generates one sample for each series of a counter, an info and a state set', async () => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'c_total', help: 'C.', registers: [registry] }).inc(2);
  new Info({ name: 'i_info', help: 'I.', labelNames: ['v'], registers: [registry] }).set({ v: '1' });
  new StateSet({ name: 'p', help: 'P.', states: ['on', 'off'], registers: [registry] }).select('on');
  assert.deepEqual(await linesOf(registry), ['c_total{} 2', 'i_info{v=1} 1', 'p{p=on} 1', 'p{p=off} 0']);
});

test('samplesOf() has the exemplars of counters and buckets, if the family has any', () => {
  const counter = new Counter({ name: 'c_total', help: 'C.', registers: [] });
  assert.equal([...samplesOf(counter)][0]!.exemplar, undefined);
  counter.labels().inc(1, { trace_id: 'x' });
  assert.deepEqual([...samplesOf(counter)][0]!.exemplar?.labels, { trace_id: 'x' });
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [] });
  histogram.labels().observe(5, { trace_id: 'y' });
  assert.deepEqual(
    Array.from(samplesOf(histogram), ({ exemplar }) => exemplar?.value),
    [undefined, 5, undefined, undefined],
  );
});
