import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as aggregate from '../lib/aggregate/index.ts';
import * as cloudwatch from '../lib/bridges/cloudwatch.ts';
import * as graphite from '../lib/bridges/graphite.ts';
import * as otlp from '../lib/bridges/otlp/index.ts';
import * as remoteWrite from '../lib/bridges/remote-write/index.ts';
import * as statsd from '../lib/bridges/statsd/index.ts';
import * as textfile from '../lib/bridges/textfile.ts';
import * as core from '../lib/core.ts';
import * as http from '../lib/http/index.ts';
import * as index from '../lib/index.ts';
import * as native from '../lib/native/index.ts';
import * as push from '../lib/push/index.ts';
import * as service from '../lib/service/index.ts';
import * as testing from '../lib/testing/index.ts';
import * as thread from '../lib/thread/index.ts';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';

// The names that users import. A name may be added here on purpose, and leaves only with a major version.

const CORE_NAMES: readonly string[] = [
  'Counter',
  'Gauge',
  'Histogram',
  'Info',
  'MetricsRegistry',
  'PrometheusExporter',
  'StateSet',
  'exponentialBuckets',
  'exponentialBucketsRange',
  'linearBuckets',
  'register',
];

const INDEX_NAMES: readonly string[] = [
  ...CORE_NAMES,
  'AggregatorRegistry',
  'ClusterRegistry',
  'MetricsServer',
  'Pushgateway',
  'Registry',
  'Summary',
  'WorkerRegistry',
  'aggregators',
  'collectDefaultMetrics',
  'contentType',
  'gracefulShutdown',
  'metricsHandler',
  'openMetricsContentType',
  'prometheusContentType',
  'startMetricsServer',
  'validateMetricName',
];

/** What each class lets its users call, its own methods and accessors and those that it inherits from lib. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  Counter: ['clear', 'countErrors', 'inc', 'labels', 'remove', 'reset'],
  Gauge: [
    'clear',
    'dec',
    'inc',
    'labels',
    'remove',
    'reset',
    'set',
    'setToCurrentTime',
    'startTimer',
    'trackInProgress',
  ],
  Histogram: ['clear', 'labels', 'observe', 'quantile', 'remove', 'reset', 'startTimer', 'time'],
  Info: ['add', 'clear', 'remove', 'set'],
  StateSet: ['clear', 'remove', 'select', 'set'],
  Summary: ['clear', 'labels', 'observe', 'remove', 'reset', 'startTimer', 'time'],
  MetricsRegistry: [
    'clear',
    'gather',
    'getSingleMetric',
    'metrics',
    'register',
    'registerCollector',
    'removeSingleMetric',
    'setDefaultLabels',
    'unregister',
    'unregisterCollector',
  ],
  PrometheusExporter: ['chunks', 'contentType', 'render'],
};

/** What the classes have besides, for users of prom-client. */
const PROM_CLIENT_METHODS: Readonly<Record<string, readonly string[]>> = {
  AggregatorRegistry: ['clusterMetrics', 'shutdown'],
  ClusterRegistry: ['clusterMetrics', 'shutdown'],
  WorkerRegistry: ['shutdown', 'workerMetrics'],
  Counter: ['get'],
  Gauge: ['get'],
  Histogram: ['get', 'zero'],
  Summary: ['get'],
  Pushgateway: ['delete', 'push', 'pushAdd'],
  Registry: [
    'getMetricsAsArray',
    'getMetricsAsJSON',
    'getSingleMetricAsString',
    'registerMetric',
    'resetMetrics',
    'setContentType',
  ],
};

test('core exports the names of the contract, and its default export holds the same', () => {
  assert.deepEqual(namesOf(core), [...CORE_NAMES].sort());
  assert.deepEqual(Object.keys(core.default).sort(), [...CORE_NAMES].sort());
  for (const name of CORE_NAMES) assert.equal((core.default as Names)[name], (core as Names)[name], name);
});

test('index exports the names of the contract, and its default export holds the same', () => {
  assert.deepEqual(namesOf(index), [...INDEX_NAMES].sort());
  assert.deepEqual(Object.keys(index.default).sort(), [...INDEX_NAMES].sort());
  for (const name of INDEX_NAMES) assert.equal((index.default as Names)[name], (index as Names)[name], name);
  for (const name of CORE_NAMES) assert.equal((index as Names)[name], (core as Names)[name], name);
  assert.ok(index.Registry.prototype instanceof core.MetricsRegistry);
});

test('push and testing export the names of the contract', () => {
  assert.deepEqual(namesOf(push), ['Pushgateway']);
  assert.deepEqual(namesOf(testing), ['lint', 'sampleValue']);
  for (const method of ['push', 'pushAdd', 'delete'] as const)
    assert.equal(typeof push.Pushgateway.prototype[method], 'function');
});

test('aggregate exports the names of the contract', () => {
  assert.deepEqual(namesOf(aggregate), [
    'ClusterAggregator',
    'ThreadAggregator',
    'reportToParentThread',
    'reportToPrimary',
  ]);
  for (const method of ['gather', 'close'] as const) {
    for (const name of ['ClusterAggregator', 'ThreadAggregator'] as const)
      assert.equal(typeof aggregate[name].prototype[method], 'function');
  }
});

test('the bridges export the names of the contract', () => {
  assert.deepEqual(namesOf(textfile), ['writeTextfile']);
  assert.deepEqual(namesOf(statsd), ['startStatsdPush', 'startStatsdServer']);
  assert.deepEqual(namesOf(otlp), ['awsSignature', 'startOtlpPush']);
  assert.deepEqual(namesOf(remoteWrite), ['startRemoteWrite']);
  assert.deepEqual(namesOf(graphite), ['startGraphitePush']);
  assert.deepEqual(namesOf(cloudwatch), ['startCloudwatchPush']);
});

test('native exports the names of the contract', () => {
  assert.deepEqual(namesOf(native), ['NativeSnapshot', 'nativeBuckets']);
});

test('http and service export the names of the contract', () => {
  assert.deepEqual(namesOf(http), ['instrumentHttp', 'setRoute']);
  assert.deepEqual(namesOf(service), ['describeService', 'exemplarsFrom', 'openTelemetryExemplars', 'sentryExemplars']);
});

test('thread exports the names of the contract', () => {
  assert.deepEqual(namesOf(thread), ['sharedMemory', 'startMetricsThread']);
});

test('the classes have the methods of the contract', () => {
  for (const [name, methods] of [...Object.entries(METHODS), ...Object.entries(PROM_CLIENT_METHODS)]) {
    const { prototype } = (index as Names)[name] as { prototype: Names };
    for (const method of methods) assert.equal(typeof prototype[method], 'function', `${name}.${method}`);
  }
  assert.equal(typeof core.MetricsRegistry.merge, 'function');
  assert.equal(typeof core.register.contentType, 'string');
});

test('classes and functions have the names that they are exported under', () => {
  for (const name of CORE_NAMES) {
    const value = (core as Names)[name];
    if (typeof value === 'function') assert.equal(value.name, name);
  }
  for (const name of ['Registry', 'Summary']) assert.equal((index as unknown as Classes)[name]!.name, name);
});

test('importing core or index does no work: the process has nothing to wait for, and no listener', () => {
  const root = packageRoot();
  for (const entry of ['core', 'index']) {
    // As this spec runs: from the sources, or compiled.
    const path = [join(root, `lib/${entry}.ts`), join(root, `dist/lib/${entry}.js`)][
      import.meta.url.endsWith('.ts') ? 0 : 1
    ]!;
    assert.ok(existsSync(path), path);
    const program = `
      const before = new Set(Object.getOwnPropertyNames(globalThis));
      const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
      const listening = JSON.stringify(listeners());
      await import(${JSON.stringify(pathToFileURL(path).href)});
      process.stdout.write(JSON.stringify({
        // Standard streams, and files that the loader has just read, are not of our making.
        resources: process.getActiveResourcesInfo().filter((kind) => !/^(Pipe|TTY|FS|CloseReq)/.test(kind)),
        globals: Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name)),
        isListeningMore: JSON.stringify(listeners()) !== listening,
      }));`;
    const { stdout, stderr, status } = runProgram(process.execPath, ['--input-type=module', '--eval', program], root);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), { resources: [], globals: [], isListeningMore: false });
  }
});

type Names = Readonly<Record<string, unknown>>;
type Classes = Readonly<Record<string, new () => object>>;

function namesOf(module: object): string[] {
  return Object.keys(module)
    .filter((name) => name !== 'default' && name !== 'module.exports')
    .sort();
}
