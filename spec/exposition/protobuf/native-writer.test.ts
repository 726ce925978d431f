import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import { HeldMetrics } from '../../../lib/exposition/protobuf/held-metrics.ts';
import type { NativeHistogramWriter } from '../../../lib/exposition/protobuf/native-writer.ts';
import type { Exemplar, HistogramFamily, HistogramSeries, NativeHistogram } from '../../../lib/model/family.ts';
import { type DecodedMetric, decodeMetrics } from '../../support/decode-protobuf.ts';
import { freshModule } from '../../support/fresh-module.ts';

// Series as a registry has them, given by hand, and what a reader that shares no code with the encoder finds in their bytes.

interface Module {
  readonly NativeHistogramWriter: typeof NativeHistogramWriter;
}

/** Index and count of each bucket. */
type Buckets = readonly (readonly [index: number, count: number])[];

const EMPTY: NativeHistogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: { indexes: [], counts: [] },
  negative: { indexes: [], counts: [] },
  sum: 0,
  count: 0,
  exemplars: [],
};

function countsOf(buckets: Buckets): NativeHistogram['positive'] {
  return { indexes: buckets.map(([index]) => index), counts: buckets.map(([, count]) => count) };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A histogram with these buckets, whose count is theirs. */
function nativeOf(positive: Buckets, negative: Buckets = [], rest: Partial<NativeHistogram> = {}): NativeHistogram {
  const count = sumOf([...positive, ...negative].map(([, each]) => each)) + (rest.zeroCount ?? 0);
  return { ...EMPTY, positive: countsOf(positive), negative: countsOf(negative), count, ...rest };
}

function seriesOf(native: NativeHistogram | undefined, rest: Partial<HistogramSeries> = {}): HistogramSeries {
  return { labelValues: [''], bucketCounts: [native?.count ?? 0], sum: native?.sum ?? 0, native, ...rest };
}

function familyOf(series: readonly HistogramSeries[], rest: Partial<HistogramFamily> = {}): HistogramFamily {
  return {
    type: 'histogram',
    name: 'x',
    help: '',
    unit: '',
    labelNames: ['l'],
    constantLabels: [],
    upperBounds: [],
    bucketOptions: {},
    hasExemplars: true,
    cache: new Map(),
    series,
    ...rest,
  } as HistogramFamily;
}

/** The bytes of a scrape of the first series. */
function scrape(writer: NativeHistogramWriter, length = writer.series.length): Uint8Array {
  const held = new HeldMetrics();
  const steps = Array.from({ length: Math.ceil(length / writer.seriesPerStep) }, (_, i) => i * writer.seriesPerStep);
  const endOf = (first: number): number => Math.min(first + writer.seriesPerStep, length);
  const byteCounts = steps.map((first) => writer.measure(first, endOf(first), held));
  const written = steps.map((first) => writer.write(first, endOf(first), held));
  assert.deepEqual(
    written.map((bytes) => bytes.length),
    byteCounts,
  );
  return new Uint8Array(Buffer.concat(written));
}

async function newWriter(family: HistogramFamily): Promise<NativeHistogramWriter> {
  const fresh = await freshModule<Module>('exposition/protobuf/native-writer');
  return new fresh.NativeHistogramWriter(family, NAME_SCHEMES.values);
}

async function metricsOf(family: HistogramFamily): Promise<readonly DecodedMetric[]> {
  return decodeMetrics(scrape(await newWriter(family)));
}

test('NativeHistogramWriter writes up to two empty buckets of a gap, and begins another span after a wider one', async () => {
  const cases: readonly (readonly [buckets: Buckets, expected: Buckets])[] = [
    [[], []],
    [[[0, 5]], [[0, 5]]],
    [[[-7, 5]], [[-7, 5]]],
    [
      [
        [3, 1],
        [4, 2],
      ],
      [
        [3, 1],
        [4, 2],
      ],
    ],
    [
      [
        [-1, 7],
        [1, 2],
        [4, 9],
        [8, 3],
        [1000, 1],
      ],
      [
        [-1, 7],
        [0, 0],
        [1, 2],
        [2, 0],
        [3, 0],
        [4, 9],
        [8, 3],
        [1000, 1],
      ],
    ],
  ];
  for (const [buckets, expected] of cases) {
    const zero = { zeroThreshold: 0.5, zeroCount: 4, sum: -2.5, schema: -3 };
    const [positive] = await metricsOf(familyOf([seriesOf(nativeOf(buckets, [], zero))]));
    const count = 4 + sumOf(buckets.map(([, each]) => each));
    const head = { schema: -3, zeroThreshold: 0.5, zeroCount: 4, exemplars: [] };
    assert.deepEqual(positive, {
      labels: { l: '' },
      count,
      sum: -2.5,
      buckets: [],
      native: { ...head, positive: expected, negative: [] },
    });
    const [negative] = await metricsOf(familyOf([seriesOf(nativeOf([[2, 1]], buckets, zero))]));
    assert.equal(negative!.count, count + 1);
    assert.deepEqual(negative!.native, { ...head, positive: [[2, 1]], negative: expected });
  }
});

test('NativeHistogramWriter writes counts that rise and fall by any number', async () => {
  const steps = [1, 62, 63, 64, 65, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 2];
  const counts = steps.flatMap((step) => [step + 1, 1]);
  const buckets = counts.map((count, i) => [i, count] as const);
  const [{ native }] = (await metricsOf(familyOf([seriesOf(nativeOf(buckets))]))) as [DecodedMetric];
  assert.deepEqual(native!.positive, buckets);
});

test('NativeHistogramWriter writes a small change of a count in one byte and its tag', async () => {
  const bytesOf = async (second: number): Promise<number> => {
    const buckets = [
      [0, 64],
      [1, second],
    ] as const;
    // The count beside them takes as many bytes each time.
    const native = nativeOf(buckets, [], { count: 100 });
    return scrape(await newWriter(familyOf([seriesOf(native, { bucketCounts: [100] })]))).length;
  };
  const least = await bytesOf(64);
  for (const second of [1, 63, 65, 127]) assert.equal(await bytesOf(second), least, `${second}`);
  assert.equal(await bytesOf(128), least + 1);
});

test('NativeHistogramWriter writes an empty histogram so that a reader takes it for a native one', async () => {
  const [empty] = await metricsOf(familyOf([seriesOf(EMPTY)]));
  const none = { schema: 0, zeroThreshold: 0, zeroCount: 0, positive: [], negative: [], exemplars: [] };
  assert.deepEqual(empty, { labels: { l: '' }, count: 0, sum: 0, buckets: [], native: none });
  // One with a zero bucket needs no span for that.
  const zero = scrape(await newWriter(familyOf([seriesOf({ ...EMPTY, zeroThreshold: 0.5 })])));
  const span = scrape(await newWriter(familyOf([seriesOf(EMPTY)])));
  assert.equal(span.length - zero.length, 6);
  assert.deepEqual(decodeMetrics(zero)[0]!.native, { ...none, zeroThreshold: 0.5 });
});

test('NativeHistogramWriter writes the start of a series that was reset, or else that of its family', async () => {
  const reset = { ...EMPTY, createdSeconds: 20.5 };
  const metrics = await metricsOf(familyOf([seriesOf(EMPTY), seriesOf(reset)], { createdSeconds: 10.25 }));
  assert.deepEqual(
    metrics.map(({ startSeconds }) => startSeconds),
    [10.25, 20.5],
  );
});

const exemplarOf = (value: number, timestampSeconds: number, id = `${value}`): Exemplar => ({
  labels: { id },
  value,
  timestampSeconds,
});

test('NativeHistogramWriter writes all exemplars of native buckets, and the latest in a classic bucket of all values', async () => {
  for (const times of [[1, 2, 3], [3, 2, 1], [1, 3, 2], [2, 3, 3], [5]]) {
    const exemplars = times.map((time, i) => exemplarOf(i, time));
    const latest = times.lastIndexOf(Math.max(...times));
    const native = nativeOf([[0, 3]], [], { exemplars });
    const [metric] = await metricsOf(familyOf([seriesOf(native)]));
    assert.deepEqual(metric!.native!.exemplars, exemplars);
    assert.deepEqual(metric!.buckets, [{ bound: Infinity, count: 3, exemplar: exemplars[latest] }]);
  }
});

const BOTH: Partial<HistogramFamily> = { bucketOptions: { isAlsoClassic: true }, upperBounds: [1, 4] };

test('NativeHistogramWriter writes classic buckets beside native ones, that of all values only for its exemplar', async () => {
  const native = nativeOf([
    [0, 3],
    [2, 4],
    [9, 5],
  ]);
  const [low, high] = [exemplarOf(0.5, 1), exemplarOf(400, 2)];
  for (const [exemplars, expected] of [
    [undefined, [{}, {}]],
    [
      [low, undefined, undefined],
      [{ exemplar: low }, {}],
    ],
    [
      [undefined, low, high],
      [{}, { exemplar: low }, { exemplar: high }],
    ],
  ] as const) {
    const [metric] = await metricsOf(familyOf([seriesOf(native, { bucketCounts: [3, 4, 5], exemplars })], BOTH));
    const buckets = [
      { bound: 1, count: 3 },
      { bound: 4, count: 7 },
      { bound: Infinity, count: 12 },
    ];
    assert.deepEqual(
      metric!.buckets,
      expected.map((exemplar, i) => ({ ...buckets[i]!, ...exemplar })),
    );
    assert.deepEqual(metric!.native!.positive, [
      [0, 3],
      [1, 0],
      [2, 4],
      [9, 5],
    ]);
  }
});

test('NativeHistogramWriter writes classic buckets alone for a merged series that lacks some native observations', async () => {
  const classic = [
    { bound: 1, count: 3 },
    { bound: 4, count: 7 },
    { bound: Infinity, count: 12 },
  ];
  for (const native of [undefined, nativeOf([[0, 11]])]) {
    const rest = { bucketCounts: [3, 4, 5], sum: 7, exemplars: [undefined, exemplarOf(2, 5)] };
    const [metric] = await metricsOf(familyOf([seriesOf(native, rest)], BOTH));
    assert.deepEqual([metric!.count, metric!.sum, metric!.native], [12, 7, undefined]);
    assert.deepEqual(metric!.buckets, [classic[0], { ...classic[1], exemplar: exemplarOf(2, 5) }, classic[2]]);
  }
  // Where only native buckets are wanted, those that are there are written.
  const only = { upperBounds: [1, 4] };
  const rest = { bucketCounts: [3, 4, 5], sum: 7 };
  const [some, none] = await metricsOf(
    familyOf([seriesOf(nativeOf([[0, 11]]), rest), seriesOf(undefined, rest)], only),
  );
  assert.deepEqual([some!.count, some!.buckets, some!.native!.positive], [11, [], [[0, 11]]]);
  assert.deepEqual([none!.count, none!.buckets, none!.native], [12, classic, undefined]);
});

/** A series that counts how often it is looked at. */
class Watched {
  readonly labelValues: readonly string[];
  readonly bucketCounts = [0];
  readonly sum = 0;
  revision: number | undefined = 1;
  count = 1;
  looks = 0;

  constructor(labelValue: string) {
    this.labelValues = [labelValue];
  }

  get native(): NativeHistogram {
    this.looks++;
    return nativeOf([[0, this.count]]);
  }

  update(count = this.count + 1000): void {
    this.count = count;
    this.revision!++;
  }
}

/** Scrapes and checks what was read; returns how many series were looked at. */
function looksOf(writer: NativeHistogramWriter, series: readonly Watched[], length = series.length): number {
  for (const each of series) each.looks = 0;
  const read = decodeMetrics(scrape(writer, length)).map(({ labels: { l }, count }) => [l, count]);
  assert.deepEqual(
    read,
    series.slice(0, length).map(({ labelValues: [l], count }) => [l, count]),
  );
  return sumOf(series.map(({ looks }) => looks));
}

test('NativeHistogramWriter looks only at series that have changed since they were last written', async () => {
  // Of several steps.
  const series = Array.from({ length: 100 }, (_, i) => new Watched(`${i}`));
  const writer = await newWriter(familyOf(series));
  assert.equal(looksOf(writer, series), 100);
  assert.equal(looksOf(writer, series), 0);
  for (const changed of [[0], [99], [31, 32], [3, 4, 90], series.keys()]) {
    const indexes = [...changed];
    for (const i of indexes) series[i]!.update();
    assert.equal(looksOf(writer, series), indexes.length);
    assert.equal(looksOf(writer, series), 0);
  }
});

test('NativeHistogramWriter gives the same bytes to the next scrape without a copy if nothing has changed', async () => {
  const series = [new Watched('a'), new Watched('b')];
  const writer = await newWriter(familyOf(series));
  const bytesOf = (): Uint8Array => {
    const held = new HeldMetrics();
    writer.measure(0, 2, held);
    return writer.write(0, 2, held);
  };
  const first = bytesOf();
  assert.equal(bytesOf(), first);
  series[0]!.update();
  assert.notEqual(bytesOf(), first);
});

test('NativeHistogramWriter writes series that join, and those of a scrape that began before they did', async () => {
  const series = Array.from({ length: 5 }, (_, i) => new Watched(`${i}`));
  const writer = await newWriter(familyOf(series));
  for (const isUpdated of [false, true]) {
    for (const length of [2, 3, 5, 1, 4, 5, 5]) {
      looksOf(writer, series, length);
      if (isUpdated) series[0]!.update(series[0]!.count + 1);
    }
  }
});

test('NativeHistogramWriter looks at each scrape at series of which it cannot tell whether they have changed', async () => {
  const series = Array.from({ length: 3 }, (_, i) => new Watched(`${i}`));
  series[1]!.revision = undefined;
  const writer = await newWriter(familyOf(series));
  looksOf(writer, series);
  series[1]!.count = 77;
  assert.equal(looksOf(writer, series), 1);
  assert.equal(looksOf(writer, series), 1);
});

test('NativeHistogramWriter gives a scrape the bytes that were measured, though another scrape found others', async () => {
  const series = [new Watched('a'), new Watched('b')];
  const writer = await newWriter(familyOf(series));
  const [slow, fast] = [new HeldMetrics(), new HeldMetrics()];
  writer.measure(0, 2, slow);
  series[0]!.update(5_000_000);
  writer.measure(0, 2, fast);
  const counts = [slow, fast].map((held) => decodeMetrics(writer.write(0, 2, held)).map(({ count }) => count));
  assert.deepEqual(counts, [
    [1, 1],
    [5_000_000, 1],
  ]);
});

/** Writes a family in a fresh memory of 2,048 bytes, for texts with which it takes a little less or more. */
async function assertRoom(
  familyWith: (text: string) => HistogramFamily,
  check: (metrics: readonly DecodedMetric[], text: string) => void,
): Promise<void> {
  const bytesOf = async (text: string): Promise<number> => scrape(await newWriter(familyWith(text))).length;
  const least = await bytesOf('');
  const fitting = Math.floor((100 * (2048 - least)) / ((await bytesOf('漢'.repeat(100))) - least));
  assert.ok(fitting > 0, 'the text makes the difference');
  for (let count = Math.max(0, fitting - 12); count < fitting + 24; count++) {
    const text = '漢'.repeat(count);
    check(await metricsOf(familyWith(text)), text);
  }
}

test('NativeHistogramWriter makes room for labels, of one series and of one behind others', async () => {
  for (const before of [[], ['a'], ['a', undefined]] as const) {
    const labelsOf = (text: string): string[] => [...before.map((label) => label ?? text), text];
    await assertRoom(
      (text) => familyOf(labelsOf(text).map((l) => seriesOf(nativeOf([[0, 1]]), { labelValues: [l] }))),
      (metrics, text) =>
        assert.deepEqual(
          metrics.map(({ labels }) => labels),
          labelsOf(text).map((l) => ({ l })),
        ),
    );
  }
});

test('NativeHistogramWriter makes room for exemplars, of native buckets and of classic ones', async () => {
  for (const isSpread of [true, false]) {
    const exemplarsOf = (text: string): Exemplar[] => [1, 2, 3].map((i) => exemplarOf(i, 1e9 + i + 0.5, text));
    await assertRoom(
      (text) => {
        const native = nativeOf([[0, 3]], [], { exemplars: isSpread ? exemplarsOf(text) : [] });
        const rest = { bucketCounts: [1, 1, 1], exemplars: exemplarsOf(text) };
        return familyOf([seriesOf(native, isSpread ? {} : rest)], isSpread ? {} : BOTH);
      },
      ([metric], text) => {
        const [first, second, third] = exemplarsOf(text);
        const { native, buckets } = metric!;
        assert.deepEqual(native!.exemplars, isSpread ? [first, second, third] : []);
        assert.deepEqual(
          buckets!.map(({ exemplar }) => exemplar),
          isSpread ? [third] : [first, second, third],
        );
      },
    );
  }
});

test('NativeHistogramWriter makes room for the longest numbers in native buckets', async () => {
  const [most, far] = [2 ** 53 - 1, 2 ** 27];
  for (const distance of [1, 2, 3, far]) {
    for (const length of [1, 16]) {
      const buckets = Array.from({ length }, (_, i) => [(i - 8) * distance, i % 2 === 0 ? most : 1] as const);
      const rest = {
        zeroThreshold: 0.1,
        zeroCount: most,
        count: most,
        sum: -0.1,
        schema: -4,
        createdSeconds: 1e10 + 0.1,
      };
      const parts = { positive: countsOf(buckets), negative: countsOf(buckets) };
      const populated = distance < 4 ? (length - 1) * distance + 1 : length;
      await assertRoom(
        (l) => familyOf([seriesOf({ ...EMPTY, ...rest, ...parts }, { labelValues: [l] })]),
        ([metric], l) => {
          const { positive, negative } = metric!.native!;
          assert.deepEqual(metric!.labels, { l });
          for (const each of [positive, negative]) {
            assert.equal(each.length, populated);
            assert.deepEqual(
              each.filter(([, count]) => count > 0),
              buckets,
            );
          }
        },
      );
    }
  }
});

test('NativeHistogramWriter makes room for classic buckets, beside native ones and alone', async () => {
  const upperBounds = Array.from({ length: 60 }, (_, i) => i);
  const bucketCounts = [...upperBounds, 60].map(() => 2 ** 45);
  for (const native of [undefined, nativeOf([[0, 61 * 2 ** 45]])]) {
    await assertRoom(
      (l) => familyOf([seriesOf(native, { labelValues: [l], bucketCounts })], { ...BOTH, upperBounds }),
      ([metric], l) => {
        assert.deepEqual(metric!.labels, { l });
        assert.deepEqual(
          metric!.buckets!.map(({ count }) => count),
          (native === undefined ? bucketCounts : upperBounds).map((_, i) => (i + 1) * 2 ** 45),
        );
      },
    );
  }
});

test('NativeHistogramWriter makes room for a series that is as before, behind one that has become longer', async () => {
  for (let length = 0; length < 600; length += 7) {
    // Together they fit the first memory, of 2,048 bytes.
    const series = [new Watched('a'), new Watched('x'.repeat(1700))];
    const writer = await newWriter(familyOf(series));
    looksOf(writer, series);
    const exemplars = [exemplarOf(1, 1, 'y'.repeat(length))];
    Object.defineProperty(series[0]!, 'native', { value: nativeOf([[0, 2]], [], { exemplars }) });
    series[0]!.update(2);
    assert.equal(looksOf(writer, series), 0);
  }
});
