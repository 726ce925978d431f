import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import { checkMaxSeries } from '../../lib/model/metric.ts';

const REFUSED: readonly unknown[] = [0, -1, 1.5, NaN, -Infinity, '5', null, {}];

test('checkMaxSeries() takes positive integers and Infinity only', () => {
  for (const maxSeries of [1, 100_000, Infinity]) checkMaxSeries(maxSeries, 'a registry');
  for (const maxSeries of REFUSED) {
    assert.throws(() => checkMaxSeries(maxSeries, 'a registry'), {
      name: 'RangeError',
      message: /^Cannot create a registry: expected maxSeries to be a positive integer or Infinity, got /,
    });
  }
});

test('Counter and MetricsRegistry refuse a maxSeries that is none', () => {
  for (const maxSeries of REFUSED.filter((value) => value !== null) as number[]) {
    assert.throws(() => new MetricsRegistry({ maxSeries }), /Cannot create a registry: expected maxSeries/);
    const registry = new MetricsRegistry();
    assert.throws(
      () => new Counter({ name: 'c', help: 'C.', maxSeries, registers: [registry] }),
      /Cannot create metric "c": expected maxSeries/,
    );
    assert.equal(registry.getSingleMetric('c'), undefined);
  }
});
