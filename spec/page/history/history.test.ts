import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../lib/page/history/history.ts';
import { HISTORY_SCRAPES } from '../../../lib/page/history/series.ts';
import { scraped, scrapedFamilies } from '../scraped.ts';

const names = (history: History): string[] => history.families().map(({ name }) => name);

test('History.families() returns the families of the last scrape that have series', () => {
  assert.deepEqual(names(scraped(['a 1\nb 1\n', '# TYPE c gauge\nb 2\nd 1\n'])), ['b', 'd']);
});

test('History.seriesOf() returns the series of the last scrape, with the labels as exposed', () => {
  const history = scraped(['a{x="1"} 1\na{x="2"} 2\n', 'a{x="2"} 3\na{x="3",y="é"} 4\n']);
  const series = history.seriesOf(history.families()[0]!);
  assert.deepEqual(
    series.map(({ labels }) => labels),
    [
      [['x', '2']],
      [
        ['x', '3'],
        ['y', 'é'],
      ],
    ],
  );
});

test('History continues a series that comes back', () => {
  const history = scraped(['a 1\n', 'b 1\n', 'a 3\n']);
  const [series] = history.seriesOf(history.families()[0]!);
  assert.deepEqual(series?.kind === 'gauge' && series.values(), [1, NaN, 3]);
});

test('History drops series that no scrape in it has, so that it does not grow', () => {
  const history = new History();
  for (let i = 0; i < 3 * HISTORY_SCRAPES; i++) history.add(i, scrapedFamilies(`a{x="${i}"} 1\nb_${i} 1\n`));
  const [family] = history.families();
  assert.equal(family!.series.size, HISTORY_SCRAPES);
});

test('History starts a family afresh if its type changes', () => {
  const history = scraped(['# TYPE a gauge\na 1\n', '# TYPE a counter\na 5\n']);
  const [series] = history.seriesOf(history.families()[0]!);
  assert.equal(series?.kind, 'counter');
  assert.deepEqual(series?.kind === 'counter' && series.values(), [NaN, 5]);
});

test('History has the help of the last scrape', () => {
  assert.equal(scraped(['# HELP a One.\na 1\n', '# HELP a Two.\na 1\n']).families()[0]!.help, 'Two.');
});
