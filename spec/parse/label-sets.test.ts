import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelList } from '../../lib/parse/label-list.ts';
import { LabelSets } from '../../lib/parse/label-sets.ts';
import { Labels } from '../../lib/parse/labels.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { seriesKey } from '../support/series-key.ts';

/** A list as the parser leaves it, whose hash is given: real hashes collide too rarely to test that. */
function listOf(labels: ReadonlyMap<string, string>, hash: number): LabelList {
  const list = new LabelList();
  list.byName = new Labels([...labels.keys()], [...labels.values()]);
  return Object.defineProperty(list, 'metricHash', { value: hash });
}

for (const [claim, hashes] of [
  ['one hash for all', 1],
  ['few hashes', 50],
  ['many hashes', 2 ** 31],
] as const) {
  test(`LabelSets.indexOf() numbers label sets in order of appearance, with ${claim}`, () => {
    const random = new SeededRandom(3);
    const sets = new LabelSets('le');
    const expected = new Map<string, number>();
    const hashOf = new Map<string, number>();
    for (let i = 0; i < 5000; i++) {
      const pairs = ['a', 'b', 'le'].map(
        (name) => [name, random.pick(['', 'x', 'y', String(random.int(300))])] as const,
      );
      const labels = new Map(random.int(2) === 0 ? pairs : pairs.toReversed());
      const key = seriesKey(labels, 'le');
      if (!hashOf.has(key)) hashOf.set(key, random.int(hashes) | 0);
      if (!expected.has(key)) expected.set(key, expected.size);
      for (let times = random.int(3); times >= 0; times--) {
        assert.equal(sets.indexOf(listOf(labels, hashOf.get(key)!)), expected.get(key), key);
      }
      assert.equal(sets.size, expected.size);
    }
    assert.ok(expected.size > 500, `${expected.size}`);
  });
}
