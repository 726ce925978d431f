import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, StateSet } from '../../lib/core.ts';
import { Registry } from '../../lib/main.ts';
import { Summary } from '../../lib/summary.ts';
import { sampleOf } from '../support/sample-of.ts';
import { scrape } from '../support/scrape.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const OPTIONS = { name: 'x_total', help: 'X.', labelNames: ['a', 'b'], registers: [] } as const;

interface HeldChild {
  readonly labelValues: readonly string[];
  readonly value?: number;
  readonly sum?: number;
}

/** What the tests need of an instrument: updates that add a number, and the total. */
interface Instrument {
  readonly create: (options?: object) => {
    readonly series: readonly HeldChild[];
    labels(...values: readonly string[]): HeldChild;
    remove(...values: readonly string[]): boolean;
    clear(): void;
    reset(): void;
  };
  readonly add: (target: object, amount: number, labels?: object) => void;
}

const method =
  (name: string) =>
  (target: object, amount: number, labels?: object): void => {
    const update = (target as Record<string, (...args: readonly unknown[]) => void>)[name]!.bind(target);
    if (labels === undefined) update(amount);
    else update(labels, amount);
  };

const INSTRUMENTS: Readonly<Record<string, Instrument>> = {
  counter: { create: (options) => new Counter({ ...OPTIONS, ...options }), add: method('inc') },
  gauge: { create: (options) => new Gauge({ ...OPTIONS, ...options }), add: method('inc') },
  histogram: {
    create: (options) => new Histogram({ ...OPTIONS, buckets: [1, 2], ...options }),
    add: method('observe'),
  },
  summary: { create: (options) => new Summary({ ...OPTIONS, percentiles: [0.5], ...options }), add: method('observe') },
};

function totalOf(series: HeldChild): number {
  return series.value ?? series.sum!;
}

/** What is exposed, by label values. */
function exposed(series: readonly HeldChild[]): Map<string, number> {
  const found = new Map(series.map((one) => [one.labelValues.join('/'), totalOf(one)] as const));
  assert.equal(found.size, series.length, 'no series twice');
  return found;
}

for (const [kind, { create, add }] of Object.entries(INSTRUMENTS)) {
  test(`a ${kind} agrees with a plain Map, whatever is held, dropped, removed, read and collected`, async () => {
    const random = new SeededRandom(99);
    for (let sequence = 0; sequence < 12; sequence++) {
      const metric = create();
      const model = new Map<string, number>();
      const held = new Map<string, HeldChild>();
      // So small that removals, returns and misses meet; every third sequence has a label value that leads nowhere else.
      const values = ['', 'x', '1:y', sequence % 3 === 0 ? '\ud800' : 'z'].slice(0, 2 + (sequence % 3));
      let last: { readonly array: readonly HeldChild[]; readonly copy: readonly HeldChild[] } | undefined;
      for (let step = 0; step < 1500; step++) {
        const labels = { a: random.pick(values), b: random.pick(values) };
        const key = `${labels.a}/${labels.b}`;
        const amount = random.pick([0, -0, 1, 2]);
        const count = (): void => void model.set(key, (model.get(key) ?? 0) + amount);
        switch (random.int(12)) {
          case 0:
          case 1:
            add(metric, amount, labels);
            count();
            break;
          case 2:
          case 3: {
            const child = metric.labels(labels.a, labels.b);
            if (held.has(key)) assert.equal(child, held.get(key), 'the same child while it is held');
            held.set(key, child);
            model.set(key, model.get(key) ?? 0);
            break;
          }
          case 4:
          case 5:
          case 6:
            if (!held.has(key)) break;
            add(held.get(key)!, amount);
            count();
            break;
          case 7:
            // Read first: what is counted in a removed series and dropped before it is read may be collected.
            exposed(metric.series);
            held.delete(key);
            break;
          case 8:
            assert.equal(metric.remove(labels.a, labels.b), model.delete(key));
            if (held.has(key)) assert.equal(totalOf(held.get(key)!), 0);
            break;
          case 9:
            if (random.int(10) > 0) break;
            if (random.int(2) === 0) metric.clear();
            else if (kind === 'summary')
              for (const [a = '', b = ''] of metric.series.map(({ labelValues }) => labelValues)) metric.remove(a, b);
            else metric.reset();
            model.clear();
            for (const child of held.values()) assert.equal(totalOf(child), 0);
            break;
          case 10:
            if (random.int(40) > 0) break;
            await turn();
            collectGarbage();
            break;
          default: {
            const { series } = metric;
            if (series === last?.array)
              assert.deepEqual(series.slice(0, last.copy.length), last.copy, 'only grown at its end');
            last = { array: series, copy: [...series] };
            const wanted = new Map([...model].map(([text, total]) => [text.replaceAll('\ud800', '\ufffdd800'), total]));
            assert.deepEqual(exposed(series), wanted);
          }
        }
      }
    }
  });

  test(`a ${kind} with few series loses no update of what is removed and held`, () => {
    const random = new SeededRandom(5);
    for (let sequence = 0; sequence < 10; sequence++) {
      const metric = create({ maxSeries: 3 });
      const held: HeldChild[] = [];
      let total = 0;
      for (let step = 0; step < 600; step++) {
        const labels = { a: `${random.int(4)}`, b: random.pick(['overflow', 'x']) };
        switch (random.int(8)) {
          case 0:
            add(metric, 1, labels);
            total++;
            break;
          case 1:
            held.push(metric.labels(labels.a, labels.b));
            break;
          case 2: {
            // What is removed is what is exposed: nothing else is lost.
            const series = metric.series.find(({ labelValues: [a, b] }) => a === labels.a && b === labels.b);
            const removed = series === undefined ? 0 : totalOf(series);
            if (metric.remove(labels.a, labels.b)) total -= removed;
            break;
          }
          case 3:
            if (random.int(20) === 0) {
              metric.clear();
              total = 0;
            }
            break;
          case 4: {
            const { series } = metric;
            assert.ok(series.length <= 4);
            assert.equal(
              [...exposed(series).values()].reduce((sum, one) => sum + one, 0),
              total,
            );
            break;
          }
          default:
            if (held.length === 0) break;
            add(random.pick(held), 1);
            total++;
        }
      }
    }
  });
}

test('a held child of a removed series comes back with an update that leaves it at 0', () => {
  const updates: readonly ((gauge: {
    set(value: number): void;
    inc(amount: number): void;
    dec(amount: number): void;
  }) => void)[] = [
    (gauge) => gauge.set(0),
    (gauge) => gauge.set(-0),
    (gauge) => gauge.inc(0),
    (gauge) => gauge.inc(-0),
    (gauge) => gauge.dec(0),
    (gauge) => gauge.dec(-0),
  ];
  for (const update of updates) {
    const gauge = new Gauge(OPTIONS);
    const held = gauge.labels('x', 'y');
    held.set(5);
    gauge.clear();
    assert.deepEqual([gauge.series.length, held.value], [0, 0]);
    update(held);
    assert.deepEqual(
      gauge.series.map(({ value }) => value),
      [0],
    );
  }
  for (const amount of [0, -0]) {
    const counter = new Counter(OPTIONS);
    const held = counter.labels('x', 'y');
    counter.remove('x', 'y');
    assert.equal(counter.series.length, 0);
    held.inc(amount);
    assert.deepEqual(
      counter.series.map(({ value }) => value),
      [0],
    );
  }
});

test('labels() brings a removed series back at once, with 0, and the child that is held', async () => {
  const counter = new Counter(OPTIONS);
  const held = counter.labels('x', 'y');
  held.inc(3);
  counter.reset();
  await turn();
  assert.equal(counter.labels({ b: 'y', a: 'x' }), held);
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [0],
  );
});

test('what a removed series counts before it is read goes with the next removal', () => {
  const counter = new Counter(OPTIONS);
  const held = counter.labels('x', 'y');
  for (const remove of [() => counter.clear(), () => counter.remove('x', 'y'), () => counter.reset()]) {
    counter.remove('x', 'y');
    held.inc(7);
    remove();
    assert.deepEqual([counter.series.length, held.value], [0, 0]);
  }
});

test('timers, wrappers and exemplars bring a removed series back', async () => {
  const histogram = new Histogram({ ...OPTIONS, buckets: [1e9] });
  const held = histogram.labels('x', 'y');
  const end = held.startTimer();
  const running = histogram.time({ a: 'p', b: 'q' }, async () => turn());
  histogram.clear();
  end();
  await running;
  assert.deepEqual(
    histogram.series.map(({ labelValues, count }) => [labelValues.join('/'), count]),
    [
      ['x/y', 1],
      ['p/q', 1],
    ],
  );
  const gauge = new Gauge(OPTIONS);
  const heldGauge = gauge.labels('x', 'y');
  const finish = heldGauge.startTimer();
  gauge.clear();
  finish();
  assert.equal(gauge.series.length, 1);
  gauge.clear();
  heldGauge.setToCurrentTime();
  assert.equal(gauge.series.length, 1);
  const counter = new Counter(OPTIONS);
  const heldCounter = counter.labels('x', 'y');
  counter.clear();
  heldCounter.inc(2, { trace_id: 'a' });
  assert.deepEqual(
    counter.series.map(({ exemplar }) => exemplar?.labels),
    [{ trace_id: 'a' }],
  );
  assert.equal(counter.hasExemplars, true);
});

test('resetMetrics() leaves children of module scope that count again in the next test', async () => {
  const registry = new Registry();
  const errors = new Counter({ ...OPTIONS, registers: [registry] }).labels('x', 'y');
  for (let round = 0; round < 3; round++) {
    registry.resetMetrics();
    assert.equal(errors.value, 0);
    errors.inc();
    assert.equal(sampleOf(await scrape(registry), 'x_total', { a: 'x', b: 'y' }), 1);
  }
});

test('a summary that prunes brings a series back that is held', async () => {
  const registry = new MetricsRegistry();
  const summary = new Summary({
    ...OPTIONS,
    maxAgeSeconds: 1e-9,
    ageBuckets: 1,
    pruneAgedBuckets: true,
    registers: [registry],
  });
  const held = summary.labels('x', 'y');
  held.observe(1);
  assert.equal(await registry.metrics(), '');
  held.observe(2);
  assert.deepEqual(
    summary.series.map(({ count, sum }) => [count, sum]),
    [[1, 2]],
  );
});

test('Info and StateSet remember nothing of what was removed', () => {
  const info = new Info({ ...OPTIONS, name: 'x_info' });
  const states = new StateSet({ ...OPTIONS, name: 'x', states: ['on', 'off'] });
  for (let i = 0; i < 3; i++) {
    info.set({ a: `${i}`, b: 'y' });
    states.select({ a: 'x', b: 'y' }, 'on');
    states.clear();
  }
  assert.deepEqual([info.series.length, states.series.length], [1, 0]);
});

test('removed children cost nothing once nobody holds them, even beside one that is held', async () => {
  for (const remove of [
    (counter: Counter<'a' | 'b'>) => counter.clear(),
    (counter: Counter<'a' | 'b'>) => counter.series.forEach(({ labelValues: [a, b] }) => counter.remove(a!, b!)),
  ]) {
    const counter = new Counter({ ...OPTIONS });
    const held = counter.labels('held', 'held');
    const dropped: WeakRef<object>[] = [];
    for (let i = 0; i < 1000; i++) {
      dropped.push(new WeakRef(counter.labels(`${i % 10}`, `${i}`)));
      counter.labels(`${i}`, 'unique');
    }
    remove(counter);
    await turn();
    collectGarbage();
    const alive = dropped.filter((child) => child.deref() !== undefined).length;
    assert.ok(alive <= 2, `${alive} of 1000 removed children are still held`);
    held.inc();
    assert.deepEqual(
      counter.series.map(({ labelValues }) => labelValues[0]),
      ['held'],
    );
  }
});

test('a million removed children leave no memory, and of many that are held all come back', async () => {
  const counter = new Counter({ ...OPTIONS, maxSeries: Infinity });
  const usedBytes = async (): Promise<number> => {
    await turn();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await usedBytes();
  const held: { inc(): void }[] = [];
  for (let batch = 0; batch < 10; batch++) {
    for (let i = 0; i < 100_000; i++) {
      const child = counter.labels('a', `${batch}/${i}`);
      if (i % 20_000 === 0) held.push(child);
    }
    if (batch % 2 === 0) counter.clear();
    else counter.series.forEach(({ labelValues: [a, b] }) => counter.remove(a!, b!));
    await turn();
  }
  for (let i = 0; i < 4; i++) {
    assert.equal(counter.series.length, 0);
    await usedBytes();
  }
  const grownBytes = (await usedBytes()) - before;
  assert.ok(grownBytes < 2e6, `${grownBytes} bytes are left`);
  for (const child of held) child.inc();
  assert.equal(counter.series.length, held.length);
});

test('a scrape that has begun keeps the last numbers of what is removed, the overflow series too', () => {
  for (const [kind, { create, add }] of Object.entries(INSTRUMENTS)) {
    const removals = [
      (metric: ReturnType<typeof create>) => metric.clear(),
      (metric: ReturnType<typeof create>) =>
        metric.series.forEach(({ labelValues: [a, b] }) => assert.ok(metric.remove(a!, b!))),
      (metric: ReturnType<typeof create>) => {
        // Read again in between: what is removed later must not change the first array either.
        metric.remove('0', 'y');
        assert.equal(metric.series.length, 40);
        metric.clear();
      },
    ];
    for (const remove of removals) {
      const metric = create({ maxSeries: 40 });
      const held = Array.from({ length: 60 }, (_, i) => metric.labels(`${i}`, 'y'));
      for (const child of held) add(child, 3);
      const begun = metric.series;
      const before = [...exposed(begun)];
      remove(metric);
      assert.deepEqual([...exposed(begun)], before, kind);
      for (const child of held) add(child, 1);
      assert.deepEqual([...exposed(begun)], before, kind);
      assert.equal(
        [...exposed(metric.series).values()].reduce((sum, one) => sum + one, 0),
        60,
        kind,
      );
    }
  }
});

test('each array that was read keeps the last numbers of what was removed since, and shows what is live', () => {
  const random = new SeededRandom(21);
  for (let sequence = 0; sequence < 40; sequence++) {
    const counter = new Counter({ ...OPTIONS, maxSeries: sequence % 2 === 0 ? 20 : Infinity });
    /** By label value, the series that is there: what it counts until it is removed. */
    const live = new Map<string, { value: number }>();
    const arrays: {
      readonly series: readonly { readonly value: number }[];
      readonly expected: readonly { readonly value: number }[];
    }[] = [];
    const count = sequence % 2 === 0 ? 18 : 60;
    for (let step = 0; step < 800; step++) {
      const b = `${random.int(count)}`;
      switch (random.int(sequence % 3 === 0 ? 5 : 8)) {
        case 0:
          assert.equal(counter.remove('x', b), live.delete(b));
          break;
        case 1:
          if (random.int(40) > 0) break;
          counter.clear();
          live.clear();
          break;
        case 2: {
          const { series } = counter;
          arrays.push({ series, expected: series.map(({ labelValues }) => live.get(labelValues[1]!)!) });
          break;
        }
        default: {
          const series = live.get(b) ?? { value: 0 };
          live.set(b, series);
          counter.labels('x', b).inc();
          series.value++;
        }
      }
      if (step % 50 > 0) continue;
      for (const { series, expected } of arrays) {
        const shown = series.slice(0, expected.length).map(({ value }) => value);
        assert.deepEqual(
          shown.slice(-5),
          expected.slice(-5).map(({ value }) => value),
          `step ${step}`,
        );
        assert.deepEqual(
          shown,
          expected.map(({ value }) => value),
          `step ${step}`,
        );
      }
      if (arrays.length > 60) arrays.splice(0, 60);
    }
  }
});

test('an array that was read keeps the numbers of children behind places that were empty when all were numbered', () => {
  const counter = new Counter({ ...OPTIONS, labelNames: ['a'] });
  for (let i = 0; i < 60; i++) counter.labels(String(i)).inc(i + 1);
  const earlier = counter.series;
  counter.remove('0');
  counter.remove('1');
  assert.equal(counter.series.length, 58);
  for (let i = 59; i > 40; i--) counter.remove(String(i)); // so many that the children are numbered
  counter.remove('2');
  counter.remove('3');
  const values = earlier.map(({ value }) => value);
  assert.deepEqual(
    values,
    Array.from({ length: 60 }, (_, i) => i + 1),
  );
});
