import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Choices } from '../../../lib/page/rows/choices.ts';
import { Query } from '../../../lib/page/rows/query.ts';
import type { Row } from '../../../lib/page/rows/row.ts';
import { rowsOf } from '../../../lib/page/rows/rows-of.ts';
import { scraped } from '../scraped.ts';

const NOTHING_CHOSEN: Choices = {
  query: new Query(''),
  sortOrder: 'exposition',
  collapsed: new Map(),
  opened: new Set(),
};

const EXPOSITION = `# TYPE http_requests_total counter
http_requests_total{code="500"} 1
http_requests_total{code="200"} 90
# TYPE http_open gauge
http_open 3
# TYPE alpha gauge
alpha{x="1"} NaN
alpha{x="2"} -5
alpha{x="3"} 7
`;
const history = scraped([EXPOSITION, EXPOSITION.replace(' 90', ' 190')]);

const rows = (choices: Partial<Choices> = {}): Row[] => rowsOf(history, { ...NOTHING_CHOSEN, ...choices });
const ids = (choices: Partial<Choices> = {}): string[] => rows(choices).map(({ id }) => id);

const GROUPS = ['group http', 'group Other'];
const REQUESTS = [
  'series http_requests_total http_requests_total,code=3:500',
  'series http_requests_total http_requests_total,code=3:200',
];
const ALPHA = ['1', '2', '3'].map((x) => `series alpha alpha,x=1:${x}`);

test('rowsOf() are groups, families and series, as exposed; a family with one series and no labels is one row', () => {
  const expected = [
    GROUPS[0],
    'family http_requests_total',
    ...REQUESTS,
    'series http_open http_open',
    GROUPS[1],
    'family alpha',
    ...ALPHA,
  ];
  assert.deepEqual(ids(), expected);
  assert.deepEqual(
    rows()
      .map((row) => row.kind === 'series' && row.isAlone)
      .filter(Boolean).length,
    1,
  );
});

test('rowsOf() leaves out what is below a collapsed row', () => {
  const collapsed = new Map([
    ['group http', true],
    ['family alpha', true],
  ]);
  assert.deepEqual(ids({ collapsed }), ['group http', 'group Other', 'family alpha']);
});

test('rowsOf() shows what was found even in collapsed rows', () => {
  const collapsed = new Map([
    ['group http', true],
    ['group Other', true],
  ]);
  assert.deepEqual(ids({ collapsed, query: new Query('code=200') }), [
    'group http',
    'family http_requests_total',
    REQUESTS[1],
  ]);
  assert.deepEqual(ids({ query: new Query('no such thing') }), []);
});

test('rowsOf() sorts families and series by name', () => {
  const sorted = ids({ sortOrder: 'name' }).filter((id) => !id.startsWith('series alpha'));
  assert.deepEqual(sorted, [
    GROUPS[0],
    'series http_open http_open',
    'family http_requests_total',
    ...REQUESTS.toReversed(),
    GROUPS[1],
    'family alpha',
  ]);
});

test('rowsOf() sorts series by value, the greatest first and NaN last; counters by their rate', () => {
  const sorted = ids({ sortOrder: 'value' }).filter((id) => id.startsWith('series'));
  const [one, two, three] = ALPHA;
  assert.deepEqual(sorted, [...REQUESTS.toReversed(), 'series http_open http_open', three, two, one]);
});

test('rowsOf() shows an opened series at large below its row', () => {
  const opened = rows({ opened: new Set([REQUESTS[0]!]) });
  const at = opened.findIndex(({ id }) => id === REQUESTS[0]);
  assert.equal(opened[at]?.kind === 'series' && opened[at].isOpen, true);
  assert.deepEqual(opened[at + 1], { ...opened[at + 1], kind: 'detail', id: REQUESTS[0]!.replace('series', 'detail') });
});

test('rowsOf() collapses families of more than 100 series until they are expanded', () => {
  const of = (count: number) => scraped([Array.from({ length: count }, (_, i) => `big{i="${i}"} 1\n`).join('')]);
  assert.equal(rowsOf(of(100), NOTHING_CHOSEN).length, 102);
  assert.equal(rowsOf(of(101), NOTHING_CHOSEN).length, 2);
  assert.equal(rowsOf(of(101), { ...NOTHING_CHOSEN, collapsed: new Map([['family big', false]]) }).length, 103);
});

test('rowsOf() sorts histograms by how often they observed', () => {
  const exposition = (a: number, b: number): string =>
    `# TYPE h histogram\n${[
      ['a', a],
      ['b', b],
    ]
      .map(([x, n]) => `h_bucket{x="${x}",le="+Inf"} ${n}\nh_count{x="${x}"} ${n}\n`)
      .join('')}`;
  const sorted = rowsOf(scraped([exposition(50, 0), exposition(51, 9)]), { ...NOTHING_CHOSEN, sortOrder: 'value' });
  assert.deepEqual(sorted.map(({ id }) => id).slice(2), ['series h h,x=1:b', 'series h h,x=1:a']);
});
