import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusExporter } from '../../lib/exposition/prometheus-exporter.ts';
import { Histogram } from '../../lib/metrics/histogram.ts';
import { type NativeBucketsOptions, nativeBuckets } from '../../lib/native/index.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { type DecodedMetric, type DecodedNative, decodeProtobuf } from '../support/decode-protobuf.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const ACCEPT = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const UTF8 = `${ACCEPT};escaping=allow-utf-8`;

const ONLY = { names: new Set(['x_seconds']) };

type Operation = (histogram: Subject) => void;
type Subject = ReturnType<typeof subject>['histogram'];

/** Without classic buckets beside the native ones, and with them. */
const FORMS: readonly NativeBucketsOptions[] = [{}, { classicBounds: [0.125, 1, 2, 64] }];

function subject(options: NativeBucketsOptions) {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({
    name: 'x_seconds',
    help: 'X.',
    labelNames: ['shard'],
    registers: [registry],
    buckets: nativeBuckets({ maxBuckets: 20, ...options }),
  });
  const exporter = new PrometheusExporter(registry, { chunkBytes: 1024 });
  const render = (accept = ACCEPT): Promise<Uint8Array> => exporter.render(accept, ONLY);
  return { histogram, exporter, render };
}

/** More than the encoder takes in one step. */
const SERIES = 40;

function randomOperation(random: SeededRandom): Operation {
  const shard = String(random.int(SERIES));
  const value = [0, -1, 1, 2 ** (20 * random.next() - 10)][random.int(4)]!;
  switch (random.int(20)) {
    case 0:
      return (histogram) => void histogram.remove(shard);
    case 1:
      return (histogram) => histogram.zero({ shard });
    case 2:
      // As many as before, with the same sum, in other buckets.
      return (histogram) => {
        histogram.zero({ shard });
        for (const each of random.next() < 0.5 ? [1, 3] : [2, 2]) histogram.observe({ shard }, each);
      };
    case 3:
      return (histogram) => histogram.labels({ shard }).observe(value, { id: 'x'.repeat(random.int(90)) });
    default:
      return (histogram) => histogram.observe({ shard }, value);
  }
}

test('nativeBuckets() are written in protobuf as in a first scrape, whatever earlier scrapes have cached', async (t) => {
  t.mock.method(Date, 'now', () => 1_700_000_000_000);
  for (const options of FORMS) {
    const random = new SeededRandom(17);
    const { histogram, render } = subject(options);
    const operations: Operation[] = [];
    for (let scrape = 0; scrape < 60; scrape++) {
      for (let i = random.int(12); i > 0; i--) {
        const seed = random.int(1e6);
        const operation: Operation = (each) => randomOperation(new SeededRandom(seed))(each);
        operations.push(operation);
        operation(histogram);
      }
      const fresh = subject(options);
      for (const operation of operations) operation(fresh.histogram);
      for (const accept of scrape % 3 === 0 ? [ACCEPT, UTF8] : [ACCEPT])
        assert.deepEqual(await render(accept), await fresh.render(accept), `scrape ${scrape}`);
    }
  }
});

test('nativeBuckets() are written as they were measured while updates and other scrapes go on', async () => {
  for (const options of FORMS) {
    const { histogram, exporter, render } = subject(options);
    for (let shard = 0; shard < 2000; shard++) histogram.observe({ shard }, 1);
    const before = await render();
    const chunks: Uint8Array[] = [];
    for await (const chunk of exporter.chunks(ACCEPT, ONLY)) {
      chunks.push(chunk.slice());
      for (let shard = 0; shard < 2000; shard += 7) histogram.observe({ shard }, 2 ** (chunks.length + 1));
      await render();
    }
    assert.deepEqual(new Uint8Array(Buffer.concat(chunks)), before);
  }
});

test('nativeBuckets() with classicBounds have both forms in protobuf, of one count', async () => {
  const { histogram, render } = subject({ classicBounds: [0.5, 4] });
  for (const value of [-1, 0, 0.5, 0.75, 4, 5, 5]) histogram.observe({ shard: 0 }, value);
  histogram.labels({ shard: 0 }).observe(6, { id: 'a' });
  const [family] = decodeProtobuf(await render());
  const [{ count, buckets, native }] = family!.metrics as [DecodedMetric];
  assert.deepEqual(
    [count, buckets!.map(({ bound, count: upTo }) => [bound, upTo]), buckets![2]!.exemplar!.value],
    [
      8,
      [
        [0.5, 3],
        [4, 5],
        [Infinity, 8],
      ],
      6,
    ],
  );
  const populated = (pairs: DecodedNative['positive']): number => pairs.reduce((sum, [, each]) => sum + each, 0);
  assert.deepEqual([native!.zeroCount, populated(native!.positive), populated(native!.negative)], [1, 6, 1]);
});
