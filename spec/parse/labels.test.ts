import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { seriesKey } from '../support/series-key.ts';
import { withMaps } from '../support/with-maps.ts';

// Labels in every order and spelling, against an obviously right model: sorted, without empty ones.

const NAMES = ['a', 'b', 'ab', 'le', 'a.b'] as const;
const VALUES = ['', 'x', 'y', 'x"', '\\', '\n', 'x",b="y', '}', ' ', 'é😀'] as const;
const TEXT_1 = 'text/plain; version=1.0.0';

/** One label list, as its meaning and as one of the ways to write it. */
interface Written {
  readonly labels: Map<string, string>;
  readonly text: string;
}

test('parse() reads labels in any order and spelling, and knows a series when it comes again', () => {
  const random = new SeededRandom(7);
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const names = shuffled(random, NAMES).slice(0, 1 + random.int(3));
    const values = shuffled(random, VALUES).slice(0, 2);
    const lines = Array.from({ length: 1 + random.int(4) }, () => randomLabels(random, names, values));
    const keys = lines.map(({ labels }) => seriesKey(labels));
    const repeated = keys.findIndex((key, at) => keys.indexOf(key) < at);
    const text = lines.map((line) => `m${line.text} 1\n`).join('');
    if (repeated === -1) {
      const samples = lines.map(({ labels }) => ({ name: 'm', labels, value: 1 }));
      assert.deepEqual(withMaps(parse(text, TEXT_1)), [{ name: 'm', type: 'unknown', help: '', unit: '', samples }]);
    } else {
      refused++;
      const message = new RegExp(`expected each series once, .* at line ${repeated + 1}, column 1\\.$`);
      assert.throws(() => parse(text, TEXT_1), message);
    }
  }
  assert.ok(refused > 300 && refused < 2700, `${refused}`);
});

test('parse() knows the buckets of a histogram by their other labels, in any order and spelling', () => {
  const random = new SeededRandom(8);
  for (let i = 0; i < 1000; i++) {
    const { labels } = randomLabels(random, ['a', 'b', 'a.b'], VALUES);
    const [bucket, sum, count] = [[['le', '+Inf'] as const], [], []].map((more) =>
      write(random, shuffled(random, [...labels, ...more])),
    );
    const text = `# TYPE h histogram\nh_bucket${bucket} 3\nh_sum${sum} 1\nh_count${count} 3\n`;
    assert.equal(parse(text, TEXT_1)[0]?.samples.length, 3);
    assert.throws(
      () => parse(text.replace(/3\n$/, '4\n'), TEXT_1),
      /expected _count as the \+Inf bucket has it, 3, got 4/,
    );
  }
});

function randomLabels(random: SeededRandom, names: readonly string[], values: readonly string[]): Written {
  const used = shuffled(
    random,
    names.filter(() => random.int(3) > 0),
  );
  const pairs = used.map((name) => [name, random.pick(values)] as const);
  return { labels: new Map(pairs), text: write(random, pairs) };
}

function write(random: SeededRandom, pairs: readonly (readonly [name: string, value: string])[]): string {
  if (pairs.length === 0 && random.int(2) === 0) return '';
  const blank = () => (random.int(12) === 0 ? random.pick([' ', '\t', '  ']) : '');
  const labels = pairs.map(([name, value]) => {
    const written = name === 'a.b' || random.int(10) === 0 ? `"${name}"` : name;
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${blank()}${written}${blank()}=${blank()}"${escaped}"${blank()}`;
  });
  return `{${labels.join(',')}${labels.length > 0 && random.int(8) === 0 ? ',' : ''}${blank()}}`;
}

function shuffled<T>(random: SeededRandom, list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
