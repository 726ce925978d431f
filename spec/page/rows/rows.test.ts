import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Choices, grouped, Query, type Row, rowsOf } from '../../../lib/page/rows/rows.ts';
import { scraped } from '../scraped.ts';

const NOTHING_CHOSEN: Choices = {
  query: new Query(''),
  sortOrder: 'exposition',
  collapsed: new Map(),
  opened: new Set(),
  isNarrow: false,
};

const EXPOSITION = `# TYPE web_requests_total counter
web_requests_total{code="500"} 1
web_requests_total{code="200"} 90
# TYPE web_open gauge
web_open 3
# TYPE alpha gauge
alpha{x="1"} NaN
alpha{x="2"} -5
alpha{x="3"} 7
`;
const history = scraped([EXPOSITION, EXPOSITION.replace(' 90', ' 190')]);

const rows = (choices: Partial<Choices> = {}): Row[] => rowsOf(history, { ...NOTHING_CHOSEN, ...choices });
const ids = (choices: Partial<Choices> = {}): string[] => rows(choices).map(({ id }) => id);

const GROUPS = ['group web', 'other'];
const REQUESTS = [
  'series web_requests_total web_requests_total,code=3:500',
  'series web_requests_total web_requests_total,code=3:200',
];
const ALPHA = ['1', '2', '3'].map((x) => `series alpha alpha,x=1:${x}`);

test('rowsOf() returns groups, families and series as exposed, and one row for a single series without labels', () => {
  const expected = [
    GROUPS[0],
    'family web_requests_total',
    ...REQUESTS,
    'series web_open web_open',
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

test('rowsOf() leaves out the rows below a collapsed row', () => {
  const collapsed = new Map([
    ['group web', true],
    ['family alpha', true],
  ]);
  assert.deepEqual(ids({ collapsed }), ['group web', 'other', 'family alpha']);
});

test('rowsOf() shows matches even in collapsed rows', () => {
  const collapsed = new Map([
    ['group web', true],
    ['other', true],
  ]);
  assert.deepEqual(ids({ collapsed, query: new Query('code=200') }), [
    'group web',
    'family web_requests_total',
    REQUESTS[1],
  ]);
  assert.deepEqual(ids({ query: new Query('no such thing') }), []);
});

test('rowsOf() sorts families and series by name', () => {
  const sorted = ids({ sortOrder: 'name' }).filter((id) => !id.startsWith('series alpha'));
  assert.deepEqual(sorted, [
    GROUPS[0],
    'series web_open web_open',
    'family web_requests_total',
    ...REQUESTS.toReversed(),
    GROUPS[1],
    'family alpha',
  ]);
});

test('rowsOf() sorts series by value, the greatest first and NaN last; counters by their rate', () => {
  const sorted = ids({ sortOrder: 'value' }).filter((id) => id.startsWith('series'));
  const [one, two, three] = ALPHA;
  assert.deepEqual(sorted, [...REQUESTS.toReversed(), 'series web_open web_open', three, two, one]);
});

test('rowsOf() shows the details of an opened series below its row', () => {
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

test('rowsOf() collapses the groups of a long list on narrow pages, and families of more than 8 series', () => {
  const of = (count: number) => scraped([Array.from({ length: count }, (_, i) => `big{i="${i}"} 1\n`).join('')]);
  const narrow = { ...NOTHING_CHOSEN, isNarrow: true };
  assert.equal(rowsOf(of(8), narrow).length, 10);
  assert.equal(rowsOf(of(9), narrow).length, 2);
  assert.equal(rowsOf(of(31), narrow).length, 1);
  const expanded = new Map([
    ['other', false],
    ['family big', false],
  ]);
  assert.equal(rowsOf(of(31), { ...narrow, collapsed: expanded }).length, 33);
});

test('rowsOf() sorts histograms by their number of observations', () => {
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

const titles = (...names: readonly string[]): (readonly [string, string[]])[] =>
  grouped(names.map((name) => ({ name }))).map(
    ({ title, families }) => [title, families.map(({ name }) => name)] as const,
  );

test('grouped() groups by the first word of a name, in the order of the first family', () => {
  assert.deepEqual(titles('web_a', 'job:a:b', 'web_b', 'job_c', '_own_a', '_own_b', ':own:a', ':own:b'), [
    ['web', ['web_a', 'web_b']],
    ['job', ['job:a:b', 'job_c']],
    ['_own', ['_own_a', '_own_b']],
    [':own', [':own:a', ':own:b']],
  ]);
});

test('grouped() puts the standard metrics last, even if there is only one', () => {
  const names = [
    'nodejs_a',
    'process_a',
    'http_a',
    'promhttp_a',
    'metrics_client_a',
    'web_a',
    'nodejs_b',
    'web_b',
    'up',
  ];
  assert.deepEqual(titles(...names), [
    ['web', ['web_a', 'web_b']],
    ['Other', ['up']],
    ['HTTP', ['http_a']],
    ['Node.js', ['nodejs_a', 'nodejs_b']],
    ['Process', ['process_a']],
    ['Scrapes', ['promhttp_a', 'metrics_client_a']],
  ]);
});

test('grouped() puts families that are alone under Other, apart from metrics of that name', () => {
  const names = ['up', 'Other_a', 'constructor', 'Other_b', 'price'];
  assert.deepEqual(titles(...names), [
    ['Other', ['Other_a', 'Other_b']],
    ['Other', ['up', 'constructor', 'price']],
  ]);
  assert.equal(new Set(grouped(names.map((name) => ({ name }))).map(({ id }) => id)).size, 2);
});

const scans = scraped([
  `# HELP scans_total Market scans.
# TYPE scans_total counter
scans_total{strategy="momentum"} 1
scans_total{strategy="Swing",side="long only"} 2
`,
]);
const [family] = scans.families();

function found(text: string): string[] {
  return new Query(text).matches(family!, scans.seriesOf(family!)).map(({ labels }) => labels[0]![1]);
}

test('Query.matches() finds all series of a family by words of its name and help, in any case', () => {
  for (const text of ['', '  ', 'scans', 'SCANS_', 'market', 'total market']) assert.equal(found(text).length, 2, text);
});

test('Query.matches() finds series by label name and value, in any notation', () => {
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

test('Query.matches() requires every word', () => {
  assert.deepEqual(found('swing momentum'), []);
  assert.deepEqual(found('scans nowhere'), []);
});

test('Query.isEmpty is true without a word', () => {
  assert.deepEqual([new Query(' {} ').isEmpty, new Query('a').isEmpty], [true, false]);
});
