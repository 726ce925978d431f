import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEVIATIONS, OPEN } from '../prom-client/differential/deviations.ts';
import { KNOWN_DIFFERENCES } from '../prom-client/known-differences.ts';
import { packageRoot } from '../support/package-root.ts';

const root = packageRoot();
const page = readFileSync(join(root, 'docs', 'migrating-from-prom-client.md'), 'utf8');

/**
 * The tests of the differences that neither spec/downstream/programs/differences.cjs nor a generated program tries on
 * prom-client itself: what they claim of this library is the difference.
 */
const TESTS: Readonly<Record<string, readonly [file: string, name: string]>> = {
  'too many series': [
    'spec/metrics/max-series.test.ts',
    'Counter leads updates past maxSeries to one overflow series, so that the total stays right',
  ],
  'one collect hangs': [
    'spec/registry/collector-run.test.ts',
    'a collector that hangs is given up after collectTimeoutSeconds, and not started again until it has ended',
  ],
  'a large scrape': [
    'spec/exposition/prometheus-exporter.test.ts',
    'PrometheusExporter gives the event loop back while it renders 200,000 series',
  ],
  'stop them': [
    'spec/collectors/collect-default-metrics.test.ts',
    'stop() takes the metrics out, releases the observer, and lets them be collected anew',
  ],
  'leave some out': [
    'spec/collectors/collect-default-metrics.test.ts',
    'collectDefaultMetrics() starts no observer for groups that are left out',
  ],
  'garbage collections': [
    'spec/collectors/gc.test.ts',
    'gc() counts every collection that an independent observer sees, 30 forced ones among them',
  ],
  'event loop lag': [
    'spec/collectors/event-loop.test.ts',
    'eventLoopLag() shows the same to a second scraper, and a stall for at least a minute',
  ],
  'event loop lag before the first measurement': [
    'spec/collectors/event-loop.test.ts',
    'eventLoopLag() shows 0 before the first measurement',
  ],
  'how lag is measured': [
    'spec/collectors/loop-watch.test.ts',
    'LoopWatch measures the stall that ends the sleep of an idle loop, whole',
  ],
  'kinds of garbage collections that have not happened': [
    'spec/collectors/gc.test.ts',
    'gc() has all kinds and the buckets of prom-client from the start',
  ],
  'CPU time before the call of collectDefaultMetrics()': [
    'spec/collectors/process.test.ts',
    'processCpuTotal() counts since the process started, and from 0 after a reset',
  ],
  'a value cannot be read any more, such as process_open_fds without a free descriptor': [
    'spec/collectors/process.test.ts',
    'processOpenFileDescriptors() fails when the value is not available any more, and shows no old one',
  ],
  process_start_time_seconds: [
    'spec/collectors/process.test.ts',
    'processStartTime() shows when the process started, to the millisecond',
  ],
  process_max_fds: [
    'spec/collectors/process.test.ts',
    'processMaxFileDescriptors() shows the limit of the moment, and no limit as infinite',
  ],
  'nodejs_eventloop_utilization_summary and …_histogram (0.16)': [
    'spec/collectors/event-loop.test.ts',
    'eventLoopUtilization() counts active and idle time in seconds',
  ],
  'the format': [
    'spec/prom-client/registry.test.ts',
    'Registry.setContentType() says what metrics() writes, and refuses other types',
  ],
  'a push that is redirected': [
    'spec/push/push-failures.test.ts',
    'Pushgateway says what the gateway says, and what to do',
  ],
  'a refused connection, a busy gateway': [
    'spec/push/push-failures.test.ts',
    'Pushgateway tries again where nobody listens, and says so in the end',
  ],
  timeout: [
    'spec/push/push-failures.test.ts',
    'Pushgateway waits for an answer no longer than its timeout, to its last byte',
  ],
  'a grouping with a slash, an empty one, ..': [
    'spec/push/push-settings.test.ts',
    'groupPath() keeps every value through a URL, as a gateway decodes it',
  ],
  'the header Content-Encoding: gzip and delete()': [
    'spec/push/pushgateway.test.ts',
    'Pushgateway compresses when told to, by its option or by the header',
  ],
  'a worker does not answer': [
    'spec/prom-client/cluster-registry.test.ts',
    'AggregatorRegistry serves the last values of a worker that hangs, and those of the others as they are',
  ],
  'a worker has no registry that gathers': [
    'spec/prom-client/cluster-registry.test.ts',
    'AggregatorRegistry waits for a worker that has none for 2 seconds after its start, and warns of what it leaves out',
  ],
  'a worker is killed': [
    'spec/prom-client/cluster-program.test.ts',
    'AggregatorRegistry exposes of a program for prom-client what prom-client exposes, and keeps the counts of a killed worker',
  ],
  'aggregator of a counter or histogram': [
    'spec/aggregate/merging.test.ts',
    'Aggregation adds up what counts up whatever aggregator it was given, and leaves it out only if told to',
  ],
  'quantiles of a summary in several workers': [
    'spec/aggregate/merging.test.ts',
    'Aggregation merges infos, states and summaries, and takes first and omit at their word',
  ],
  'metrics of the primary itself': [
    'spec/prom-client/cluster-registry.test.ts',
    'ClusterRegistry has the metrics of the primary too, those of the registries that are set; AggregatorRegistry has not',
  ],
  'a worker only calls setRegistries()': [
    'spec/prom-client/cluster-registry.test.ts',
    'AggregatorRegistry.setRegistries() in a worker is enough to be gathered from',
  ],
  'metrics about the workers': [
    'spec/prom-client/cluster-registry.test.ts',
    'A program with an AggregatorRegistry, and nobody to gather from, ends by itself; so does a worker',
  ],
  'the format of clusterMetrics()': [
    'spec/prom-client/cluster-registry.test.ts',
    'ClusterRegistry.clusterMetrics() writes in the format of its content type',
  ],
  'messages between workers and primary': [
    'spec/aggregate/report-writer.test.ts',
    'ReportWriter tells names and labels once, and after that the numbers that changed',
  ],
  'setRegistries() when reports have begun': [
    'spec/prom-client/cluster-registry.test.ts',
    'AggregatorRegistry.setRegistries() says in a worker what is gathered; two registries may have one name',
  ],
  'shutdown() (0.16)': [
    'spec/prom-client/cluster-registry.test.ts',
    'AggregatorRegistry.shutdown() does not wait longer than it is told to, and never rejects',
  ],
  OpenMetrics: [
    'spec/exposition/openmetrics/openmetrics.test.ts',
    'OpenMetrics has every type, units, escaped quotes in help, canonical bounds, no blank line and an end',
  ],
  new: [
    'spec/collectors/collect-default-metrics.test.ts',
    'collectDefaultMetrics() exposes every name with its type, in the order of the groups, at the first scrape',
  ],
  'a missing label': [
    'spec/types/types.test.ts',
    'TypeScript refuses wrong labels and arguments, and takes what is right',
  ],
  'Counter without a type argument': [
    'spec/prom-client/surface.test.ts',
    'A TypeScript program compiles against the types of prom-client and of the main entry',
  ],
  'label values': [
    'spec/types/types.test.ts',
    'TypeScript refuses wrong labels and arguments, and takes what is right',
  ],
  'a counter with enableExemplars': [
    'spec/types/types.test.ts',
    'TypeScript refuses wrong labels and arguments, and takes what is right',
  ],
  'module format': ['spec/package.test.ts', 'require() of the main entry gives an object like that of prom-client'],
};

/** The first cells of the tables of differences. */
const differences = [...page.slice(page.indexOf('\n## What differs')).matchAll(/^\| (.+?) \| /gm)]
  .map(([, name = '']) => name.replaceAll('`', ''))
  .filter((name) => name !== 'what' && name !== '---');

test('docs/migrating-from-prom-client.md tells each difference once, and each has a test', () => {
  const tried = [...Object.keys(KNOWN_DIFFERENCES), ...Object.keys(TESTS)];
  const tested = new Set([...tried, ...DEVIATIONS.map(({ name }) => name)]);
  assert.deepEqual(differences.toSorted(), [...tested].toSorted());
  assert.deepEqual(
    OPEN.map(({ name }) => name).filter((name) => differences.includes(name)),
    [],
  );
});

test('docs/migrating-from-prom-client.md replaces imports of single files by names of the main entry', async () => {
  const main = (await import('../../lib/index.ts')) as Record<string, unknown>;
  const rows = [...page.matchAll(/^\| `prom-client\/lib\/.+? \| (.+) \|$/gm)].map(
    ([, replacement = '']) => replacement,
  );
  assert.ok(rows.length >= 10);
  for (const row of rows) {
    const [first, ...others] = [...row.split(';')[0]!.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    if (first === undefined) assert.match(row, /^nothing/);
    else for (const name of [first, ...others]) assert.ok(Object.hasOwn(main, name), name);
  }
});

/** The reasons for which a difference may stay, as the page explains them. */
const REASONS = [
  ...['wrong data', 'invalid exposition', 'lost data', 'hidden error'],
  ...['addition', 'not documented'],
];

test('docs/migrating-from-prom-client.md says why each difference stays', () => {
  const rows = [...page.slice(page.indexOf('\n## What differs')).matchAll(/^\| (?!what |---).* \| ([^|]+) \|$/gm)];
  assert.equal(rows.length, differences.length);
  for (const [row, reason = ''] of rows) assert.ok(REASONS.includes(reason), row);
  const text = page.replaceAll('\n', ' ');
  for (const reason of REASONS) assert.ok(text.toLowerCase().includes(`*${reason}*`), reason);
});

test('The tests of the differences that are tried on this library alone are there', () => {
  for (const [file, name] of Object.values(TESTS)) {
    assert.ok(existsSync(join(root, file)), file);
    assert.ok(readFileSync(join(root, file), 'utf8').includes(name), `${file}: ${name}`);
  }
});

test('docs/migrating-from-prom-client.md names the versions of the packages that the specs drive', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'spec', 'downstream', 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const rows = [...page.matchAll(/^\| (@?[\w./-]+)(?:, in a cluster)? \| (\d+\.\d+\.\d+) \|/gm)];
  assert.equal(rows.length, 19);
  const installed = Object.entries(dependencies).map(([name, version]) =>
    version.startsWith('npm:') ? version.slice('npm:'.length) : `${name}@${version}`,
  );
  for (const [, name, version] of rows) assert.ok(installed.includes(`${name}@${version}`), `${name} ${version}`);
});
