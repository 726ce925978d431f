import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, MetricsRegistry } from '../../lib/core.ts';
import { checkAggregator } from '../../lib/model/metric.ts';

test('checkAggregator() takes the six aggregators and undefined, and nothing else', () => {
  for (const aggregator of ['sum', 'min', 'max', 'average', 'first', 'omit', undefined])
    assert.doesNotThrow(() => checkAggregator(aggregator, 'x'));
  for (const other of ['mean', 'Sum', '', null, 1, {}])
    assert.throws(() => checkAggregator(other, 'x'), /^RangeError: Cannot create metric "x": expected aggregator/);
});

test('A metric is created with an aggregator, or not at all, and its family has it', async () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const bad = { name: 'a_total', help: 'A.', registers, aggregator: 'mean' as 'max' };
  assert.throws(
    () => new Counter(bad),
    /^RangeError: Cannot create metric "a_total": expected aggregator .*, got "mean"\.$/,
  );
  assert.deepEqual(await registry.gather(), []);
  new Gauge({ name: 'b', help: 'B.', registers, aggregator: 'max' }).set(1);
  registry.registerCollector({
    name: 'c',
    collect: () => [{ name: 'c', help: 'C.', type: 'gauge', aggregator: 'min', series: [{ value: 1 }] }],
  });
  assert.deepEqual(
    (await registry.gather()).map(({ aggregator }) => aggregator),
    ['max', 'min'],
  );
});
