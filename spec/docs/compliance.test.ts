import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry, register } from '../../lib/core.ts';
import { packageRoot } from '../support/package-root.ts';

/** A line of the page: a point of the guide, how we stand to it, and what the last column says. */
interface Point {
  readonly number: number;
  readonly state: string;
  readonly shownBy: string;
}

const root = packageRoot();
const page = readFileSync(join(root, 'docs', 'compliance.md'), 'utf8');
const points: readonly Point[] = [...page.matchAll(/^\| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]*) \|$/gm)].map((match) => ({
  number: Number(match[1]),
  state: match[2]!,
  shownBy: match[3]!,
}));

/** The tests that a point cites, each as the path of its spec file and its name. */
function citations({ shownBy }: Point): (readonly [path: string, name: string])[] {
  const cited = shownBy.matchAll(/`(spec\/[^`]+\.test\.ts)`: (.+?)(?=<br>|$)/g);
  return [...cited].map(([, path = '', name = '']) => [path, name] as const);
}

/** The names of the tests that a spec file declares; `…` stands for a part that is computed. */
function testNames(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const declared = text.matchAll(/\btest(?:OnEach)?\(\s*(?:'\w+',\s*)?(['"`])((?:\\.|(?!\1)[^\\])+)\1/g);
  return [...declared].map(([, , name = '']) => name.replace(/\$\{[^}]*\}/g, '…').replace(/\\(.)/g, '$1'));
}

test('docs/compliance.md has a line for each of the 60 points of the guide', () => {
  assert.deepEqual(
    points.map(({ number }) => number),
    Array.from({ length: 60 }, (_, i) => i + 1),
  );
});

test('docs/compliance.md gives each point a state, and a reason for whatever is not a plain yes', () => {
  for (const { number, state } of points) {
    const isState = /^(yes(: .+)?|(deviation|not yet): .{10,})$/.test(state);
    assert.ok(isState, `point ${number} has the state ${JSON.stringify(state)}`);
  }
});

test('docs/compliance.md cites a test for each point but those that are not there yet', () => {
  for (const point of points) {
    const isCited = citations(point).length > 0;
    assert.ok(isCited || point.state.startsWith('not yet'), `point ${point.number} cites no test: ${point.shownBy}`);
    const uncited = point.shownBy.split('<br>').filter((part) => part.trim() !== '');
    assert.equal(citations(point).length, uncited.length, `point ${point.number} has a citation that cannot be read`);
  }
});

test('docs/compliance.md cites tests that are there', () => {
  for (const point of points) {
    for (const [path, name] of citations(point)) {
      assert.ok(existsSync(join(root, path)), `point ${point.number}: there is no ${path}`);
      assert.ok(testNames(path).includes(name), `point ${point.number}: ${path} has no test ${JSON.stringify(name)}`);
    }
  }
});

test('docs/compliance.md sums up its states rightly', () => {
  const count = (state: string): number => points.filter((point) => point.state.split(':')[0] === state).length;
  const summary = `${count('yes')} yes, ${count('deviation')} deviations, ${count('not yet')} not yet`;
  assert.ok(page.includes(summary), `expected "${summary}" in the text`);
});

test('docs/getting-started.md discourages metric names that are put together at run time', () => {
  const text = readFileSync(join(root, 'docs', 'getting-started.md'), 'utf8').replace(/\s+/g, ' ');
  assert.match(text, /Write names out in full\. A name that is put together at run time cannot be searched for/);
});

test('The instruments and registries have the methods of the guide, under its names', () => {
  const unjoined = { help: 'Of the test.', registers: [] };
  const counter = new Counter({ ...unjoined, name: 'of_the_test_total' });
  const gauge = new Gauge({ ...unjoined, name: 'of_the_test' });
  const histogram = new Histogram({ ...unjoined, name: 'of_the_test_seconds' });
  const ofChildren = ['labels', 'remove', 'clear'];
  const expected: readonly (readonly [object, readonly string[]])[] = [
    [counter, [...ofChildren, 'inc', 'countErrors']],
    [gauge, [...ofChildren, 'inc', 'dec', 'set', 'setToCurrentTime', 'startTimer', 'trackInProgress']],
    [histogram, [...ofChildren, 'observe', 'startTimer', 'time']],
    [register, ['register', 'unregister', 'registerCollector', 'unregisterCollector']],
  ];
  for (const [owner, methods] of expected) {
    for (const method of methods) assert.equal(typeof Reflect.get(owner, method), 'function', method);
  }
  assert.ok(register instanceof MetricsRegistry);
});
