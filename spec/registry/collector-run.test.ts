import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CollectedFamily, type Collector, Counter, Gauge, MetricsRegistry } from '../../lib/core.ts';
import { CollectorRun } from '../../lib/registry/collector-run.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { namesOf, scrape } from '../support/scrape.ts';
import { turn } from '../support/turn.ts';

const FAILURES = 'metrics_client_collector_failures_total';

function gaugeOf(name: string, value: number): CollectedFamily[] {
  return [{ name, help: 'Collected.', type: 'gauge', series: [{ value }] }];
}

/** A promise and the function that resolves it. */
function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A registry with a healthy metric, a collector that does as told, and a healthy collector behind it. */
function registryWith(collect: () => unknown, collectTimeoutSeconds = 5): MetricsRegistry {
  const registry = new MetricsRegistry({ collectTimeoutSeconds });
  new Counter({ name: 'healthy_total', help: 'H.', registers: [registry] });
  registry.registerCollector({ name: 'disk', collect } as Collector);
  registry.registerCollector({ name: 'healthy', collect: async () => gaugeOf('beside', 1) });
  return registry;
}

const HEALTHY = ['healthy_total', 'beside'];

test('Collector.collect() runs at each scrape, sync or async, and not before', async () => {
  let runs = 0;
  const registry = new MetricsRegistry();
  const collector = { name: 'disk', collect: () => gaugeOf('x', ++runs) };
  registry.registerCollector(collector);
  registry.registerCollector({ name: 'async', collect: async () => gaugeOf('y', runs * 10) });
  assert.equal(runs, 0);
  for (const round of [1, 2, 3]) {
    const families = await scrape(registry);
    assert.equal(sampleOf(families, 'x'), round);
    assert.equal(sampleOf(families, 'y'), round * 10);
  }
  assert.equal(registry.unregisterCollector(collector), true);
  assert.equal(registry.unregisterCollector(collector), false);
  assert.deepEqual(namesOf(await scrape(registry)), ['y']);
});

test('Collector.collect() may return any iterable, and is called on its object', async () => {
  class Pool implements Collector {
    readonly name = 'pool';
    readonly open = 3;
    *collect(): Generator<CollectedFamily> {
      yield* gaugeOf('pool_open', this.open);
      yield* gaugeOf('pool_max', 10);
    }
  }
  const registry = new MetricsRegistry();
  registry.registerCollector(new Pool());
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'pool_open'), 3);
  assert.equal(sampleOf(families, 'pool_max'), 10);
});

test('MetricsRegistry.registerCollector() refuses what is no collector, and takes one once', async () => {
  const registry = new MetricsRegistry();
  for (const bad of [
    undefined,
    null,
    {},
    { name: 'x' },
    { collect: () => [] },
    { name: 5, collect: () => [] },
    { name: 'x', collect: 5 },
  ]) {
    assert.throws(() => untyped(registry, 'registerCollector')(bad), {
      name: 'TypeError',
      message: /^Cannot register a collector: expected /,
    });
  }
  const collector = { name: 'disk', collect: () => gaugeOf('x', 1) };
  registry.registerCollector(collector);
  registry.registerCollector(collector);
  assert.deepEqual(namesOf(await scrape(registry)), ['x']);
});

test('a collector that fails costs its own families only, is counted each time and reported once', async (t) => {
  const error = new Error('disk on fire');
  const thenable = {
    then: () => {
      throw error;
    },
  };
  const failing: readonly (() => unknown)[] = [
    () => {
      throw error;
    },
    () => Promise.reject(error),
    async () => {
      await null;
      throw error;
    },
    () => thenable,
    function* () {
      yield* gaugeOf('x', 1);
      throw error;
    },
  ];
  for (const collect of failing) {
    const warnings = await collectWarnings(t);
    const registry = registryWith(collect);
    for (const round of [1, 2, 3]) {
      const families = await scrape(registry);
      assert.deepEqual(namesOf(families), [...HEALTHY, FAILURES]);
      assert.equal(sampleOf(families, FAILURES, { collector: 'disk' }), round);
    }
    await turn();
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0]!.code, 'METRICS_COLLECTOR_FAILED');
    assert.match(warnings[0]!.message, /^Collector "disk" failed.* disk on fire$/);
  }
});

test('a collector may throw anything', async () => {
  const hostile = {
    toString() {
      throw new Error('no text either');
    },
  };
  for (const thrown of [
    undefined,
    null,
    0,
    'text',
    Symbol('s'),
    Object.create(null),
    hostile,
    new (class extends Error {
      override message = '';
    })(),
  ]) {
    for (const collect of [
      () => {
        throw thrown;
      },
      () => Promise.reject(thrown),
    ]) {
      assert.deepEqual(namesOf(await scrape(registryWith(collect))), [...HEALTHY, FAILURES]);
    }
  }
});

test('a metric whose collect fails is missing, and no other', async (t) => {
  const warnings = await collectWarnings(t);
  const registry = new MetricsRegistry({ prefix: 'p_' });
  new Gauge({
    name: 'sync',
    help: 'S.',
    registers: [registry],
    collect() {
      throw new Error('no');
    },
  });
  new Gauge({
    name: 'async',
    help: 'A.',
    registers: [registry],
    async collect() {
      throw new Error('no');
    },
  });
  new Gauge({
    name: 'healthy',
    help: 'H.',
    registers: [registry],
    async collect() {
      this.set(1);
    },
  });
  const families = await scrape(registry);
  assert.deepEqual(namesOf(families), ['p_healthy', FAILURES]);
  assert.equal(sampleOf(families, FAILURES, { collector: 'p_sync' }), 1);
  assert.equal(sampleOf(families, FAILURES, { collector: 'p_async' }), 1);
  await turn();
  assert.equal(warnings.length, 2);
});

test('a collector recovers', async () => {
  let isBroken = true;
  const registry = registryWith(() => {
    if (isBroken) throw new Error('no');
    return gaugeOf('disk_bytes', 5);
  });
  assert.deepEqual(namesOf(await scrape(registry)), [...HEALTHY, FAILURES]);
  isBroken = false;
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'disk_bytes'), 5);
  assert.equal(sampleOf(families, FAILURES, { collector: 'disk' }), 1);
});

test('a collector that hangs is given up after collectTimeoutSeconds, and not started again until it has ended', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const warnings = await collectWarnings(t);
  const first = deferred<CollectedFamily[]>();
  let runs = 0;
  const registry = registryWith(() => (++runs === 1 ? first.promise : gaugeOf('disk_bytes', runs)), 2);

  const waiting = scrape(registry);
  let isDone = false;
  void waiting.then(() => (isDone = true));
  await turn();
  t.mock.timers.tick(1999);
  await turn();
  assert.equal(isDone, false);
  t.mock.timers.tick(1);
  const families = await waiting;
  assert.deepEqual(namesOf(families), [...HEALTHY, FAILURES]);

  // It still hangs: no further run, no further waiting.
  for (const failures of [2, 3]) {
    const later = await scrape(registry);
    assert.equal(sampleOf(later, FAILURES, { collector: 'disk' }), failures);
    assert.equal(runs, 1);
  }

  first.resolve(gaugeOf('disk_bytes', 1));
  await turn();
  const recovered = await scrape(registry);
  assert.equal(runs, 2);
  assert.equal(sampleOf(recovered, 'disk_bytes'), 2);
  assert.equal(sampleOf(recovered, FAILURES, { collector: 'disk' }), 3);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!.message, /it took longer than 2 s$/);
});

test('a late rejection of a collector that was given up is not counted again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let reject = (_error: Error): void => undefined;
  const registry = registryWith(() => new Promise((_, refuse) => (reject = refuse)), 1);
  const waiting = scrape(registry);
  await turn();
  t.mock.timers.tick(1000);
  assert.equal(sampleOf(await waiting, FAILURES, { collector: 'disk' }), 1);
  reject(new Error('late'));
  await turn();
  registry.unregisterCollector({ name: 'other', collect: () => [] });
  const next = scrape(registry);
  await turn();
  t.mock.timers.tick(1000);
  assert.equal(sampleOf(await next, FAILURES, { collector: 'disk' }), 2);
});

test('hanging collectors are waited for side by side', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const registry = new MetricsRegistry({ collectTimeoutSeconds: 3 });
  for (const name of ['a', 'b', 'c']) registry.registerCollector({ name, collect: () => new Promise(() => undefined) });
  new Gauge({ name: 'g', help: 'G.', registers: [registry], collect: () => new Promise(() => undefined) });
  const waiting = scrape(registry);
  await turn();
  t.mock.timers.tick(3000);
  const families = await waiting;
  assert.deepEqual(
    families.flatMap(({ samples }) => samples.map(({ labels }) => labels.get('collector'))),
    ['g', 'a', 'b', 'c'],
  );
});

test('collectTimeoutSeconds may be too long for a timer, even Infinity', async (t) => {
  const warnings = await collectWarnings(t);
  for (const seconds of [2 ** 31, Infinity]) {
    const registry = registryWith(async () => {
      await turn();
      await turn();
      return gaugeOf('disk_bytes', 1);
    }, seconds);
    assert.deepEqual(namesOf(await scrape(registry)), ['healthy_total', 'disk_bytes', 'beside']);
  }
  await turn();
  assert.equal(warnings.length, 0);
});

test('scrapes at once share one run of the collectors', async () => {
  const registry = new MetricsRegistry();
  let [collectorRuns, metricRuns] = [0, 0];
  registry.registerCollector({
    name: 'disk',
    async collect() {
      collectorRuns++;
      await turn();
      return gaugeOf('disk_bytes', collectorRuns);
    },
  });
  new Gauge({
    name: 'g',
    help: 'G.',
    registers: [registry],
    async collect() {
      metricRuns++;
      await turn();
      this.set(metricRuns);
    },
  });
  const texts = await Promise.all(Array.from({ length: 20 }, () => registry.metrics()));
  assert.deepEqual([collectorRuns, metricRuns], [1, 1]);
  assert.equal(new Set(texts).size, 1);
  await registry.metrics();
  assert.deepEqual([collectorRuns, metricRuns], [2, 2]);
});

test('60 concurrent scrapes of a collect that resets and then fills are all right', async () => {
  const registry = new MetricsRegistry();
  new Gauge({
    name: 'pool',
    help: 'P.',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const kind of ['a', 'b', 'c']) {
        await turn();
        this.inc({ kind }, 1);
      }
    },
  });
  const expected = '# HELP pool P.\n# TYPE pool gauge\npool{kind="a"} 1\npool{kind="b"} 1\npool{kind="c"} 1\n';
  const scrapeInTurn = async (wait: number): Promise<string[]> => {
    const texts: string[] = [];
    for (let i = 0; i < wait; i++) await turn();
    for (let i = 0; i < 5; i++) texts.push(await registry.metrics());
    return texts;
  };
  const texts = (await Promise.all(Array.from({ length: 60 }, (_, i) => scrapeInTurn(i % 7)))).flat();
  assert.equal(texts.length, 300);
  for (const text of texts) assert.equal(text, expected);
});

test('a collector that scrapes its own registry fails, and nothing else does', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const registry = registryWith(async () => {
    await registry.metrics();
    return gaugeOf('disk_bytes', 1);
  }, 2);
  const waiting = scrape(registry);
  await turn();
  t.mock.timers.tick(2000);
  assert.deepEqual(namesOf(await waiting), [...HEALTHY, FAILURES]);
});

test('a collector that scrapes its own registry and does not wait for it is fine', async () => {
  let runs = 0;
  const registry = registryWith(() => {
    void registry.metrics();
    return gaugeOf('disk_bytes', ++runs);
  });
  assert.equal(sampleOf(await scrape(registry), 'disk_bytes'), 1);
  assert.equal(runs, 1);
});

test('a scrape leaves no timer behind', async () => {
  const registry = registryWith(async () => gaugeOf('disk_bytes', 1));
  await registry.metrics();
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'));
});

test('CollectorRun.start() returns the outcome of a synchronous collector at once, and a promise of an asynchronous one', async () => {
  assert.deepEqual(new CollectorRun('sync', () => 5).start(), { ok: true, result: 5 });
  const outcome = new CollectorRun('async', async () => 5).start();
  assert.ok(outcome instanceof Promise);
  assert.deepEqual(await outcome, { ok: true, result: 5 });
});

test('CollectorRun.giveUp() by one takes the run from no other, unless it is hung, and then from later ones only', async (t) => {
  await collectWarnings(t);
  let reject!: (error: Error) => void;
  const run = new CollectorRun('slow', () => new Promise<never>((_, refuse) => (reject = refuse)));
  const patient = run.start();
  const impatient = run.giveUp(0.001, false);
  assert.match(String(impatient.ok === false && impatient.error), /it took longer than 0\.001 s$/);
  assert.equal(run.start(), patient);
  run.giveUp(5, true);
  const next = await run.start();
  assert.match(String(next.ok === false && next.error), /its run of an earlier scrape has not ended yet$/);
  assert.equal(run.failures, 3);
  const error = new Error('no');
  reject(error);
  assert.deepEqual(await patient, { ok: false, error });
  assert.equal(run.failures, 3); // a hung run has been counted already
  const fresh = run.start();
  reject(error);
  await fresh;
  assert.equal(run.failures, 4);
});

test('MetricsRegistry.registerCollector() of a collector that is there goes on counting its failures', async (t) => {
  await collectWarnings(t);
  const registry = new MetricsRegistry();
  const collector: Collector = {
    name: 'disk',
    collect: () => {
      throw new Error('no');
    },
  };
  for (const failures of [1, 2]) {
    registry.registerCollector(collector);
    assert.equal(sampleOf(await scrape(registry), FAILURES, { collector: 'disk' }), failures);
  }
});

test('MetricsRegistry.merge() takes a collector once that several registries have', async () => {
  let runs = 0;
  const families = [{ name: 'x', type: 'gauge' }] as const;
  const collector: Collector = { name: 'disk', families, collect: () => gaugeOf('x', ++runs) };
  const registries = [new MetricsRegistry(), new MetricsRegistry()];
  for (const registry of registries) registry.registerCollector(collector);
  assert.equal(sampleOf(await scrape(MetricsRegistry.merge(registries)), 'x'), 1);
  assert.equal(runs, 1);
});

test('MetricsRegistry.gather() with onCollectorError "fail" resolves if nothing fails', async () => {
  const registry = registryWith(() => gaugeOf('x', 1));
  assert.deepEqual(
    (await registry.gather({ onCollectorError: 'fail' })).map(({ name }) => name),
    ['healthy_total', 'x', 'beside'],
  );
});

test('scrapes of the same moment share one run of the collectors', async (t) => {
  let runs = 0;
  const registry = registryWith(() => gaugeOf('x', ++runs));
  t.mock.method(performance, 'now', () => 1000);
  await Promise.all([registry.gather(), registry.gather()]);
  assert.equal(runs, 1);
});
