import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type OtlpPushOptions, startOtlpPush } from '../../../lib/bridges/otlp/index.ts';
import { Counter, Gauge, Histogram, Info, MetricsRegistry } from '../../../lib/core.ts';
import type { Family } from '../../../lib/model/family.ts';
import { type Answer, fakeGateway, silence, status } from '../../push/fake-gateway.ts';
import { collectWarnings } from '../../support/collect-warnings.ts';
import { until } from '../../support/until.ts';
import { everyKind } from '../every-kind.ts';
import { type DecodedExport, decodeOtlp } from './decode-otlp.ts';

const NOW = 1_764_288_000_000;
const NOW_NANOSECONDS = BigInt(NOW) * 1_000_000n;

interface Pushed {
  readonly requests: DecodedExport[];
  metric(name: string): DecodedExport['metrics'][number];
}

/** Pushes once to a strict receiver, and returns what it has decoded. */
async function pushed(
  t: TestContext,
  registry: MetricsRegistry | readonly Family[],
  options: OtlpPushOptions = {},
): Promise<Pushed> {
  const gateway = await fakeGateway(t);
  t.mock.method(Date, 'now', () => NOW);
  const source = registry instanceof MetricsRegistry ? registry : { gather: () => Promise.resolve(registry) };
  const push = startOtlpPush({ registry: source, url: gateway.url, intervalSeconds: Infinity, env: {}, ...options });
  await push.push();
  const requests = gateway.seen.map(({ headers, body }) => {
    assert.equal(headers['content-type'], 'application/x-protobuf');
    return decodeOtlp(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
  });
  const metrics = requests.flatMap((request) => request.metrics);
  return { requests, metric: (name) => metrics.find((one) => one.name === name) };
}

function family(about: Partial<Family> & { type: Family['type'] }): Family {
  const rest = { name: 'm', help: 'Help.', unit: '', labelNames: [], constantLabels: [], cache: new Map(), series: [] };
  return { ...rest, ...about } as Family;
}

test('startOtlpPush() sends a counter as a monotonic cumulative sum, its name unaltered', async (t) => {
  const { metric } = await pushed(t, everyKind().registry);
  const { sum, ...rest } = metric('scans_total');
  assert.deepEqual(rest, { name: 'scans_total', description: 'Scans.', metadata: { 'prometheus.type': 'counter' } });
  assert.deepEqual([sum.temporality, sum.isMonotonic], [2n, 1n]);
  assert.deepEqual(
    sum.points.map(({ attributes, double, time }: { attributes: object; double: number; time: bigint }) => [
      attributes,
      double,
      time,
    ]),
    [
      [{ strategy: 'swing', region: 'eu' }, 3, NOW_NANOSECONDS],
      [{ strategy: 'a|b,c;d=e:f#g h', region: 'eu' }, 0.5, NOW_NANOSECONDS],
      [{ region: 'eu' }, 2, NOW_NANOSECONDS],
    ],
  );
});

test('startOtlpPush() sends gauges and unknowns as gauges, NaN and infinities included', async (t) => {
  const { metric } = await pushed(t, everyKind().registry);
  const values = metric('depth').gauge.points.map(({ double }: { double: number }) => double);
  assert.deepEqual(values, [7, -2.5, NaN, Infinity]);
  assert.deepEqual(metric('depth').metadata, { 'prometheus.type': 'gauge' });
  const unknown = await pushed(t, [family({ type: 'unknown', series: [{ labelValues: [], value: 4 }] } as never)]);
  assert.equal(unknown.metric('m').gauge.points[0].double, 4);
  assert.deepEqual(unknown.metric('m').metadata, { 'prometheus.type': 'unknown' });
});

test('startOtlpPush() sends infos and state sets as sums that are not monotonic', async (t) => {
  const { metric } = await pushed(t, everyKind().registry);
  const { sum } = metric('build_info');
  assert.deepEqual(sum, {
    points: [{ attributes: { version: '1.4', region: 'eu' }, time: NOW_NANOSECONDS, double: 1 }],
    temporality: 2n,
  });
  const states = metric('phase').sum;
  assert.equal(states.isMonotonic, undefined);
  assert.deepEqual(
    states.points.map((point: { attributes: object; double: number }) => [point.attributes, point.double]),
    [
      [{ phase: 'on', region: 'eu' }, 1],
      [{ phase: 'off', region: 'eu' }, 0],
    ],
  );
});

test('startOtlpPush() sends histograms with counts that are not cumulative, one more than bounds', async (t) => {
  const { metric } = await pushed(t, everyKind().registry);
  const { histogram } = metric('wait_seconds');
  assert.equal(histogram.temporality, 2n);
  const [{ start, ...point }] = histogram.points;
  assert.ok(start <= NOW_NANOSECONDS);
  assert.deepEqual(point, {
    attributes: { region: 'eu' },
    time: NOW_NANOSECONDS,
    count: 4n,
    sum: 6.5,
    bucketCounts: [1, 2, 1, 0],
    bounds: [1, 2, 4],
  });
});

test('startOtlpPush() sends summaries with their quantiles', async (t) => {
  const { metric } = await pushed(t, everyKind().registry);
  const [{ count, sum, quantiles }] = metric('size_bytes').summary.points;
  assert.deepEqual([count, sum, quantiles], [2n, 200, [{ quantile: 0.5, value: 100 }]]);
});

test('startOtlpPush() drops gauge histograms', async (t) => {
  const { metric } = await pushed(t, everyKind().registry);
  assert.equal(metric('age'), undefined);
});

test('startOtlpPush() sends units as UCUM codes', async (t) => {
  const units = { seconds: 's', bytes: 'By', ratio: '1', celsius: 'Cel', bytes_per_second: 'By/s', widgets: 'widgets' };
  const families = Object.keys(units).map((unit) =>
    family({ type: 'gauge', name: unit, unit, series: [{ labelValues: [], value: 1 }] } as never),
  );
  const { requests } = await pushed(t, families);
  assert.deepEqual(Object.fromEntries(requests[0]!.metrics.map(({ name, unit }) => [name, unit])), units);
});

test('startOtlpPush() sends the time of creation as the start, in nanoseconds', async (t) => {
  const createdSeconds = 1_764_287_000.25;
  const series = [{ labelValues: [], value: 1 }];
  const { metric } = await pushed(t, [
    family({ type: 'counter', name: 'known', createdSeconds, series } as never),
    family({ type: 'counter', name: 'nobody_knows', series } as never),
    family({ type: 'gauge', name: 'gauge', createdSeconds, series } as never),
  ]);
  assert.equal(metric('known').sum.points[0].start, 1_764_287_000_250_000_000n);
  assert.equal(metric('nobody_knows').sum.points[0].start, undefined);
  assert.equal(metric('gauge').gauge.points[0].start, undefined);
});

test('startOtlpPush() sends exemplars, their trace and span as bytes, other labels as attributes', async (t) => {
  const labels = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7', user: 'ann' };
  const exemplar = { labels, value: 0.5, timestampSeconds: 1_764_287_999.5 };
  const expected = {
    time: 1_764_287_999_500_000_000n,
    double: 0.5,
    traceId: labels.trace_id,
    spanId: labels.span_id,
    attributes: { user: 'ann' },
  };
  const { metric } = await pushed(t, [
    family({
      type: 'counter',
      name: 'c',
      hasExemplars: true,
      series: [{ labelValues: [], value: 1, exemplar }],
    } as never),
    family({
      type: 'histogram',
      name: 'h',
      hasExemplars: true,
      upperBounds: [1],
      series: [{ labelValues: [], bucketCounts: [1, 0], sum: 1, exemplars: [exemplar, undefined] }],
    } as never),
    family({
      type: 'counter',
      name: 'no_ids',
      hasExemplars: true,
      series: [{ labelValues: [], value: 1, exemplar: { labels: { trace_id: 'abc' }, value: 1 } }],
    } as never),
  ]);
  assert.deepEqual(metric('c').sum.points[0].exemplars, [expected]);
  assert.deepEqual(metric('h').histogram.points[0].exemplars, [expected]);
  assert.deepEqual(metric('no_ids').sum.points[0].exemplars, [
    { time: NOW_NANOSECONDS, double: 1, attributes: { trace_id: 'abc' } },
  ]);
});

test('startOtlpPush() makes the resource of target_info, without job and instance', async (t) => {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'up', help: 'Up.', registers: [registry] }).set(1);
  const labels = { service_name: 'shop', service_instance_id: 'a1', cloud_region: 'eu', job: 'j', instance: 'i' };
  new Info<string>({
    name: 'target_info',
    help: 'Target.',
    labelNames: Object.keys(labels),
    registers: [registry],
  }).set(labels);
  const { requests, metric } = await pushed(t, registry);
  assert.deepEqual(requests[0]!.resource, { 'service.name': 'shop', 'service.instance.id': 'a1', cloud_region: 'eu' });
  assert.equal(metric('target_info'), undefined);
  assert.equal(requests[0]!.scope, '@finpilot/metrics');
});

test('startOtlpPush() identifies the resource by option, environment, target_info, and itself, in this order', async (t) => {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'up', help: 'Up.', registers: [registry] }).set(1);
  const own = (await pushed(t, registry)).requests[0]!.resource;
  assert.equal(own['service.name'], 'unknown_service:node');
  assert.match(own['service.instance.id']!, /^[0-9a-f-]{36}$/);
  const env = { OTEL_SERVICE_NAME: 'env', OTEL_RESOURCE_ATTRIBUTES: 'service.name=lost,team=a%20b' };
  const second = (await pushed(t, registry, { env, resource: { team: 'own' } })).requests[0]!.resource;
  assert.equal(second['service.name'], 'env');
  assert.equal(second['team'], 'own');
});

test('startOtlpPush() heeds the environment variables of OpenTelemetry', async (t) => {
  const { registry } = everyKind();
  const gateway = await fakeGateway(t);
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${gateway.url}/base/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b,x=1',
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x=2',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
    OTEL_METRIC_EXPORT_INTERVAL: '1000000',
  };
  const push = startOtlpPush({ registry, env });
  await push.close();
  const [request] = gateway.seen;
  assert.equal(request!.path, '/base/v1/metrics');
  assert.deepEqual([request!.headers['api-key'], request!.headers['x']], ['a b', '2']);
  assert.equal(request!.headers['content-encoding'], undefined);
  const counter = decodeOtlp(request!.body).metrics.find(({ name }) => name === 'scans_total');
  assert.equal(counter.sum.temporality, 1n);
  await startOtlpPush({ registry, env: { ...env, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${gateway.url}/own` } }).close();
  assert.equal(gateway.seen[1]!.path, '/own');
});

test('startOtlpPush() takes an interval of the environment that is too short for the shortest', async (t) => {
  const { registry } = everyKind();
  const gateway = await fakeGateway(t);
  const push = startOtlpPush({ registry, url: gateway.url, env: { OTEL_METRIC_EXPORT_INTERVAL: '1' } });
  await until('two pushes', () => (gateway.seen.length >= 2 ? true : undefined));
  await push.close();
});

test('startOtlpPush() sends nothing while the environment variables say so', async (t) => {
  const gateway = await fakeGateway(t);
  let expected = 0;
  for (const [env, isSent] of [
    [{ OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ OTEL_SDK_DISABLED: 'false' }, true],
    [{ OTEL_SDK_DISABLED: '1' }, true],
    [{ OTEL_METRICS_EXPORTER: 'none' }, false],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, true],
  ] as const) {
    const { registry } = everyKind();
    const push = startOtlpPush({ registry, url: gateway.url, env });
    if (isSent) expected += 2;
    await push.push();
    await push.close();
    assert.equal(gateway.seen.length, expected, JSON.stringify(env));
    if (!isSent) assert.equal(registry.getSingleMetric('metrics_client_pushes_total'), undefined);
  }
});

test('startOtlpPush() warns where the environment asks for another variant of OTLP, and gives the address', async (t) => {
  const gateway = await fakeGateway(t);
  const { registry } = everyKind();
  const warnings = await collectWarnings(t);
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: gateway.url };
  for (const [env, url] of [
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, undefined],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, gateway.url],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf' },
      undefined,
    ],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' }, undefined],
    [endpoint, undefined],
  ] as const) {
    await startOtlpPush({ registry, env, ...(url !== undefined && { url }) }).close();
  }
  assert.equal(gateway.seen.length, 5);
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, /asks for "([^"]*)"/.exec(message)?.[1]]),
    [
      ['METRICS_PUSH_PROTOCOL', 'grpc'],
      ['METRICS_PUSH_PROTOCOL', 'http/json'],
    ],
  );
});

test('startOtlpPush() names the environment variable whose URL it refuses', () => {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', [name]: 'localhost:4318' };
    assert.throws(() => startOtlpPush({ env }), {
      name: 'TypeError',
      message:
        `Cannot push metrics to an OTLP receiver at the address of ${name}: expected an http or https URL such as ` +
        '"https://metrics.example.org/v1/metrics", got something else that is not shown.',
    });
  }
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost' };
  assert.throws(() => startOtlpPush({ env, url: 'localhost' }), /Cannot push metrics to an OTLP receiver: expected/);
});

test('startOtlpPush() sends changes for delta temporality, each once it has arrived, from the time of the last', async (t) => {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const wait = new Histogram({ name: 'wait', help: 'Wait.', buckets: [1], registers: [registry] });
  const gateway = await fakeGateway(t, [status(200), status(400), status(200)]);
  let now = Date.now();
  t.mock.method(Date, 'now', () => now);
  const push = startOtlpPush({
    registry,
    url: gateway.url,
    intervalSeconds: Infinity,
    env: {},
    gzip: false,
    temporality: 'delta',
  });
  const times: bigint[] = [];
  for (const [count, seconds] of [
    [3, 0.5],
    [2, 2],
    [4, 0.5],
  ] as const) {
    now += 10_000;
    times.push(BigInt(now) * 1_000_000n);
    jobs.inc(count);
    wait.observe(seconds);
    await push.push().catch(() => undefined);
  }
  const seen = gateway.seen.map(({ body }) => {
    const { metrics } = decodeOtlp(body);
    const { sum } = metrics.find(({ name }) => name === 'jobs_total');
    const { histogram } = metrics.find(({ name }) => name === 'wait');
    assert.deepEqual([sum.temporality, histogram.temporality], [1n, 1n]);
    const [point] = histogram.points;
    assert.equal(point.start, sum.points[0].start);
    return [sum.points[0].double, sum.points[0].start, point.bucketCounts, point.sum, point.count];
  });
  assert.deepEqual(
    seen.map(([first]) => first),
    [3, 2, 6],
  );
  assert.deepEqual(
    seen.map((all) => all.slice(2)),
    [
      [[1, 0], 0.5, 1n],
      [[0, 1], 2, 1n],
      [[1, 1], 2.5, 2n],
    ],
  );
  assert.deepEqual([seen[1]![1], seen[2]![1]], [times[0], times[0]]);
});

test('startOtlpPush() splits a large registry into requests of about half a megabyte', async (t) => {
  const registry = new MetricsRegistry();
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 20_000; i++) many.set({ i }, i);
  const { requests } = await pushed(t, registry, { gzip: false });
  assert.ok(requests.length > 1);
  const values = requests.flatMap(({ metrics }) =>
    metrics.filter(({ name }) => name === 'many').flatMap(({ gauge }) => gauge.points),
  );
  assert.deepEqual(
    values.map(({ double, attributes }) => `${attributes.i} ${double}`),
    Array.from({ length: 20_000 }, (_, i) => `${i} ${i}`),
  );
});

/** A response of protobuf. */
function protobuf(code: number, hex: string): Answer {
  return (response) =>
    response.writeHead(code, { 'content-type': 'application/x-protobuf' }).end(Buffer.from(hex, 'hex'));
}

test('startOtlpPush() reports what the receiver rejected, and passes on its advice once', async (t) => {
  const warnings = await collectWarnings(t);
  const reason = Buffer.from('too old').toString('hex');
  const answers = [
    protobuf(200, `0a0b08031207${reason}`),
    protobuf(200, `0a091207${reason}`),
    protobuf(200, `0a091207${reason}`),
  ];
  const gateway = await fakeGateway(t, answers);
  const { registry } = everyKind();
  const push = startOtlpPush({ registry, url: gateway.url, intervalSeconds: Infinity, env: {} });
  await assert.rejects(push.push(), {
    message: 'Cannot push metrics to an OTLP receiver: expected all data points to be taken, got 3 rejected (too old)',
  });
  await push.push();
  await push.push();
  await new Promise(setImmediate);
  assert.deepEqual(
    warnings.map(({ code, message }) => `${code}: ${message}`),
    ['METRICS_PUSH_ADVICE: The OTLP receiver took all metrics, and says: too old'],
  );
});

test('startOtlpPush() reads an answer whatever the case of its content type', async (t) => {
  const rejects: Answer = (response) =>
    response.writeHead(200, { 'content-type': 'Application/X-Protobuf' }).end(Buffer.from('0a020803', 'hex'));
  const gateway = await fakeGateway(t, [rejects]);
  const { registry } = everyKind();
  await assert.rejects(
    startOtlpPush({ registry, url: gateway.url, intervalSeconds: Infinity, env: {} }).push(),
    /got 3 rejected$/,
  );
});

test('startOtlpPush() shows the message of a Status, and asks again only as the protocol allows', async (t) => {
  const { registry } = everyKind();
  const badData = protobuf(400, `08031208${Buffer.from('bad data').toString('hex')}`);
  const cases: readonly (readonly [readonly Answer[], number, RegExp | undefined])[] = [
    [[badData], 1, /failed with status 400, bad data/],
    [[status(500, 'broken')], 1, /failed with status 500, broken/],
    [[status(503), status(429), status(502), status(504), status(200)], 5, undefined],
    [[protobuf(200, 'ffffffff')], 1, undefined],
    [[silence], 1, /expected the receiver to take them within 0.2 s/],
  ];
  for (const [answers, requests, expected] of cases) {
    const gateway = await fakeGateway(t, answers);
    const push = startOtlpPush({
      registry,
      url: gateway.url,
      intervalSeconds: Infinity,
      timeoutSeconds: answers[0] === silence ? 0.2 : 10,
      env: {},
      retryDelay: 1,
    });
    if (expected === undefined) await push.push();
    else await assert.rejects(push.push(), expected);
    assert.equal(gateway.seen.length, requests);
  }
});

test('startOtlpPush() refuses options that it could not heed', () => {
  for (const [options, expected] of [
    [{ url: 'localhost:4318' }, /expected an http or https URL/],
    [{ temporality: 'both' }, /expected temporality "cumulative" or "delta", got "both"/],
    [{ resource: { a: 1 } }, /expected resource as an object of strings/],
    [{ headers: 'a=b' }, /expected headers as an object of texts by their names, or a function/],
    [{ connection: { cert: 'x', port: 1 } }, /expected options that it knows, got "port"/],
    [{ ressource: {} }, /expected the options .*, got "ressource"/],
    [{ retryDelay: -1 }, /expected retryDelay/],
    [{ nativeHistograms: 'no' }, /expected nativeHistograms as true or false, got "no"/],
    [{ interval: 5 }, /expected the options registry, .*, got "interval"/],
    [{ intervalSeconds: 0 }, /expected intervalSeconds/],
  ] as const) {
    assert.throws(() => startOtlpPush({ env: {}, ...options } as never), expected);
  }
  assert.throws(() => startOtlpPush(null as never), /expected options as an object, got null/);
});
