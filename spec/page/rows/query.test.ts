import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Query } from '../../../lib/page/rows/query.ts';
import { scraped } from '../scraped.ts';

const history = scraped([
  `# HELP scans_total Market scans.
# TYPE scans_total counter
scans_total{strategy="momentum"} 1
scans_total{strategy="Swing",side="long only"} 2
`,
]);
const [family] = history.families();

function found(text: string): string[] {
  return new Query(text).matches(family!, history.seriesOf(family!)).map(({ labels }) => labels[0]![1]);
}

test('Query finds all series of a family by words of its name and help, in any case', () => {
  for (const text of ['', '  ', 'scans', 'SCANS_', 'market', 'total market']) assert.equal(found(text).length, 2, text);
});

test('Query finds series by label name and value, written as anywhere', () => {
  for (const text of [
    'swing',
    'strategy=swing',
    'strategy="Swing"',
    '{strategy="Swing",side="long',
    'scans side',
    'scans_total{side',
  ]) {
    assert.deepEqual(found(text), ['Swing'], text);
  }
});

test('Query asks for every word', () => {
  assert.deepEqual(found('swing momentum'), []);
  assert.deepEqual(found('scans nowhere'), []);
});

test('Query is empty without a word', () => {
  assert.deepEqual([new Query(' {} ').isEmpty, new Query('a').isEmpty], [true, false]);
});
