import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type ParsedSample, parse } from '../../lib/parse/index.ts';

// The labels of a sample are a read-only map of the parser's own. Each claim is also that of a `Map`.

const PAIRS: readonly [string, string][] = [
  ['method', 'GET'],
  ['route', '/a"b'],
  ['empty', ''],
];

function samplesOf(text: string, contentType?: string): readonly ParsedSample[] {
  return parse(text, contentType).flatMap(({ samples }) => samples);
}

for (const [claim, labels, pairs] of [
  ['labels', samplesOf('a{method="GET",route="/a\\"b",empty=""} 1\n')[0]!.labels, PAIRS],
  ['no labels', samplesOf('a 1\n')[0]!.labels, []],
  ['empty braces', samplesOf('a{} 1\n')[0]!.labels, []],
] as const) {
  test(`ParsedSample.labels reads like a Map: ${claim}`, () => {
    const map: ReadonlyMap<string, string> = new Map(pairs);
    assert.equal(labels.size, map.size);
    for (const name of [...map.keys(), 'other', '', 'length', '0']) {
      assert.equal(labels.get(name), map.get(name), name);
      assert.equal(labels.has(name), map.has(name), name);
    }
    assert.deepEqual([...labels.keys()], [...map.keys()]);
    assert.deepEqual([...labels.values()], [...map.values()]);
    assert.deepEqual([...labels.entries()], [...map.entries()]);
    assert.deepEqual([...labels], [...map]);
    assert.deepEqual(new Map(labels), map);
    assert.deepEqual(Object.fromEntries(labels), Object.fromEntries(map));
    const self = {};
    const calls: unknown[] = [];
    labels.forEach(function (this: unknown, value, name, whole) {
      calls.push([this === self, value, name, whole === labels]);
    }, self);
    assert.deepEqual(
      calls,
      pairs.map(([name, value]) => [true, value, name, true]),
    );
    assert.equal(inspect(labels), inspect(map));
    assert.equal(inspect({ a: { b: { labels } } }), inspect({ a: { b: { labels: map } } }));
  });
}

test('ParsedSample.labels are deeply equal if names and values are, and not otherwise', () => {
  const [one, value, name, none] = samplesOf('a{x="1"} 1\na{x="2"} 1\na{y="1"} 1\na 1\n');
  assert.deepEqual(one, samplesOf('b 1\na{ x = "1" } 1\n')[1]);
  for (const other of [value, name, none]) assert.notDeepEqual(one, other);
});

test('parse() reads the labels of each line, in every piece of a long text', () => {
  // 1024 lines fill a piece of 64 KiB. The value in the last line of one is another than that in the first line of the next,
  // and in its last line.
  const labelsOf = (i: number): [string, string][] => [
    ['turn', String(i % 3)],
    ['pad', 'x'.repeat(64 - 'm{turn="0",pad=""} 1\n'.length)],
  ];
  const lineOf = (i: number): string => `m{${labelsOf(i).map(([name, value]) => `${name}="${value}"`)}} 1\n`;
  const { families } = parse(Array.from({ length: 10_240 }, (_, i) => lineOf(i)).join(''), undefined, {
    lenient: true,
  });
  families[0]!.samples.forEach(({ labels }, i) => assert.deepEqual([...labels], labelsOf(i)));
  assert.equal(families[0]!.samples.length, 10_240);
});
