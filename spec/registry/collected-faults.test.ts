import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CollectedFamily, Family } from '../../lib/core.ts';
import { familyOfCollected } from '../../lib/registry/collected-family.ts';

const CONTEXT = { prefix: '', constantLabels: [], nameValidationScheme: 'legacy' } as const;

function read(collected: object): Family {
  return familyOfCollected({ name: 'x', help: 'X.', ...collected } as CollectedFamily, CONTEXT);
}

const SERIES = [{ value: 1 }];
const HISTOGRAM = { type: 'histogram', upperBounds: [1, 2] };
const SUMMARY = { type: 'summary', quantiles: [0.5] };
const counts = (exemplars: unknown): object => ({
  ...HISTOGRAM,
  series: [{ bucketCounts: [0, 0, 1], sum: 3, exemplars }],
});
const summary = (series: object): object => ({ ...SUMMARY, series: [series] });
const quantiles = (...list: unknown[]): object => ({
  type: 'summary',
  quantiles: list,
  series: [{ count: 0, sum: 0, quantileValues: list.map(() => 0) }],
});
const at = (value: unknown): object => ({ labels: {}, value });

const IS_TYPE_ERROR = /^TypeError: Cannot collect /;
const STATES = /^TypeError: Cannot collect stateset "x": expected each series to have states that are true or false\.$/;
const BUCKETS =
  'expected each series to have a sum and 3 bucketCounts, whole numbers and one more than upperBounds, that together stay below 2^53.';
const COUNT =
  'expected each series to have a sum, a count that is a whole number below 2^53, and 1 quantileValues, one for each of the quantiles.';
const QUANTILES =
  'RangeError: Cannot collect summary "x": expected quantiles from 0 to 1 in strictly increasing order.';
const RATIO =
  'TypeError: Cannot collect metric "x": expected a ratio to be a numerator and a denominator that is finite and at least 0.';

/** What is said of each family: the whole error as text, or its beginning. */
const FAULTS: readonly (readonly [collected: object, error: string | RegExp])[] = [
  [{ series: 5 }, 'TypeError: Cannot collect metric "x": expected series as an array, got 5.'],
  [{ series: {} }, 'TypeError: Cannot collect metric "x": expected series as an array, got a value of type object.'],
  [{ series: SERIES, aggregator: 'total' }, /^(Type|Range)Error: .*aggregator/],
  [
    { series: SERIES, createdSeconds: '1' },
    /^TypeError: Cannot collect metric "x": expected createdSeconds as a time in seconds .*, got "1"\.$/,
  ],
  [
    { series: SERIES, createdSeconds: -1 },
    /^RangeError: Cannot collect metric "x": expected createdSeconds as a time in seconds .*, got -1\.$/,
  ],
  [{ series: SERIES, createdSeconds: NaN }, /^RangeError: .*, got NaN\.$/],
  [
    { series: SERIES, type: 'Gauge' },
    /^RangeError: Cannot collect metric "x": expected type counter, .* unknown, got "Gauge"\.$/,
  ],
  [
    { series: [{ value: 1 }, { value: 2 }] },
    'RangeError: Cannot collect metric "x": expected each label set once, got [] twice.',
  ],
  [
    {
      series: [
        { value: 1, labels: { a: 'b' } },
        { value: 2, labels: { a: 'b' } },
      ],
    },
    /expected each label set once, got \["b"\] twice\.$/,
  ],
  [
    { series: [{ value: '1' }] },
    'TypeError: Cannot collect metric "x": expected each series to have a value that is a number.',
  ],
  [{ series: [{}] }, IS_TYPE_ERROR],
  [
    { type: 'counter', series: [{ value: -1 }] },
    'RangeError: Cannot collect counter "x": expected values of at least 0, got -1.',
  ],
  [
    { type: 'counter', series: [{ value: NaN }] },
    'RangeError: Cannot collect counter "x": expected values of at least 0, got NaN.',
  ],
  [
    { name: 'x_info', type: 'info', series: [{ value: 2 }] },
    'RangeError: Cannot collect info "x_info": expected each series to have the value 1, got 2.',
  ],
  [{ type: 'info', series: SERIES }, 'RangeError: Cannot collect info "x": expected a name that ends with "_info".'],
  [
    { name: 'x:y', type: 'stateset', series: [] },
    /^RangeError: Cannot collect stateset "x:y": expected a name that can be a label's, without ":"\.$/,
  ],
  [{ type: 'stateset', series: [{}] }, STATES],
  [{ type: 'stateset', series: [{ states: null }] }, STATES],
  [{ type: 'stateset', series: [{ states: 'on' }] }, STATES],
  [{ type: 'stateset', series: [{ states: { on: 1 } }] }, STATES],
  [{ type: 'stateset', series: [{ states: { on: true, off: 0 } }] }, STATES],
  [{ ...HISTOGRAM, series: [{ bucketCounts: [1, 2], sum: 1 }] }, `TypeError: Cannot collect histogram "x": ${BUCKETS}`],
  [
    { ...HISTOGRAM, series: [{ bucketCounts: [1, 2, -1], sum: 1 }] },
    `TypeError: Cannot collect histogram "x": ${BUCKETS}`,
  ],
  [
    { ...HISTOGRAM, series: [{ bucketCounts: [1, 2, 0.5], sum: 1 }] },
    `TypeError: Cannot collect histogram "x": ${BUCKETS}`,
  ],
  [
    { ...HISTOGRAM, series: [{ bucketCounts: [2 ** 52, 2 ** 52, 0], sum: 1 }] },
    `TypeError: Cannot collect histogram "x": ${BUCKETS}`,
  ],
  [
    { ...HISTOGRAM, series: [{ bucketCounts: [1, 2, 3], sum: '1' }] },
    `TypeError: Cannot collect histogram "x": ${BUCKETS}`,
  ],
  [
    counts('ab'),
    'TypeError: Cannot collect histogram "x": expected exemplars as an array with at most one for each of the 3 buckets, got "ab".',
  ],
  [counts([undefined, undefined, undefined, at(3)]), /got 4 of them\.$/],
  [
    counts([at(1.5)]),
    'RangeError: Cannot collect histogram "x": expected the value of each exemplar to lie in its bucket, got 1.5 in bucket 0.',
  ],
  [counts([undefined, at(1)]), /got 1 in bucket 1\.$/],
  [counts([undefined, at(2.5)]), /got 2\.5 in bucket 1\.$/],
  [counts([undefined, undefined, at(2)]), /got 2 in bucket 2\.$/],
  [
    counts([{ labels: {}, value: '1' }]),
    `TypeError: Cannot collect histogram "x": expected an exemplar's value and timestampSeconds to be numbers.`,
  ],
  [counts([{ ...at(1), timestampSeconds: '1' }]), /^TypeError: .*timestampSeconds to be numbers\.$/],
  [
    counts([{ ...at(1), timestampSeconds: -1 }]),
    /^RangeError: Cannot collect histogram "x": expected an exemplar's timestampSeconds .* before the year 10000, got -1\.$/,
  ],
  [counts([null]), /value and timestampSeconds to be numbers/],
  [summary({ count: 1.5, sum: 1, quantileValues: [1] }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [summary({ count: -1, sum: 1, quantileValues: [1] }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [summary({ sum: 1, quantileValues: [1] }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [summary({ count: 1, quantileValues: [1] }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [summary({ count: 1, sum: 1, quantileValues: [] }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [summary({ count: 1, sum: 1 }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [summary({ count: 1, sum: 1, quantileValues: ['1'] }), `TypeError: Cannot collect summary "x": ${COUNT}`],
  [{ type: 'summary', quantiles: 5, series: [] }, QUANTILES],
  [quantiles('0.5'), QUANTILES],
  [quantiles(-0.1), QUANTILES],
  [quantiles(1.1), QUANTILES],
  [quantiles(NaN), QUANTILES],
  [quantiles(0.5, 0.5), QUANTILES],
  [quantiles(0.9, 0.5), QUANTILES],
  [quantiles(true), QUANTILES],
  [{ series: [{ value: 1, ratio: 5 }] }, RATIO],
  [{ series: [{ value: 1, ratio: [] }] }, RATIO],
  [{ series: [{ value: 1, ratio: ['1', 1] }] }, RATIO],
  [{ series: [{ value: 1, ratio: [1, '1'] }] }, RATIO],
  [{ series: [{ value: 1, ratio: [1] }] }, RATIO],
  [{ series: [{ value: 1, ratio: [1, -1] }] }, RATIO],
  [{ series: [{ value: 1, ratio: [1, Infinity] }] }, RATIO],
  [{ series: [{ value: 1, ratio: [1, NaN] }] }, RATIO],
];

test('familyOfCollected() says what is wrong with a family, and what it expects', () => {
  for (const [collected, expected] of FAULTS) {
    const error = refusalOf(collected);
    if (typeof expected === 'string') assert.equal(error, expected);
    else assert.match(error, expected);
  }
});

function refusalOf(collected: object): string {
  try {
    read(collected);
    return `nothing, of ${JSON.stringify(collected)}`;
  } catch (error) {
    return String(error);
  }
}

test('familyOfCollected() refuses a series that is no object, whatever the type', () => {
  const holes: unknown[] = [];
  holes.length = 1;
  for (const type of ['counter', 'gauge', 'unknown', 'stateset', 'histogram', 'summary']) {
    for (const [series, got] of [
      [[undefined], 'undefined'],
      [holes, 'undefined'],
      [[null], 'null'],
      [[5], '5'],
    ] as const) {
      const error = refusalOf({ type, upperBounds: [1], series });
      assert.equal(
        error,
        `TypeError: Cannot collect metric "x": expected each series to be an object, got ${got}.`,
        type,
      );
    }
  }
});

test('familyOfCollected() takes the extremes of what formats carry', () => {
  assert.deepEqual(read({ series: [{ value: 1, ratio: [1, 0] }] }).series, [
    { labelValues: [], value: 1, exemplar: undefined, ratio: [1, 0] },
  ]);
  assert.deepEqual(read({ ...quantiles(0, 1) }).series, [
    { labelValues: [], quantileValues: [0, 0], sum: 0, count: 0 },
  ]);
  assert.deepEqual(read({ type: 'stateset', series: [{ states: { on: true, off: false } }] }).series, [
    { labelValues: ['on'], value: 1 },
    { labelValues: ['off'], value: 0 },
  ]);
  const exemplars = [at(1), at(2), at(2.5)];
  const [series] = read(counts(exemplars)).series as unknown as [{ readonly exemplars: readonly object[] }];
  assert.deepEqual(
    series.exemplars,
    exemplars.map((exemplar) => ({ ...exemplar, timestampSeconds: undefined })),
  );
});

test('Family.hasExemplars of a collected family is set if any of its series has one', () => {
  assert.equal(read({ series: [{ value: 1 }] }).hasExemplars, false);
  assert.equal(read({ series: [] }).hasExemplars, false);
  const labelled = (labels: object, more: object): object => ({ labels, value: 1, ...more });
  assert.equal(
    read({ type: 'counter', series: [labelled({ a: 1 }, {}), labelled({ a: 2 }, { exemplar: at(1) })] }).hasExemplars,
    true,
  );
  assert.equal(read(counts([undefined, undefined, at(3)])).hasExemplars, true);
  assert.equal(read(counts(undefined)).hasExemplars, false);
});
