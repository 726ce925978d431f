import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExposition } from '../support/parse-exposition.ts';
import { sampleOf } from '../support/sample-of.ts';
import { moduleUrl, runInChild } from './run-in-child.ts';

// Counts by an observer of its own, and forces 30 collections, ten of them in one turn. The first scrape loads modules, and
// with them come collections that fall between two readings: it is done before.
const THIRTY_COLLECTIONS = `
  const { PerformanceObserver } = await import('node:perf_hooks');
  const { setImmediate: turn } = await import('node:timers/promises');
  let observed = 0;
  let seconds = 0;
  new PerformanceObserver((list) => {
    observed += list.getEntries().length;
    for (const { duration } of list.getEntries()) seconds += duration / 1e3;
  }).observe({ type: 'gc' });
  const registry = new MetricsRegistry();
  const { stop } = collectDefaultMetrics(registry);
  await registry.metrics();
  for (let i = 0; i < 20; i++) { gc(); await turn(); }
  for (let i = 0; i < 10; i++) gc();
  const text = async () => { for (let i = 0; i < 4; i++) await turn(); return registry.metrics(); };`;

test('gc() counts every collection that an independent observer sees, 30 forced ones among them', async () => {
  const [text, observed, seconds] = (await runInChild(
    `${THIRTY_COLLECTIONS} print([await text(), observed, seconds]);`,
    ['--expose-gc'],
  )) as [string, number, number];
  const families = parseExposition(text);
  const samples = families.flatMap((family) => family.samples);
  const total = (name: string) =>
    samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
  assert.equal(total('nodejs_gc_duration_seconds_count'), observed);
  assert.ok(Math.abs(total('nodejs_gc_duration_seconds_sum') - seconds) < 1e-9);
  assert.ok(sampleOf(families, 'nodejs_gc_duration_seconds_count', { kind: 'major' }) >= 30);
});

test('gc() counts collections that were announced but not delivered when the scrape came', async () => {
  // One turn after the collections they have been announced; the observers' callbacks come in the turn after that. A
  // second observer tells that it was so. The collector is asked by itself, since a registry may take a turn to ask it.
  const [waiting, scraped, delivered, afterwards] = (await runInChild(
    `const { setImmediate: turn } = await import('node:timers/promises');
    const { gc: collections } = await import(${JSON.stringify(moduleUrl('collectors/gc'))});
    // Only those that are forced: the engine may collect the young generation at any time.
    const forced = (entries) => entries.filter(({ detail }) => detail.kind === 4).length;
    let delivered = 0;
    const witness = new PerformanceObserver((list) => { delivered += forced(list.getEntries()); });
    witness.observe({ type: 'gc' });
    const [metric] = collections({ prefix: '', labels: {} }).metrics;
    const major = () => {
      metric.collect();
      const { labelValues, bucketCounts } = metric.series[1];
      return bucketCounts.reduce((count, inBucket) => count + inBucket, labelValues[0] === 'major' ? 0 : NaN);
    };
    for (let i = 0; i < 5; i++) gc();
    await turn();
    const scraped = major();
    const waiting = forced(witness.takeRecords());
    gc();
    for (let i = 0; i < 4; i++) await turn();
    print([waiting, scraped, delivered, major()]);`,
    ['--expose-gc'],
  )) as number[];
  assert.deepEqual(
    { waiting, scraped, delivered, afterwards },
    { waiting: 5, scraped: 5, delivered: 1, afterwards: 6 },
  );
});

test('gc() keeps nothing that a first scraper was shown from a second one', async () => {
  // Between the two the engine may collect once more.
  const [first, second] = (await runInChild(
    `${THIRTY_COLLECTIONS} await text();
    const counts = (all) => Array.from(all.matchAll(/^nodejs_gc_.*_count.* (\\d+)$/gm), ([, count]) => Number(count));
    print([counts(await registry.metrics()), counts(await registry.metrics())]);`,
    ['--expose-gc'],
  )) as [number[], number[]];
  assert.equal(first.length, 4);
  assert.equal(second.length, 4);
  first.forEach((count, kind) => assert.ok(second[kind]! >= count, `${second} after ${first}`));
  assert.ok(Math.max(...first) >= 30, `${first}`);
});

test('gc() takes the collections of a young generation that is marked and swept for minor ones', async () => {
  const text = await runInChild(`${THIRTY_COLLECTIONS} gc({ type: 'minor' }); print(await text());`, [
    '--expose-gc',
    process.version.startsWith('v20.') ? '--minor-mc' : '--minor-ms',
  ]);
  const families = parseExposition(String(text));
  assert.ok(sampleOf(families, 'nodejs_gc_duration_seconds_count', { kind: 'minor' }) >= 1);
});

test('stop() ends the counting of collections, and a new start counts from 0', async () => {
  const counts = await runInChild(
    `${THIRTY_COLLECTIONS}
    const major = (all) => Number(all.match(/_count\\{kind="major"\\} (\\d+)/)[1]);
    await text(); // a collection of the last turn would be announced to the second observer, too
    stop();
    collectDefaultMetrics(registry);
    gc();
    print(major(await text()));`,
    ['--expose-gc'],
  );
  assert.equal(counts, 1);
});

test('gc() has all kinds again after a reset, and counts on', async () => {
  const [kinds, counted] = (await runInChild(
    `${THIRTY_COLLECTIONS} await text();
    const kinds = (all) => Array.from(all.matchAll(/_count.kind="(\\w+)". (\\d+)/g), ([, kind, count]) => [kind, Number(count)]);
    registry.getSingleMetric('nodejs_gc_duration_seconds').reset();
    gc();
    const after = Object.fromEntries(kinds(await text()));
    print([Object.keys(after), after.major]);`,
    ['--expose-gc'],
  )) as [string[], number];
  assert.deepEqual(kinds.sort(), ['incremental', 'major', 'minor', 'weakcb']);
  assert.equal(counted, 1);
});

test('collectDefaultMetrics() ends by itself once nothing refers to its metrics', async () => {
  const [alive, ended] = (await runInChild(
    `const { setImmediate: turn } = await import('node:timers/promises');
    let running = 0;
    const { observe, disconnect } = PerformanceObserver.prototype;
    PerformanceObserver.prototype.observe = function (...args) { running++; return observe.apply(this, args); };
    PerformanceObserver.prototype.disconnect = function () { running--; return disconnect.call(this); };
    const timers = process.getBuiltinModule('node:timers');
    const { setImmediate } = timers;
    let turns = 0;
    timers.setImmediate = (...args) => { turns++; return setImmediate(...args); };
    (() => {
      for (let i = 0; i < 3; i++) collectDefaultMetrics(new MetricsRegistry());
      collectDefaultMetrics();
    })();
    await turn();
    const alive = [running, turns];
    register.clear();
    for (let i = 0; i < 10; i++) { gc(); await turn(); }
    turns = 0;
    for (let i = 0; i < 10; i++) await turn();
    print([alive, [running, turns]]);`,
    ['--expose-gc'],
  )) as [number[], number[]];
  assert.equal(alive[0], 4);
  assert.ok(alive[1]! >= 4);
  assert.deepEqual(ended, [0, 0]);
});

test('gc() has all kinds and the buckets of prom-client from the start', async () => {
  const text = String(await runInChild('collectDefaultMetrics(); print(await register.metrics());'));
  const bounds = [...text.matchAll(/^nodejs_gc_duration_seconds_bucket\{kind="(\w+)",le="(.+)"\}/gm)];
  assert.deepEqual(
    bounds.map(([, kind, le]) => `${kind} ${le}`),
    ['minor', 'major', 'incremental', 'weakcb'].flatMap((kind) =>
      ['0.001', '0.01', '0.1', '1.0', '2.0', '5.0', '+Inf'].map((le) => `${kind} ${le}`),
    ),
  );
});
