import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CollectedFamily,
  Counter,
  type Family,
  Gauge,
  Histogram,
  Info,
  MetricsRegistry,
  PrometheusExporter,
  StateSet,
} from '../../../lib/core.ts';
import { type DecodedFamily, decodeProtobuf } from '../../support/decode-protobuf.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

async function render(registry: MetricsRegistry, escaping = 'underscores'): Promise<DecodedFamily[]> {
  return decodeProtobuf(await new PrometheusExporter(registry).render(`${PROTOBUF};escaping=${escaping}`));
}

function registryOf(...families: CollectedFamily[]): MetricsRegistry {
  const registry = new MetricsRegistry({ constantLabels: { zone: 'é' }, nameValidationScheme: 'utf8' });
  registry.registerCollector({ name: 'spec', collect: () => families });
  return registry;
}

test('encodeProtobuf() writes every type, unit and start time', async () => {
  const created = { createdSeconds: 1_520_430_000.125 };
  const registry = registryOf(
    {
      name: 'a_seconds_total',
      help: 'A "a"\n.',
      type: 'counter',
      unit: 'seconds',
      ...created,
      series: [
        { labels: { l: '漢"\\\n' }, value: 1.5 },
        { labels: { l: '' }, value: 0 },
      ],
    },
    { name: 'b', help: 'B.', type: 'gauge', series: [{ value: NaN }] },
    { name: 'c', help: 'C.', series: [{ value: -Infinity }] },
    {
      name: 'd',
      help: 'D.',
      type: 'histogram',
      ...created,
      upperBounds: [-1, 0.5],
      series: [{ bucketCounts: [3, 2 ** 52, 1], sum: -7.25 }],
    },
    {
      name: 'e',
      help: 'E.',
      type: 'gaugehistogram',
      ...created,
      upperBounds: [],
      series: [{ bucketCounts: [4], sum: 2 }],
    },
    {
      name: 'f',
      help: 'F.',
      type: 'summary',
      ...created,
      quantiles: [0.5, 1],
      series: [{ quantileValues: [1, NaN], sum: 17, count: 3 }],
    },
    { name: 'g_info', help: 'G.', type: 'info', series: [{ labels: { v: '1' }, value: 1 }] },
    { name: 'h', help: 'H.', type: 'stateset', series: [{ states: { on: true, off: false } }] },
    { name: 'none', help: 'No series.', series: [] },
  );
  const zone = { zone: 'é' };
  const start = { startSeconds: 1_520_430_000.125 };
  assert.deepEqual(await render(registry), [
    {
      name: 'a_seconds_total',
      help: 'A "a"\n.',
      type: 'COUNTER',
      unit: 'seconds',
      metrics: [
        { labels: { l: '漢"\\\n', ...zone }, value: 1.5, ...start },
        { labels: { l: '', ...zone }, value: 0, ...start },
      ],
    },
    { name: 'b', help: 'B.', type: 'GAUGE', unit: '', metrics: [{ labels: zone, value: NaN }] },
    { name: 'c', help: 'C.', type: 'UNTYPED', unit: '', metrics: [{ labels: zone, value: -Infinity }] },
    {
      name: 'd',
      help: 'D.',
      type: 'HISTOGRAM',
      unit: '',
      metrics: [
        {
          labels: zone,
          count: 2 ** 52 + 4,
          sum: -7.25,
          ...start,
          buckets: [
            { bound: -1, count: 3 },
            { bound: 0.5, count: 2 ** 52 + 3 },
            { bound: Infinity, count: 2 ** 52 + 4 },
          ],
        },
      ],
    },
    {
      name: 'e',
      help: 'E.',
      type: 'GAUGE_HISTOGRAM',
      unit: '',
      metrics: [{ labels: zone, count: 4, sum: 2, buckets: [{ bound: Infinity, count: 4 }] }],
    },
    {
      name: 'f',
      help: 'F.',
      type: 'SUMMARY',
      unit: '',
      metrics: [
        {
          labels: zone,
          count: 3,
          sum: 17,
          quantiles: [
            { quantile: 0.5, value: 1 },
            { quantile: 1, value: NaN },
          ],
          ...start,
        },
      ],
    },
    { name: 'g_info', help: 'G.', type: 'GAUGE', unit: '', metrics: [{ labels: { v: '1', ...zone }, value: 1 }] },
    {
      name: 'h',
      help: 'H.',
      type: 'GAUGE',
      unit: '',
      metrics: [
        { labels: { h: 'on', ...zone }, value: 1 },
        { labels: { h: 'off', ...zone }, value: 0 },
      ],
    },
  ]);
});

test('encodeProtobuf() writes the exemplars of counters and buckets', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_520_879_607_750 });
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'a_total', help: 'A.', registers: [registry] });
  const histogram = new Histogram({ name: 'b', help: 'B.', buckets: [1], registers: [registry] });
  counter.labels({}).inc(2, { trace_id: 'x' });
  histogram.labels({}).observe(0.5, { trace_id: 'y', span: 1 });
  const timestampSeconds = 1_520_879_607.75;
  const [first, second] = await render(registry);
  assert.deepEqual(first!.metrics, [
    {
      labels: {},
      value: 2,
      exemplar: { labels: { trace_id: 'x' }, value: 2, timestampSeconds },
      startSeconds: timestampSeconds,
    },
  ]);
  assert.deepEqual(second!.metrics[0]!.buckets, [
    { bound: 1, count: 1, exemplar: { labels: { trace_id: 'y', span: '1' }, value: 0.5, timestampSeconds } },
    { bound: Infinity, count: 1 },
  ]);
});

test('encodeProtobuf() escapes names as it is asked to, and leaves out a unit that they no longer end with', async () => {
  const registry = registryOf({
    name: 'a.b_c_d',
    help: 'A.',
    type: 'gauge',
    unit: 'c_d',
    series: [{ labels: { 'l.m': 1 }, value: 1 }],
  });
  const named = async (escaping: string): Promise<unknown[]> => {
    const [{ name, unit, metrics } = { name: '', unit: '', metrics: [] }] = await render(registry, escaping);
    return [name, unit, Object.keys(metrics[0]!.labels)[0]];
  };
  assert.deepEqual(await named('allow-utf-8'), ['a.b_c_d', 'c_d', 'l.m']);
  assert.deepEqual(await named('underscores'), ['a_b_c_d', 'c_d', 'l_m']);
  assert.deepEqual(await named('dots'), ['a_dot_b__c__d', '', 'l_dot_m']);
  assert.deepEqual(await named('values'), ['U__a_2e_b__c__d', '', 'U__l_2e_m']);
});

/** Renders families that no registry of this library would gather. */
async function renderForeign(...families: Partial<Family>[]): Promise<DecodedFamily[]> {
  const head = { help: '', unit: '', labelNames: [], constantLabels: [], cache: new Map() };
  const complete = families.map((family) => ({ ...head, ...family, cache: new Map() }) as unknown as Family);
  return decodeProtobuf(await new PrometheusExporter({ gather: async () => complete }).render(PROTOBUF));
}

test('encodeProtobuf() writes a unit only where the name ends with it, before the last _total of a counter', async () => {
  const series = [{ labelValues: [], value: 1 }];
  const families = await renderForeign(
    { name: 'a_total_bytes_total', type: 'counter', unit: 'bytes', series },
    { name: 'a_bytes_total', type: 'gauge', unit: 'bytes', series },
    { name: 'a_', type: 'gauge', series },
  );
  assert.deepEqual(
    families.map(({ unit }) => unit),
    ['bytes', '', ''],
  );
});

test('encodeProtobuf() has room for names and texts of three bytes a character', async () => {
  const name = '漢字_seconds';
  const registry = registryOf({
    name,
    help: '漢'.repeat(50),
    type: 'gauge',
    unit: 'seconds',
    series: [{ labels: { 漢: '字' }, value: 1 }],
  });
  assert.deepEqual(await render(registry, 'allow-utf-8'), [
    {
      name,
      help: '漢'.repeat(50),
      type: 'GAUGE',
      unit: 'seconds',
      metrics: [{ labels: { 漢: '字', zone: 'é' }, value: 1 }],
    },
  ]);
});

test('encodeProtobuf() writes a start time only if it is known, and of types that may have one', async () => {
  const series = [{ labelValues: [], value: 1 }];
  const [counter, gauge, started] = await renderForeign(
    { name: 'a', type: 'counter', series },
    { name: 'b', type: 'gauge', createdSeconds: 5, series },
    { name: 'c', type: 'counter', createdSeconds: 5, series },
  );
  assert.deepEqual(counter!.metrics, [{ labels: {}, value: 1 }]);
  assert.deepEqual(gauge!.metrics, [{ labels: {}, value: 1 }]);
  assert.deepEqual(started!.metrics, [{ labels: {}, value: 1, startSeconds: 5 }]);
});

test('encodeProtobuf() leaves out what a gauge without unit and start time does not have', async () => {
  const series = [{ labelValues: [], value: 1 }];
  const head = { help: '', unit: '', labelNames: [], constantLabels: [], cache: new Map() };
  const family: Family = { ...head, name: 'a_', type: 'gauge', createdSeconds: 5, series };
  assert.deepEqual(
    [...(await new PrometheusExporter({ gather: async () => [family] }).render(PROTOBUF))],
    [21, 0x0a, 2, 97, 95, 0x12, 0, 0x18, 1, 0x22, 11, 0x12, 9, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  );
});

test('encodeProtobuf() writes exemplars only of a family that has them, and of types that may', async () => {
  const labels: Record<string, string> = Object.create({ inherited: 'x' });
  labels['trace_id'] = 't';
  const exemplar = { labels, value: 1 };
  const series = [{ labelValues: [], value: 2, exemplar }];
  const bucket = [{ labelValues: [], bucketCounts: [1], sum: 1, exemplars: [exemplar] }];
  const [counter, plain, gauge, histogram] = await renderForeign(
    { name: 'a', type: 'counter', hasExemplars: true, series },
    { name: 'b', type: 'counter', hasExemplars: false, series },
    { name: 'c', type: 'gauge', hasExemplars: true, series },
    { name: 'd', type: 'gaugehistogram', hasExemplars: true, upperBounds: [], series: bucket },
  );
  assert.deepEqual(counter!.metrics, [{ labels: {}, value: 2, exemplar: { labels: { trace_id: 't' }, value: 1 } }]);
  assert.deepEqual(plain!.metrics, [{ labels: {}, value: 2 }]);
  assert.deepEqual(gauge!.metrics, [{ labels: {}, value: 2 }]);
  assert.deepEqual(histogram!.metrics[0]!.buckets![0]!.exemplar, { labels: { trace_id: 't' }, value: 1 });
});

test('encodeProtobuf() keeps series with and without exemplars in order', async () => {
  for (const remainder of [0, 1]) {
    const series = Array.from({ length: 300 }, (_, i) => ({
      labelValues: ['x'.repeat(i % 9)],
      value: i,
      ...(i % 3 === remainder ? { exemplar: { labels: { trace_id: 't'.repeat(i % 7) }, value: -i } } : {}),
    }));
    const family = { name: 'a', type: 'counter', labelNames: ['l'], hasExemplars: true, series } as const;
    const [decoded] = await renderForeign(family);
    assert.deepEqual(
      decoded!.metrics,
      series.map(({ labelValues: [l], labelValues: _, ...rest }) => ({ labels: { l }, ...rest })),
    );
    const histograms = series.map(({ labelValues, value, exemplar }) => ({
      labelValues,
      bucketCounts: [value, 1],
      sum: value,
      exemplars: exemplar === undefined ? undefined : [undefined, exemplar],
    }));
    const [distribution] = await renderForeign({ ...family, type: 'histogram', upperBounds: [1], series: histograms });
    assert.deepEqual(
      distribution!.metrics,
      series.map(({ labelValues: [l], value, exemplar }) => ({
        labels: { l },
        count: value + 1,
        sum: value,
        buckets: [
          { bound: 1, count: value },
          { bound: Infinity, count: value + 1, ...(exemplar === undefined ? {} : { exemplar }) },
        ],
      })),
    );
  }
});

test('encodeProtobuf() follows values, new series, removals and resets from scrape to scrape', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['i'], registers: [registry] });
  const lone = new Counter({ name: 'b_total', help: 'B.', registers: [registry] });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['i'], registers: [registry] });
  const valuesOf = async (): Promise<(number | undefined)[][]> =>
    (await render(registry)).map(({ metrics }) => metrics.map(({ value, count }) => value ?? count));
  for (let i = 0; i < 300; i++) counter.inc({ i }, i);
  histogram.observe({ i: 'long'.repeat(50) }, 1);
  assert.deepEqual(await valuesOf(), [Array.from({ length: 300 }, (_, i) => i), [0], [1]]);
  for (let i = 150; i < 500; i++) counter.inc({ i }, 0.5);
  lone.inc(7);
  histogram.observe({ i: 'x' }, 1);
  assert.deepEqual(await valuesOf(), [
    Array.from({ length: 500 }, (_, i) => (i < 150 ? i : i < 300 ? i + 0.5 : 0.5)),
    [7],
    [1, 1],
  ]);
  counter.remove(0);
  lone.clear();
  assert.deepEqual(
    (await valuesOf()).map((values) => values.slice(0, 2)),
    [[1, 2], [0], [1, 1]],
  );
});

test('encodeProtobuf() writes the series beyond those that it keeps as it does the others', async () => {
  const count = 131_072 + 300;
  const registry = new MetricsRegistry({ maxSeries: Infinity });
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['i'], registers: [registry] });
  const children = Array.from({ length: count }, (_, i) => counter.labels(i));
  for (const round of [1, 2]) {
    children.forEach((child, i) => child.inc(i));
    const [family] = await render(registry);
    assert.equal(family!.metrics.length, count);
    assert.ok(family!.metrics.every(({ labels, value }, i) => value === i * round && labels['i'] === `${i}`));
  }
});

test('encodeProtobuf() writes the start of a metric that was cleared anew', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 5_000 });
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'a_total', help: 'A.', registers: [registry] });
  assert.equal((await render(registry))[0]!.metrics[0]!.startSeconds, 5);
  t.mock.timers.tick(2_500);
  counter.clear();
  assert.equal((await render(registry))[0]!.metrics[0]!.startSeconds, 7.5);
});

test('encodeProtobuf() stays whole when series change, come and go between its chunks', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['i'], registers: [registry] });
  const gauge = new Gauge({ name: 'b', help: 'B.', labelNames: ['i'], registers: [registry] });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['i'], buckets: [1], registers: [registry] });
  const exemplars = new Histogram({ name: 'x', help: 'X.', labelNames: ['i'], buckets: [1], registers: [registry] });
  const grow = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      counter.inc({ i }, 1e9);
      gauge.set({ i }, i);
      histogram.observe({ i }, 0.5);
      exemplars.labels(i).observe(0.5, { trace_id: 'x'.repeat(i % 40) });
    }
  };
  grow(0, 1000);
  let chunks = 0;
  const parts: Uint8Array[] = [];
  for await (const chunk of new PrometheusExporter(registry, { chunkBytes: 1024 }).chunks(PROTOBUF)) {
    parts.push(chunk);
    chunks++;
    grow(1000 + chunks, 1003 + chunks);
    grow(chunks, chunks + 50);
    counter.remove(chunks);
    if (chunks % 20 === 0) await render(registry);
  }
  const families = decodeProtobuf(Buffer.concat(parts));
  assert.deepEqual(
    families.map(({ name }) => name),
    ['a_total', 'b', 'h', 'x'],
  );
  for (const { metrics } of families) assert.ok(metrics.length >= 1000);
  for (const { count, buckets } of families[2]!.metrics) assert.equal(count, buckets!.at(-1)!.count);
});

test('encodeProtobuf() writes infos and state sets of instruments', async () => {
  const registry = new MetricsRegistry();
  new Info({ name: 'build_info', help: 'B.', labelNames: ['version'], registers: [registry] }).set({ version: '1' });
  new StateSet({ name: 'phase', help: 'P.', states: ['a', 'b'], registers: [registry] }).select('b');
  assert.deepEqual(
    (await render(registry)).map(({ type, metrics }) => [type, metrics.map(({ labels, value }) => [labels, value])]),
    [
      ['GAUGE', [[{ version: '1' }, 1]]],
      [
        'GAUGE',
        [
          [{ phase: 'a' }, 0],
          [{ phase: 'b' }, 1],
        ],
      ],
    ],
  );
});
