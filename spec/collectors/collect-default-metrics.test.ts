import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { collectDefaultMetrics, type DefaultMetricsGroup } from '../../lib/collectors/collect-default-metrics.ts';
import { Counter } from '../../lib/metrics/counter.ts';
import { Gauge } from '../../lib/metrics/gauge.ts';
import { Histogram } from '../../lib/metrics/histogram.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { register } from '../../lib/registry/register.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';
import { runInChild } from './run-in-child.ts';

/** The names that dashboards ask for, with their types. */
const FAMILIES: Readonly<Record<DefaultMetricsGroup, Readonly<Record<string, 'counter' | 'gauge' | 'histogram'>>>> = {
  processCpuTotal: {
    process_cpu_user_seconds_total: 'counter',
    process_cpu_system_seconds_total: 'counter',
    process_cpu_seconds_total: 'counter',
  },
  processStartTime: { process_start_time_seconds: 'gauge' },
  osMemoryHeap: {
    process_resident_memory_bytes: 'gauge',
    process_virtual_memory_bytes: 'gauge',
    process_virtual_memory_max_bytes: 'gauge',
    process_heap_bytes: 'gauge',
  },
  processOpenFileDescriptors: { process_open_fds: 'gauge' },
  processMaxFileDescriptors: { process_max_fds: 'gauge' },
  processThreads: { process_threads: 'gauge' },
  eventLoopLag: {
    nodejs_eventloop_lag_seconds: 'gauge',
    nodejs_eventloop_lag_min_seconds: 'gauge',
    nodejs_eventloop_lag_max_seconds: 'gauge',
    nodejs_eventloop_lag_mean_seconds: 'gauge',
    nodejs_eventloop_lag_stddev_seconds: 'gauge',
    nodejs_eventloop_lag_p50_seconds: 'gauge',
    nodejs_eventloop_lag_p90_seconds: 'gauge',
    nodejs_eventloop_lag_p99_seconds: 'gauge',
  },
  eventLoopUtilization: {
    nodejs_eventloop_utilization: 'gauge',
    nodejs_eventloop_time_seconds_total: 'counter',
  },
  processResources: { nodejs_active_resources: 'gauge', nodejs_active_resources_total: 'gauge' },
  processHandles: { nodejs_active_handles: 'gauge', nodejs_active_handles_total: 'gauge' },
  processRequests: { nodejs_active_requests: 'gauge', nodejs_active_requests_total: 'gauge' },
  heapSizeAndUsed: {
    nodejs_heap_size_total_bytes: 'gauge',
    nodejs_heap_size_used_bytes: 'gauge',
    nodejs_heap_size_limit_bytes: 'gauge',
    nodejs_external_memory_bytes: 'gauge',
  },
  heapSpacesSizeAndUsed: {
    nodejs_heap_space_size_total_bytes: 'gauge',
    nodejs_heap_space_size_used_bytes: 'gauge',
    nodejs_heap_space_size_available_bytes: 'gauge',
  },
  version: { nodejs_version_info: 'gauge' },
  gc: { nodejs_gc_duration_seconds: 'histogram' },
};
const GROUPS = Object.keys(FAMILIES) as DefaultMetricsGroup[];
const onLinux = { skip: process.platform !== 'linux' };

test(
  'collectDefaultMetrics() exposes every name with its type, in the order of the groups, at the first scrape',
  onLinux,
  async () => {
    const registry = new MetricsRegistry();
    const { stop } = collectDefaultMetrics(registry);
    // A handle and a request: a family without series is not exposed.
    const server = createServer().listen(0, '127.0.0.1');
    const lookingUp = lookup('localhost');
    const families = parseExposition(await registry.metrics());
    stop();
    server.close();
    await lookingUp;
    const types = Object.fromEntries(families.map(({ name, type }) => [name, type]));
    assert.deepEqual(types, Object.assign({}, ...Object.values(FAMILIES)));
    assert.deepEqual(
      Object.keys(types),
      Object.values(FAMILIES).flatMap((names) => Object.keys(names)),
    );
  },
);

test('collectDefaultMetrics() and a metric with one of its names refuse whichever comes second', (context) => {
  for (const [group, families] of Object.entries(FAMILIES)) {
    for (const name of [...Object.keys(families), ...(group === 'gc' ? ['nodejs_gc_duration_seconds_count'] : [])]) {
      const first = new MetricsRegistry({ prefix: 'app_' });
      const disconnect = context.mock.method(PerformanceObserver.prototype, 'disconnect');
      const own = new Gauge({ name, help: 'Own.', registers: [first] });
      const message = new RegExp(
        name.endsWith('_count')
          ? `"app_${name}", which is a series of metric "app_${name}"`
          : `A metric with the name app_${name} has already been registered.`,
      );
      assert.throws(() => collectDefaultMetrics(first), { name: 'RangeError', message });
      assert.equal(disconnect.mock.callCount(), 1, 'the observer of the groups that had been started');
      disconnect.mock.restore();
      for (const other of Object.values(FAMILIES).flatMap((names) => Object.keys(names))) {
        assert.equal(first.getSingleMetric(other), other === name ? own : undefined);
      }
      collectDefaultMetrics(first, { without: [group as DefaultMetricsGroup] }).stop();
      collectDefaultMetrics(first, { prefix: 'other_' }).stop();
      first.unregister(own);
      const { stop } = collectDefaultMetrics(first);
      assert.throws(() => new Gauge({ name, help: 'Own.', registers: [first] }), {
        name: 'RangeError',
        message: name.endsWith('_count') ? /which is a series of metric/ : message,
      });
      stop();
      new Gauge({ name, help: 'Own.', registers: [first] });
    }
  }
});

test('collectDefaultMetrics() registers metrics that are found, listed and removed one by one', onLinux, async () => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry);
  const names = Object.values(FAMILIES).flatMap((families) => Object.keys(families));
  for (const name of names) assert.equal(registry.getSingleMetric(name)?.name, name);
  assert.ok(registry.getSingleMetric('process_open_fds') instanceof Gauge);
  assert.ok(registry.getSingleMetric('nodejs_gc_duration_seconds') instanceof Histogram);
  const seconds = registry.getSingleMetric('process_cpu_user_seconds_total');
  assert.ok(seconds instanceof Counter);
  const { values } = await seconds.get();
  assert.ok(values[0]!.value > 0);
  // The first of its group: the others are brought up to date without it.
  assert.equal(registry.removeSingleMetric('process_cpu_user_seconds_total'), true);
  assert.equal(registry.removeSingleMetric('nodejs_version_info'), true);
  const families = parseExposition(await registry.metrics());
  stop();
  const gone = [
    'process_cpu_user_seconds_total',
    'nodejs_version_info',
    'nodejs_active_handles',
    'nodejs_active_requests',
  ];
  const shown = families.map(({ name }) => name);
  for (const name of names) if (!gone.includes(name)) assert.ok(shown.includes(name), name);
  assert.ok(!shown.includes('process_cpu_user_seconds_total') && !shown.includes('nodejs_version_info'));
  assert.ok(sampleOf(families, 'process_cpu_system_seconds_total') > 0);
});

test('collectDefaultMetrics() exposes what a scrape reads after a reset of each metric', onLinux, async () => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry);
  const before = parseExposition(await registry.metrics());
  for (const { name } of before) (registry.getSingleMetric(name) as Gauge).reset();
  const after = parseExposition(await registry.metrics());
  stop();
  assert.deepEqual(
    after.map(({ name }) => name),
    before.map(({ name }) => name),
  );
  assert.equal(sampleOf(after, 'nodejs_version_info', versionLabels()), 1);
  assert.ok(sampleOf(after, 'process_cpu_seconds_total') < sampleOf(before, 'process_cpu_seconds_total'));
});

test('collectDefaultMetrics() exposes a default metric that cannot be read no more, and counts it', async (context) => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry);
  context.mock.method(process, 'cpuUsage', () => {
    throw new Error('broken');
  });
  const warning = once(process, 'warning');
  const families = parseExposition(await registry.metrics());
  stop();
  assert.match(((await warning) as [Error])[0].message, /"process_cpu_user_seconds_total" failed.*broken/);
  assert.ok(!families.some(({ name }) => name.startsWith('process_cpu')));
  const failures = 'metrics_client_collector_failures_total';
  assert.equal(sampleOf(families, failures, { collector: 'process_cpu_seconds_total' }), 1);
  assert.ok(families.some(({ name }) => name === 'process_start_time_seconds'));
});

test('collectDefaultMetrics() takes labels without a value, and warns of each once', async () => {
  const registry = new MetricsRegistry();
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  const { stop } = collectDefaultMetrics(registry, { labels: { unset: undefined, none: null as never, shard: 7 } });
  const families = parseExposition(await registry.metrics());
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  stop();
  assert.ok(sampleOf(families, 'process_cpu_seconds_total', { unset: '', none: '', shard: '7' }) > 0);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['unset', 'none'].map(
      (name) =>
        `Metric "default metrics" was updated without label "${name}"; it is exposed with an empty value. Pass every label.`,
    ),
  );
});

test('collectDefaultMetrics() takes null for any option', async () => {
  const registry = new MetricsRegistry();
  const nothing = {
    register: registry,
    prefix: null,
    labels: null,
    gcDurationBuckets: null,
    eventLoopMonitoringPrecision: null,
    without: null,
  };
  const { stop } = collectDefaultMetrics(nothing as never);
  const text = await registry.metrics();
  stop();
  assert.match(text, /^nodejs_gc_duration_seconds_bucket\{kind="minor",le="0.001"\}/m);
});

test('collectDefaultMetrics() exposes no NaN, and a help text for each family', async () => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry);
  const families = parseExposition(await registry.metrics());
  stop();
  for (const { name, help, samples } of families) {
    assert.notEqual(help, '', name);
    for (const { value } of samples) assert.ok(!Number.isNaN(value) && value >= 0, `${name} ${value}`);
  }
});

for (const group of GROUPS) {
  test(`collectDefaultMetrics() leaves out ${group}, and only that`, onLinux, async () => {
    const others = GROUPS.filter((other) => other !== group);
    assert.deepEqual(await groupsExposed({ without: [group] }), others);
  });

  test(`collectDefaultMetrics() collects ${group} alone`, onLinux, async () => {
    assert.deepEqual(await groupsExposed({ without: GROUPS.filter((other) => other !== group) }), [group]);
  });
}

test('collectDefaultMetrics() starts no observer for groups that are left out', (context) => {
  const observe = context.mock.method(PerformanceObserver.prototype, 'observe', () => {});
  collectDefaultMetrics(new MetricsRegistry(), { without: ['gc'] }).stop();
  assert.equal(observe.mock.callCount(), 0);
  collectDefaultMetrics(new MetricsRegistry()).stop();
  assert.equal(observe.mock.callCount(), 1);
});

test('collectDefaultMetrics() joins the default registry unless told otherwise', async () => {
  const { stop } = collectDefaultMetrics();
  assert.match(await register.metrics(), /^process_cpu_seconds_total /m);
  stop();
  assert.equal(await register.metrics(), await new MetricsRegistry().metrics());
});

test('collectDefaultMetrics() can be called as in prom-client, with options alone', async () => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics({
    register: registry,
    prefix: 'shop_',
    labels: { shard: 7 },
    gcDurationBuckets: [0.5, 5],
    eventLoopMonitoringPrecision: 50,
  });
  const families = parseExposition(await registry.metrics());
  stop();
  assert.ok(families.every(({ name }) => /^shop_(process|nodejs)_/.test(name)));
  assert.ok(families.every(({ samples }) => samples.every(({ labels }) => labels.get('shard') === '7')));
  assert.equal(sampleOf(families, 'shop_nodejs_version_info', { ...versionLabels(), shard: '7' }), 1);
  const buckets = families.find(({ name }) => name === 'shop_nodejs_gc_duration_seconds')!.samples;
  assert.deepEqual([...new Set(buckets.map(({ labels }) => labels.get('le')))], ['0.5', '5.0', '+Inf', undefined]);
});

test("collectDefaultMetrics() lets a metric's own label win over one of the same name in labels", async () => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry, { labels: { version: 'mine' } });
  const families = parseExposition(await registry.metrics());
  stop();
  assert.equal(sampleOf(families, 'nodejs_version_info', versionLabels()), 1);
  assert.ok(sampleOf(families, 'process_cpu_seconds_total', { version: 'mine' }) > 0);
});

test('collectDefaultMetrics() throws when the registry has the default metrics already', async () => {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry);
  assert.throws(() => collectDefaultMetrics(registry), {
    name: 'RangeError',
    message: /A metric with the name process_cpu_user_seconds_total has already been registered\./,
  });
  assert.match(await registry.metrics(), /^nodejs_version_info/m);
  stop();
});

test('collectDefaultMetrics() collects twice into one registry under two prefixes', async () => {
  const registry = new MetricsRegistry();
  const sets = [collectDefaultMetrics(registry), collectDefaultMetrics(registry, { prefix: 'b_' })];
  const text = await registry.metrics();
  sets.forEach(({ stop }) => stop());
  assert.match(text, /^nodejs_version_info/m);
  assert.match(text, /^b_nodejs_version_info/m);
});

test('collectDefaultMetrics() can be called again after registry.clear(), and an earlier stop() leaves that alone', async () => {
  const registry = new MetricsRegistry();
  const forgotten = collectDefaultMetrics(registry);
  registry.clear();
  const { stop } = collectDefaultMetrics(registry);
  forgotten.stop();
  assert.match(await registry.metrics(), /^nodejs_version_info/m);
  stop();
});

test('stop() takes the metrics out, releases the observer, and lets them be collected anew', async (context) => {
  const disconnect = context.mock.method(PerformanceObserver.prototype, 'disconnect');
  const registry = new MetricsRegistry();
  const before = process.getActiveResourcesInfo();
  const { stop } = collectDefaultMetrics(registry);
  assert.deepEqual(process.getActiveResourcesInfo(), before);
  stop();
  stop();
  assert.equal(disconnect.mock.callCount(), 1);
  assert.deepEqual(process.getActiveResourcesInfo(), before);
  assert.equal(await registry.metrics(), await new MetricsRegistry().metrics());
  const again = collectDefaultMetrics(registry);
  assert.match(await registry.metrics(), /^nodejs_version_info/m);
  again.stop();
});

test('collectDefaultMetrics() refuses options that cannot be, and leaves nothing running', async (context) => {
  const observe = context.mock.method(PerformanceObserver.prototype, 'observe');
  const disconnect = context.mock.method(PerformanceObserver.prototype, 'disconnect');
  const registry = new MetricsRegistry();
  const refused = (options: object, error: object) =>
    assert.throws(() => collectDefaultMetrics(registry, options), error, JSON.stringify(options));
  refused({ prefix: '1_' }, RangeError);
  refused({ labels: { 'not-a-name': 'x' } }, RangeError);
  refused({ labels: { shard: Symbol('7') } }, TypeError);
  refused({ gcDurationBuckets: [2, 1] }, RangeError);
  refused({ eventLoopMonitoringPrecision: 0 }, RangeError);
  refused(
    { without: ['gcs'] },
    {
      name: 'RangeError',
      message: `Cannot leave out a group of the default metrics: expected one of ${GROUPS.join(', ')}, got "gcs".`,
    },
  );
  assert.equal(observe.mock.callCount(), disconnect.mock.callCount());
  assert.equal(await registry.metrics(), await new MetricsRegistry().metrics());
});

test('collectDefaultMetrics() refuses what is no registry', () => {
  assert.throws(() => collectDefaultMetrics({ register: {} as MetricsRegistry }), {
    name: 'TypeError',
    message: 'Cannot collect default metrics: expected a registry, got a value of type object.',
  });
});

test('the event loop lag does not contain the scrape that reads it', async () => {
  const registry = new MetricsRegistry();
  let blockedMilliseconds = 0;
  registry.registerCollector({
    name: 'slow',
    collect() {
      for (const end = performance.now() + blockedMilliseconds; performance.now() < end; );
      return [];
    },
  });
  const { stop } = collectDefaultMetrics(registry);
  await registry.metrics();
  blockedMilliseconds = 1_500;
  const families = parseExposition(await registry.metrics());
  stop();
  assert.ok(sampleOf(families, 'nodejs_eventloop_lag_seconds') < 1);
  assert.ok(sampleOf(families, 'nodejs_eventloop_lag_max_seconds') < 1);
});

test('a process with default metrics that were never stopped ends by itself', async () => {
  const text = await runInChild('collectDefaultMetrics(); print(await register.metrics());');
  assert.match(String(text), /^nodejs_version_info/m);
});

test('importing the collectors starts nothing', async () => {
  // Node closes the files that it has read the modules from some turns later.
  const started = await runInChild(`
    for (let i = 0; i < 100 && process.getActiveResourcesInfo().includes('CloseReq'); i++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    print([process.getActiveResourcesInfo(), await register.metrics()]);`);
  assert.deepEqual(started, [[], await new MetricsRegistry().metrics()]);
});

async function groupsExposed(options: { readonly without: readonly DefaultMetricsGroup[] }) {
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry, options);
  // So that there is a handle and a request.
  const server = createServer().listen(0, '127.0.0.1');
  const lookingUp = lookup('localhost');
  const families = parseExposition(await registry.metrics());
  server.close();
  await lookingUp;
  stop();
  return GROUPS.filter((group) => families.some(({ name }) => Object.hasOwn(FAMILIES[group], name)));
}

function versionLabels(): Record<string, string> {
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  return { version: process.version, major, minor, patch };
}
