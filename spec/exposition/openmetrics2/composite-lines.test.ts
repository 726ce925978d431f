import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import { newCompositeLines } from '../../../lib/exposition/openmetrics2/composite-lines.ts';
import type { Family } from '../../../lib/model/family.ts';
import { assertRoom } from '../../support/assert-room.ts';

const LONGEST = 0.0000012345678901234567;
const STYLE = { sampleName: 'x', names: NAME_SCHEMES.values, isOpenMetrics2: true };
const COMMON = { name: 'x', help: '', unit: '', labelNames: ['l'], constantLabels: [] };

type Module = { readonly newCompositeLines: typeof newCompositeLines };

/** Checks the line of one series whose label value or exemplar has the text. */
async function assertRoomFor(
  familyOf: (text: string) => Partial<Family>,
  lineOf: (text: string) => string,
  createdSeconds?: number,
): Promise<void> {
  await assertRoom<Module>(
    'exposition/openmetrics2/composite-lines',
    ({ newCompositeLines }, text) => {
      const family = { ...COMMON, cache: new Map(), ...familyOf(text) } as Family;
      const lines = newCompositeLines(family, STYLE, { hasExemplars: true, createdSeconds });
      return lines.linesOf(0, family.series.length);
    },
    lineOf,
  );
}

test('newCompositeLines() makes room for the label value, the longest numbers and the start of a histogram', async () => {
  for (const boundCount of [0, 46]) {
    const upperBounds = Array.from({ length: boundCount }, (_, i) => i);
    const bucketCounts = [-LONGEST, ...upperBounds.map(() => 0)];
    const buckets = [...upperBounds.map((bound) => `${bound}.0`), '+Inf'].map((bound) => `${bound}:${-LONGEST}`).join();
    for (const type of ['histogram', 'gaugehistogram'] as const) {
      const g = type === 'gaugehistogram' ? 'g' : '';
      await assertRoomFor(
        (l) => ({ type, upperBounds, series: [{ labelValues: [l], bucketCounts, sum: -LONGEST }] }),
        (l) => `x{l="${l}"} {${g}count:${-LONGEST},${g}sum:${-LONGEST},bucket:[${buckets}]} st@${-LONGEST}\n`,
        -LONGEST,
      );
    }
  }
});

test('newCompositeLines() makes room for a series behind others', async () => {
  const line = (l: string): string => `x{l="${l}"} {count:0,sum:0,quantile:[]} st@5\n`;
  const series = (l: string) => ({ labelValues: [l], quantileValues: [], sum: 0, count: 0 });
  await assertRoomFor(
    (l) => ({ type: 'summary', quantiles: [], series: ['a', l, l].map(series) }),
    (l) => line('a') + line(l) + line(l),
    5,
  );
});

test('newCompositeLines() makes room for the exemplars of a histogram', async () => {
  const exemplar = (t: string) => ({ labels: { t }, value: -LONGEST, timestampSeconds: LONGEST });
  const exemplarText = (t: string): string => ` # {t="${t}"} ${-LONGEST} ${LONGEST}`;
  await assertRoomFor(
    (t) => ({
      type: 'histogram',
      upperBounds: [1],
      series: [{ labelValues: [''], bucketCounts: [1, 1], sum: 3, exemplars: [exemplar(t), exemplar('')] }],
    }),
    (t) => `x{l=""} {count:2,sum:3,bucket:[1.0:1,+Inf:2]}${exemplarText(t)}${exemplarText('')}\n`,
  );
});

test('newCompositeLines() makes room for native buckets, each in a span of its own or beside the one before', async () => {
  for (const [distance, length] of [
    [1, 1],
    [1, 18],
    [2, 18],
    [236_000_000, 18],
  ] as const) {
    const indexes = Array.from({ length }, (_, i) => i * distance - 2_100_000_000);
    const buckets = { indexes, counts: indexes.map(() => LONGEST) };
    const native = { schema: -4, zeroThreshold: LONGEST, zeroCount: LONGEST, count: LONGEST, sum: 1 };
    const parts = { positive: buckets, negative: buckets, createdSeconds: -LONGEST, exemplars: [] };
    const series = { bucketCounts: [LONGEST], sum: -LONGEST, native: { ...native, ...parts } };
    const counts = indexes.map(() => LONGEST).join(distance === 2 ? ',0,' : ',');
    const [first, ...others] = indexes;
    const spans =
      distance > 2
        ? [`${first}:1`, ...others.map(() => `${distance - 1}:1`)].join()
        : `${first}:${indexes.at(-1)! - first! + 1}`;
    const signs = ['negative', 'positive'].map((sign) => `,${sign}_spans:[${spans}],${sign}_buckets:[${counts}]`);
    await assertRoomFor(
      (l) => ({ type: 'histogram', upperBounds: [], series: [{ labelValues: [l], ...series }] }),
      (l) =>
        `x{l="${l}"} {count:${LONGEST},sum:${-LONGEST},schema:-4,zero_threshold:${LONGEST},zero_count:${LONGEST}${signs.join('')},bucket:[+Inf:${LONGEST}]} st@${-LONGEST}\n`,
    );
  }
});

test('newCompositeLines() writes up to 256 numbers of several series in a step, and one series at least', () => {
  for (const boundCount of [0, 1, 3, 4, 11, 59, 123, 124, 251, 252, 400]) {
    const upperBounds = Array.from({ length: boundCount }, (_, i) => i);
    const family = { ...COMMON, type: 'histogram', upperBounds, cache: new Map(), series: [] } as Family;
    const { seriesPerStep } = newCompositeLines(family, STYLE, { hasExemplars: false, createdSeconds: undefined });
    // Buckets with that of infinity; count, sum and start count as four.
    const numbers = boundCount + 5;
    assert.ok(seriesPerStep === 1 || seriesPerStep * numbers <= 256, `${boundCount}: ${seriesPerStep}`);
    assert.ok((seriesPerStep + 1) * numbers > 256, `${boundCount}: ${seriesPerStep}`);
  }
});
