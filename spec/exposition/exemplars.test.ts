import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CollectedExemplar,
  type CollectedFamily,
  type Exemplar,
  type Family,
  MetricsRegistry,
  PrometheusExporter,
} from '../../lib/core.ts';
import { parse } from '../../lib/parse/index.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const VALUES = [0, 1, 9, 10, 12_345, 99_999, 2 ** 31, 2 ** 53, 0.5, 1 / 3, 1e21, 5e-324];

interface ChangingSeries {
  readonly labelValues: string[];
  value: number;
  exemplar: Exemplar | undefined;
}

/** A family of counters that the spec changes in place, as instruments do. */
function familyOf(series: ChangingSeries[]): Family {
  return {
    name: 'x_total',
    help: 'X.',
    type: 'counter',
    unit: '',
    labelNames: ['i'],
    constantLabels: [['zone', 'é"']],
    createdSeconds: 1_520_430_000.125,
    hasExemplars: true,
    cache: new Map(),
    series,
  };
}

function randomExemplar(random: SeededRandom): CollectedExemplar & Exemplar {
  const labels = { trace_id: random.text(20), ...(random.int(2) === 0 ? {} : { span_id: random.text(20) }) };
  return {
    labels,
    value: random.pick(VALUES),
    ...(random.int(4) === 0 ? {} : { timestampSeconds: random.int(2e12) / 1000 }),
  };
}

test('a cached family with exemplars is written as from scratch after any changes, in each format', async () => {
  for (const seed of [1, 2, 3]) {
    const random = new SeededRandom(seed);
    const series: ChangingSeries[] = [];
    const family = familyOf(series);
    const cached = new PrometheusExporter({ gather: async () => [family] }, { createdLines: true });
    for (let round = 0; round < 60; round++) {
      if (series.length < 300) for (let n = random.int(40); n > 0; n--) series.push(newSeries(random, series.length));
      for (const one of series) {
        if (random.int(20) === 0) one.value = random.pick(VALUES);
        if (random.int(3) === 0) one.value++;
        if (random.int(30) === 0) one.exemplar = random.int(5) === 0 ? undefined : randomExemplar(random);
      }
      const fresh = new PrometheusExporter({ gather: async () => [familyOf(series)] }, { createdLines: true });
      for (const accept of ['text/plain', OPENMETRICS, PROTOBUF]) {
        assert.deepEqual(
          await cached.render(accept),
          await fresh.render(accept),
          `seed ${seed}, round ${round}, ${accept}`,
        );
      }
    }
    assert.ok(series.length > 256, 'more than two blocks');
    assert.deepEqual(readProtobuf(await cached.render(PROTOBUF)), series.map(expected));
    assert.deepEqual(readOpenMetrics(await cached.render(OPENMETRICS)), series.map(expected));
  }
});

function newSeries(random: SeededRandom, index: number): ChangingSeries {
  return {
    labelValues: [`${index}`],
    value: random.int(1e6),
    exemplar: random.int(2) === 0 ? undefined : randomExemplar(random),
  };
}

type Read = readonly [i: string | undefined, value: number, exemplar: unknown];

function expected({ labelValues: [i], value, exemplar }: ChangingSeries): Read {
  return [
    i,
    value,
    exemplar && {
      labels: { ...exemplar.labels },
      value: exemplar.value,
      timestampSeconds: exemplar.timestampSeconds && round(exemplar.timestampSeconds),
    },
  ];
}

/** Milliseconds: protobuf has nanoseconds, which do not add up to the same double. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function readProtobuf(bytes: Uint8Array): Read[] {
  return decodeProtobuf(bytes)[0]!.metrics.map(({ labels, value, exemplar }) => [
    labels['i'],
    value!,
    exemplar && { ...exemplar, timestampSeconds: exemplar.timestampSeconds && round(exemplar.timestampSeconds) },
  ]);
}

function readOpenMetrics(bytes: Uint8Array): Read[] {
  const samples = parse(bytes, OPENMETRICS)[0]!.samples.filter(({ name }) => name === 'x_total');
  return samples.map(({ labels, value, exemplar }) => [
    labels.get('i'),
    value,
    exemplar && {
      labels: Object.fromEntries(exemplar.labels),
      value: exemplar.value,
      timestampSeconds: exemplar.timestampSeconds && round(exemplar.timestampSeconds),
    },
  ]);
}

test('the exemplars of random histograms are read back from OpenMetrics and protobuf', async () => {
  const random = new SeededRandom(5);
  for (let i = 0; i < 50; i++) {
    const upperBounds = [1, 2, 5].slice(0, random.int(4));
    const exemplarIn = (bucket: number): CollectedExemplar => ({
      ...randomExemplar(random),
      value: upperBounds[bucket] ?? 7,
    });
    const series = Array.from({ length: 1 + random.int(70) }, (_, n) => ({
      labels: { n: String(n), text: random.text(20) },
      bucketCounts: [...upperBounds, 0].map(() => random.int(1e9)),
      sum: random.next() * 1e6,
      ...(random.int(3) === 0
        ? {}
        : {
            exemplars: [...upperBounds, 0].map((_, bucket) => (random.int(3) === 0 ? exemplarIn(bucket) : undefined)),
          }),
    }));
    const registry = new MetricsRegistry();
    registry.registerCollector({
      name: 'spec',
      collect: (): CollectedFamily[] => [{ name: 'h', help: 'H.', type: 'histogram', upperBounds, series }],
    });
    const exporter = new PrometheusExporter(registry);
    const wanted = series.flatMap(({ exemplars = [...upperBounds, 0].map(() => undefined) }) =>
      exemplars.map((one) => one?.value),
    );
    const protobuf = decodeProtobuf(await exporter.render(PROTOBUF))[0]!.metrics.flatMap(({ buckets }) =>
      buckets!.map(({ exemplar }) => exemplar?.value),
    );
    assert.deepEqual(protobuf, wanted);
    const buckets = parse(await exporter.render(OPENMETRICS), OPENMETRICS)[0]!.samples.filter(
      ({ name }) => name === 'h_bucket',
    );
    assert.deepEqual(
      buckets.map(({ exemplar }) => exemplar?.value),
      wanted,
    );
  }
});
