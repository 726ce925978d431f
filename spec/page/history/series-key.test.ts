import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seriesKey } from '../../../lib/page/history/series-key.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

test('seriesKey() is the same for the same series only, whatever the label values hold', () => {
  const random = new SeededRandom(5);
  const seriesByKey = new Map<string, string>();
  for (let i = 0; i < 20_000; i++) {
    const labels = Array.from({ length: 1 + random.int(2) }, (_, at) => ['ab'[at]!, random.text(4)] as const);
    const series = JSON.stringify(labels);
    const key = seriesKey('m', labels);
    assert.equal(seriesByKey.get(key) ?? series, series);
    seriesByKey.set(key, series);
  }
  assert.equal(new Set(seriesByKey.values()).size, seriesByKey.size);
  assert.notEqual(
    seriesKey('m', [['a', '1,b=1:2']]),
    seriesKey('m', [
      ['a', '1'],
      ['b', '2'],
    ]),
  );
});
