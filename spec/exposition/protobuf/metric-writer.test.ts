import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exemplar, Family } from '../../../lib/core.ts';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import type { HistogramWriter, SummaryWriter } from '../../../lib/exposition/protobuf/distribution-writers.ts';
import { HeldMetrics } from '../../../lib/exposition/protobuf/held-metrics.ts';
import type { MetricWriter } from '../../../lib/exposition/protobuf/metric-writer.ts';
import type { NumberWriter } from '../../../lib/exposition/protobuf/number-writer.ts';
import { type DecodedMetric, decodeMetrics } from '../../support/decode-protobuf.ts';
import { freshModule } from '../../support/fresh-module.ts';

// Writers compose metrics in memory that grows. Here a fresh copy of each writes metrics of a little less or more than its first
// memory: one byte too few shows.

/** The first memory of a writer, and that of metrics with exemplars. */
const FIRST_BYTES = [2048, 1024];
const COMMON = { name: 'x', help: '', unit: '', labelNames: [], constantLabels: [], upperBounds: [], quantiles: [] };

interface Fresh {
  readonly NumberWriter: typeof NumberWriter;
  readonly HistogramWriter: typeof HistogramWriter;
  readonly SummaryWriter: typeof SummaryWriter;
}

async function newWriter(family: Family): Promise<MetricWriter> {
  const isNumber = family.type === 'counter';
  const fresh = await freshModule<Fresh>(`exposition/protobuf/${isNumber ? 'number-writer' : 'distribution-writers'}`);
  const Writer = isNumber
    ? fresh.NumberWriter
    : family.type === 'summary'
      ? fresh.SummaryWriter
      : fresh.HistogramWriter;
  return new Writer(family as never, NAME_SCHEMES.values);
}

/** What a writer writes, and the metrics that a reader finds in it. */
async function written(family: Family): Promise<{ byteCount: number; metrics: readonly DecodedMetric[] }> {
  const writer = await newWriter(family);
  const { length } = family.series;
  const held = family.hasExemplars === true ? new HeldMetrics() : undefined;
  const byteCount = writer.measure(0, length, held);
  const metrics = writer.write(0, length, held);
  assert.equal(metrics.length, byteCount);
  return { byteCount, metrics: decodeMetrics(metrics) };
}

/** Checks metrics of any length near those of the first memory; `familyOf` returns the family for a text. */
async function assertRoom(
  familyOf: (text: string) => Partial<Family>,
  expectedOf: (text: string) => readonly Partial<DecodedMetric>[],
): Promise<void> {
  const write = (text: string) => written({ ...COMMON, cache: new Map(), ...familyOf(text) } as Family);
  const { byteCount: least } = await write('');
  const { byteCount: more } = await write('漢'.repeat(100));
  for (const firstBytes of FIRST_BYTES) {
    const fitting = Math.floor((100 * (firstBytes - least)) / (more - least));
    for (let count = Math.max(0, fitting - 8); count < fitting + 24; count++) {
      const text = '漢'.repeat(count);
      const { metrics, byteCount } = await write(text);
      const expected = expectedOf(text);
      const found = metrics.map((metric, i) =>
        Object.fromEntries(Object.keys(expected[i]!).map((key) => [key, metric[key as keyof DecodedMetric]])),
      );
      assert.deepEqual(found, expected, `${byteCount} bytes`);
    }
  }
}

const exemplarOf = (t: string) => ({ labels: { t, u: '' }, value: 5, timestampSeconds: 7 });

for (const type of ['counter', 'histogram', 'summary'] as const) {
  const seriesOf = (labelValues: readonly string[], exemplar?: Exemplar) =>
    ({
      labelValues,
      value: 1,
      exemplar,
      bucketCounts: [1],
      quantileValues: [],
      sum: 1,
      count: 1,
      exemplars: exemplar && [exemplar],
    }) as never;

  test(`the protobuf writer of a ${type} makes room for a label, many labels, and constant labels`, async () => {
    await assertRoom(
      (l) => ({ type, labelNames: ['l'], series: [seriesOf([l])] }),
      (l) => [{ labels: { l } }],
    );
    const labelNames = Array.from({ length: 26 }, (_, i) => `name_of_label_${i}`);
    await assertRoom(
      (l) => ({ type, labelNames, series: [seriesOf(labelNames.map((_, i) => (i === 0 ? l : 'value')))] }),
      (l) => [{ labels: Object.fromEntries(labelNames.map((name, i) => [name, i === 0 ? l : 'value'])) }],
    );
    await assertRoom(
      (l) => ({ type, constantLabels: [['l', l]], series: [seriesOf([])] }),
      (l) => [{ labels: { l } }],
    );
  });

  test(`the protobuf writer of a ${type} makes room for a series behind others`, async () => {
    await assertRoom(
      (l) => ({
        type,
        labelNames: ['l'],
        createdSeconds: 1e9 + 0.5,
        series: ['a', l, l].map((one) => seriesOf([one])),
      }),
      (l) => ['a', l, l].map((one) => ({ labels: { l: one }, startSeconds: 1e9 + 0.5 })),
    );
  });

  if (type === 'summary') continue;
  test(`the protobuf writer of a ${type} makes room for exemplars, between series without one`, async () => {
    const exemplars = (t: string) => [undefined, exemplarOf('a'), undefined, exemplarOf(t), exemplarOf(t), undefined];
    await assertRoom(
      (t) => ({
        type,
        labelNames: ['l'],
        hasExemplars: true,
        series: exemplars(t).map((exemplar, i) => seriesOf([`${i}`], exemplar)),
      }),
      (t) =>
        exemplars(t).map((exemplar, i) => ({
          labels: { l: `${i}` },
          ...(exemplar && (type === 'counter' ? { exemplar } : { buckets: [{ bound: Infinity, count: 1, exemplar }] })),
        })),
    );
  });
}

test('the protobuf writer of a histogram makes room for buckets, that of a summary for quantiles', async () => {
  const points = Array.from({ length: 60 }, (_, i) => i);
  await assertRoom(
    (l) => ({
      type: 'histogram',
      labelNames: ['l'],
      upperBounds: points.slice(1),
      series: [{ labelValues: [l], bucketCounts: points.map(() => 1), sum: 2 }],
    }),
    (l) => [{ labels: { l }, sum: 2, count: 60 }],
  );
  await assertRoom(
    (l) => ({
      type: 'summary',
      labelNames: ['l'],
      quantiles: points.map((i) => i / 60),
      series: [{ labelValues: [l], quantileValues: points, sum: 2, count: 3 }],
    }),
    (l) => [{ labels: { l }, sum: 2, count: 3 }],
  );
});
