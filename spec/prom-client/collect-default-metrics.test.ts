import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectDefaultMetrics, Registry, register, validateMetricName } from '../../lib/index.ts';

test('collectDefaultMetrics() takes no config, null, or an object, and refuses anything else', async () => {
  for (const config of [undefined, null, {}]) {
    const { stop } = collectDefaultMetrics(config);
    assert.match(await register.metrics(), /^process_cpu_seconds_total /m);
    stop();
  }
  for (const config of ['prefix_', 5, true]) {
    assert.throws(() => collectDefaultMetrics(config as never), {
      name: 'TypeError',
      message: /config must be null, undefined, or an object, got /,
    });
  }
  assert.equal(await register.metrics(), '\n');
});

test('collectDefaultMetrics.metricsList has the names of prom-client 15.1.3, which can be left out', async () => {
  const { metricsList } = collectDefaultMetrics;
  assert.deepEqual(metricsList, [
    'processCpuTotal',
    'processStartTime',
    'osMemoryHeap',
    'processOpenFileDescriptors',
    'processMaxFileDescriptors',
    'eventLoopLag',
    'processResources',
    'processHandles',
    'processRequests',
    'heapSizeAndUsed',
    'heapSpacesSizeAndUsed',
    'version',
    'gc',
  ]);
  const registry = new Registry();
  const without = [...metricsList, 'processThreads', 'eventLoopUtilization'] as never;
  const { stop } = collectDefaultMetrics(registry, { without });
  assert.equal(await registry.metrics(), '\n');
  stop();
});

test('collectDefaultMetrics() behind the usual guard runs once', () => {
  const registry = new Registry();
  let calls = 0;
  for (let i = 0; i < 3; i++) {
    if (registry.getSingleMetric('process_cpu_user_seconds_total')) continue;
    collectDefaultMetrics({ register: registry });
    calls++;
  }
  assert.equal(calls, 1);
  assert.throws(() => collectDefaultMetrics({ register: registry }), /has already been registered/);
  assert.equal(registry.getMetricsAsArray()[0]?.name, 'process_cpu_user_seconds_total');
  registry.clear();
  collectDefaultMetrics({ register: registry });
});

test('getMetricsAsJSON() has the aggregator of each default metric', async () => {
  const registry = new Registry();
  const { stop } = collectDefaultMetrics(registry);
  const json = await registry.getMetricsAsJSON();
  stop();
  const others = json
    .filter(({ aggregator }) => aggregator !== 'sum')
    .map(({ name, aggregator }) => [name, aggregator]);
  assert.deepEqual(Object.fromEntries(others), {
    process_start_time_seconds: 'omit',
    nodejs_eventloop_lag_seconds: 'average',
    nodejs_eventloop_lag_min_seconds: 'min',
    nodejs_eventloop_lag_max_seconds: 'max',
    nodejs_eventloop_lag_mean_seconds: 'average',
    nodejs_eventloop_lag_stddev_seconds: 'average',
    nodejs_eventloop_lag_p50_seconds: 'average',
    nodejs_eventloop_lag_p90_seconds: 'average',
    nodejs_eventloop_lag_p99_seconds: 'average',
    nodejs_eventloop_utilization: 'average',
    nodejs_version_info: 'first',
  });
  const aggregated = await Registry.aggregate([json, json]).metrics();
  assert.match(aggregated, /^nodejs_version_info\{.*\} 1$/m);
  assert.doesNotMatch(aggregated, /process_start_time_seconds/);
});

test('validateMetricName() says whether every version of Prometheus takes a name', () => {
  assert.deepEqual(['a:b_1', '1a', 'a.b', ''].map(validateMetricName), [true, false, false, false]);
});
