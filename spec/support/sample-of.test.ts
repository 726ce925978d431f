import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExposition } from './parse-exposition.ts';
import { sampleOf } from './sample-of.ts';

const families = parseExposition('a{b="c",d="e"} 1\na{b="x",d="e"} 2\nplain 3\n');

test('sampleOf() finds a sample by its name and labels, in any order', () => {
  assert.equal(sampleOf(families, 'a', { d: 'e', b: 'x' }), 2);
  assert.equal(sampleOf(families, 'plain'), 3);
});

test('sampleOf() lists the series of that name when no labels match', () => {
  assert.throws(() => sampleOf(families, 'a', { b: 'c' }), {
    name: 'RangeError',
    message:
      'Cannot find the sample a [["b","c"]]: ' + 'expected one of a [["b","c"],["d","e"]], a [["b","x"],["d","e"]]',
  });
});

test('sampleOf() lists the names when none matches', () => {
  assert.throws(() => sampleOf(families, 'b'), {
    name: 'RangeError',
    message: 'Cannot find the sample b []: expected one of a, plain',
  });
});

test('sampleOf() keeps its list short', () => {
  const text = Array.from({ length: 12 }, (_, index) => `m${index} 1\n`).join('');
  assert.throws(() => sampleOf(parseExposition(text), 'b'), /: expected one of m0, .*, m9 and 2 more$/);
  assert.throws(() => sampleOf([], 'b'), /expected one of none \(the exposition is empty\)$/);
});
