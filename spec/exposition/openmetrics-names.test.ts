import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CollectedFamily, Counter, Histogram, Info, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { NAME_SCHEMES } from '../../lib/exposition/names/name-schemes.ts';
import { rivalNames } from '../../lib/exposition/openmetrics/openmetrics.ts';
import { parse } from '../../lib/parse/index.ts';

const ACCEPT = 'application/openmetrics-text;version=1.0.0';

/** Types and names of the families that OpenMetrics has of these, and the names of their samples. */
async function namesOf(
  ...families: (readonly [name: string, type: 'counter' | 'gauge' | 'info'])[]
): Promise<string[]> {
  const registry = new MetricsRegistry();
  const collected: CollectedFamily[] = families.map(([name, type]) => ({
    name,
    type,
    help: 'Help.',
    series: [{ value: 1 }],
  }));
  registry.registerCollector({ name: 'families', collect: () => collected });
  const exporter = new PrometheusExporter(registry);
  const parsed = parse(await exporter.render(ACCEPT), exporter.contentType(ACCEPT));
  return parsed.map(({ name, type, samples }) => `${type} ${name}: ${samples.map((sample) => sample.name).join()}`);
}

test('openMetrics() names counters without _total and infos without _info', async () => {
  assert.deepEqual(await namesOf(['a_total', 'counter'], ['b', 'counter'], ['c_info', 'info']), [
    'counter a: a_total',
    'counter b: b_total',
    'info c: c_info',
  ]);
});

test('rivalNames() are the names that OpenMetrics takes from a counter or an info, none for other types', () => {
  const rivalsOf = (name: string, type: 'counter' | 'gauge' | 'info'): readonly string[] =>
    rivalNames(
      { name, type, help: '', unit: '', labelNames: [], constantLabels: [], cache: new Map(), series: [] },
      NAME_SCHEMES.underscores,
    );
  assert.deepEqual(rivalsOf('a_total', 'counter'), ['a', 'a_created']);
  assert.deepEqual(rivalsOf('a', 'counter'), ['a_total', 'a_created']);
  assert.deepEqual(rivalsOf('a_info', 'info'), ['a', 'a_total']);
  assert.deepEqual(rivalsOf('a_created_info', 'info'), ['a_created', 'a_created_total', 'a', 'a_total']);
  assert.deepEqual(rivalsOf('a_total', 'gauge'), []);
});

test('openMetrics() gives no two families one name: the counter or info then keeps its own, of a type that may have it', async () => {
  assert.deepEqual(await namesOf(['a_total', 'counter'], ['a', 'gauge']), ['unknown a_total: a_total', 'gauge a: a']);
  assert.deepEqual(await namesOf(['a', 'counter'], ['a_total', 'gauge']), ['unknown a: a', 'gauge a_total: a_total']);
  assert.deepEqual(await namesOf(['a_total', 'counter'], ['a_created', 'gauge']), [
    'unknown a_total: a_total',
    'gauge a_created: a_created',
  ]);
  assert.deepEqual(await namesOf(['a_info', 'info'], ['a', 'gauge']), ['gauge a_info: a_info', 'gauge a: a']);
});

test('openMetrics() gives the name that a counter and an info would share to the counter', async () => {
  assert.deepEqual(await namesOf(['a_info', 'info'], ['a_total', 'counter']), [
    'gauge a_info: a_info',
    'counter a: a_total',
  ]);
  assert.deepEqual(await namesOf(['a_info', 'info'], ['a', 'counter']), ['gauge a_info: a_info', 'counter a: a_total']);
});

test("openMetrics() gives no counter or info the name of another family's sample", async () => {
  const registry = new MetricsRegistry();
  const options = { help: 'Help.', registers: [registry] };
  new Histogram({ ...options, name: 'a', buckets: [] });
  new Counter({ ...options, name: 'a_count_total' });
  new Info({ ...options, name: 'a_created_info', labelNames: ['version'] }).set({ version: '1' });
  const parsed = parse(await new PrometheusExporter(registry).render(ACCEPT), ACCEPT);
  const heads = parsed.map(({ name, type }) => `${type} ${name}`);
  assert.deepEqual(heads, ['histogram a', 'unknown a_count_total', 'gauge a_created_info']);
  assert.deepEqual(await namesOf(['a_total', 'counter'], ['a_created_total', 'counter']), [
    'counter a: a_total',
    'unknown a_created_total: a_created_total',
  ]);
});
