import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, StateSet } from '../../lib/core.ts';
import * as main from '../../lib/main.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { Summary } from '../../lib/summary.ts';
import { untyped } from '../support/refused-numbers.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const OPTIONS = { name: 'x', help: 'X.', labelNames: ['a'], registers: [] } as const;

/** A monotonic clock that stands still; the function returned puts it on by seconds. */
function stopClock(t: TestContext): (seconds: number) => void {
  let now = 5000;
  t.mock.method(performance, 'now', () => now);
  return (seconds) => void (now += seconds * 1000);
}

function names(metric: { readonly series: readonly { readonly labelValues: readonly string[] }[] }): string[] {
  return metric.series.map(({ labelValues }) => labelValues[0]!);
}

/** Every update that an instrument has, of its own and of a child. */
const UPDATES: readonly (readonly [
  name: string,
  create: () => Created,
  update: (metric: Created, a: string) => void,
])[] = [
  ['counter inc', () => new Counter({ ...OPTIONS, idleSeconds: 10 }), (metric, a) => untyped(metric, 'inc')({ a })],
  [
    'counter inc by 0',
    () => new Counter({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric.labels(a), 'inc')(0),
  ],
  ['gauge set', () => new Gauge({ ...OPTIONS, idleSeconds: 10 }), (metric, a) => untyped(metric, 'set')({ a }, 7)],
  [
    'gauge child set',
    () => new Gauge({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric.labels(a), 'set')(7),
  ],
  ['gauge dec', () => new Gauge({ ...OPTIONS, idleSeconds: 10 }), (metric, a) => untyped(metric, 'dec')({ a }, 0)],
  ['gauge inc', () => new Gauge({ ...OPTIONS, idleSeconds: 10 }), (metric, a) => untyped(metric, 'inc')({ a }, 0)],
  [
    'gauge time',
    () => new Gauge({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric, 'setToCurrentTime')({ a }),
  ],
  [
    'gauge ratio',
    () => new Gauge({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric, 'setRatio')({ a }, 1, 2),
  ],
  [
    'gauge timer',
    () => new Gauge({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => (untyped(metric.labels(a), 'startTimer')() as () => void)(),
  ],
  [
    'histogram observe',
    () => new Histogram({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric, 'observe')({ a }, 1),
  ],
  [
    'histogram time',
    () => new Histogram({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric, 'time')({ a }, () => 1),
  ],
  [
    'summary observe',
    () => new Summary({ ...OPTIONS, percentiles: [0.5], idleSeconds: 10 }),
    (metric, a) => untyped(metric, 'observe')({ a }, 1),
  ],
  [
    'counter of the main entry',
    () => new main.Counter({ ...OPTIONS, idleSeconds: 10 }),
    (metric, a) => untyped(metric, 'inc')({ a }),
  ],
];

interface Created {
  readonly series: readonly { readonly labelValues: readonly string[] }[];
  labels(a: string): object;
}

for (const [name, create, update] of UPDATES) {
  test(`idleSeconds: a series leaves without an update for that long, and each update keeps it: ${name}`, (t) => {
    const pass = stopClock(t);
    const metric = create();
    update(metric, 'idle');
    for (let i = 0; i < 4; i++) {
      update(metric, 'busy');
      assert.deepEqual(names(metric).includes('idle'), i < 3, `after ${4 * i} s`);
      assert.ok(names(metric).includes('busy'));
      pass(4);
    }
    pass(10);
    assert.deepEqual(names(metric), []);
    update(metric, 'idle');
    assert.deepEqual(names(metric), ['idle']);
  });
}

test('idleSeconds: a held child brings its series back, from 0, and the same child is found again', (t) => {
  const pass = stopClock(t);
  const counter = new Counter({ ...OPTIONS, idleSeconds: 10 });
  const held = counter.labels('x');
  held.inc(5);
  pass(10);
  assert.deepEqual([names(counter), held.value], [[], 0]);
  held.inc(2);
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [2],
  );
  pass(10);
  assert.deepEqual(names(counter), []);
  assert.equal(counter.labels('x'), held);
  pass(9);
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [0],
  );
});

test('idleSeconds: a series that labels() brings back stays for that long, of each kind with children', (t) => {
  const pass = stopClock(t);
  for (const metric of [
    new Gauge({ ...OPTIONS, idleSeconds: 10 }),
    new Histogram({ ...OPTIONS, idleSeconds: 10 }),
    new Histogram({ ...OPTIONS, idleSeconds: 10, buckets: nativeBuckets() }),
    new Summary({ ...OPTIONS, percentiles: [], idleSeconds: 10 }),
  ] as const) {
    const held = metric.labels('x');
    pass(10);
    assert.deepEqual(names(metric), []);
    assert.equal(metric.labels('x'), held);
    pass(9);
    assert.deepEqual(names(metric), ['x']);
    pass(1);
    assert.deepEqual(names(metric), []);
  }
});

test('idleSeconds of the registry holds for its metrics unless they have their own', async (t) => {
  const pass = stopClock(t);
  const registry = new MetricsRegistry({ idleSeconds: 10 });
  const registers = [registry];
  const ruled = new Gauge({ ...OPTIONS, name: 'ruled', registers });
  const own = new Gauge({ ...OPTIONS, name: 'own', registers, idleSeconds: 30 });
  const never = new Gauge({ ...OPTIONS, name: 'never', registers, idleSeconds: Infinity });
  const lone = new Gauge({ name: 'lone', help: 'L.', registers });
  new Info({ ...OPTIONS, name: 'x_info', registers }).set({ a: 'x' });
  new StateSet({ name: 'state', help: 'S.', states: ['on'], labelNames: ['a'], registers }).select({ a: 'x' }, 'on');
  for (const gauge of [ruled, own, never]) gauge.set({ a: 'x' }, 1);
  lone.set(1);
  pass(20);
  assert.match(await registry.metrics(), /^# HELP own/);
  pass(20);
  const text = await registry.metrics();
  assert.deepEqual(text.match(/^\w+(?=[{ ])/gm), ['never', 'lone', 'x_info', 'state']);
});

test('idleSeconds: where maxSeries is reached, series that have expired make room without a scrape', (t) => {
  const pass = stopClock(t);
  const counter = new Counter({ ...OPTIONS, maxSeries: 100, idleSeconds: 10 });
  for (let i = 0; i < 10_000; i++) {
    counter.inc({ a: i });
    pass(0.2);
  }
  assert.equal(counter.overflowedUpdates, 0);
  assert.deepEqual(names(counter).at(-1), '9999');
  assert.ok(counter.series.length <= 50);
});

test('idleSeconds: the overflow series expires and comes back as any other', (t) => {
  const pass = stopClock(t);
  const counter = new Counter({ ...OPTIONS, maxSeries: 1, idleSeconds: 10 });
  counter.inc({ a: 'x' });
  counter.inc({ a: 'y' });
  for (let i = 0; i < 3; i++) {
    pass(5);
    counter.inc({ a: 'x' });
  }
  assert.deepEqual(names(counter), ['x']);
  counter.inc({ a: 'y' }, 3);
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [4, 3],
  );
});

test('idleSeconds agrees with a plain Map of the last updates', (t) => {
  const pass = stopClock(t);
  const random = new SeededRandom(8);
  for (const isHeld of [false, true]) {
    const gauge = new Gauge({ ...OPTIONS, idleSeconds: 10 });
    const model = new Map<string, { at: number; value: number }>();
    let now = 0;
    for (let step = 0; step < 5000; step++) {
      const a = `${random.int(20)}`;
      switch (random.int(6)) {
        case 0: {
          for (const [key, { at }] of model) if (now - at >= 10) model.delete(key);
          assert.deepEqual(
            new Map(gauge.series.map(({ labelValues, value }) => [labelValues[0], value])),
            new Map([...model].map(([key, { value }]) => [key, value])),
          );
          break;
        }
        case 1:
          gauge.series.at(0); // a reading
          for (const [key, { at }] of model) if (now - at >= 10) model.delete(key);
          assert.equal(gauge.remove(a), model.delete(a));
          break;
        case 2:
          now += 2;
          pass(2);
          break;
        default:
          if (isHeld) gauge.labels(a).inc(1);
          else gauge.inc({ a }, 1);
          model.set(a, { at: now, value: (model.get(a)?.value ?? 0) + 1 });
      }
    }
  }
});

test('idleSeconds that is none is refused, and so is any on an info or a state set', () => {
  for (const idleSeconds of [0, -1, NaN, '10', null]) {
    const refused = { name: 'RangeError', message: /expected idleSeconds above 0, or Infinity for no expiry/ };
    assert.throws(() => new MetricsRegistry({ idleSeconds } as object), refused);
    if (idleSeconds !== null) assert.throws(() => new Counter({ ...OPTIONS, idleSeconds } as never), refused);
  }
  for (const [Class, name] of [
    [Info, 'x_info'],
    [StateSet, 'x'],
  ] as const) {
    const options = { ...OPTIONS, name, states: ['on'], idleSeconds: 10 };
    assert.throws(() => new (Class as unknown as new (options: object) => unknown)(options), /expected no idleSeconds/);
  }
});

test('idleSeconds: a series that is back expires by its own last update, whatever was looked at before', (t) => {
  const pass = stopClock(t);
  const counter = new Counter({ ...OPTIONS, maxSeries: 2, idleSeconds: 10 });
  const held = counter.labels('x');
  pass(10);
  assert.deepEqual(names(counter), []);
  pass(2);
  counter.inc({ a: 'p' });
  counter.inc({ a: 'q' });
  pass(3);
  held.inc();
  pass(7);
  counter.inc({ a: 'z' }); // takes the place of one that has expired
  pass(4);
  assert.deepEqual(names(counter), ['z']);
});

test('idleSeconds: the overflow series that comes back without an update stays for that long', (t) => {
  const pass = stopClock(t);
  for (const create of [
    () => new Counter({ ...OPTIONS, maxSeries: 1, idleSeconds: 10 }),
    () => new Histogram({ ...OPTIONS, maxSeries: 1, idleSeconds: 10 }),
    () => new Histogram({ ...OPTIONS, maxSeries: 1, idleSeconds: 10, buckets: nativeBuckets() }),
  ]) {
    const metric = create();
    metric.labels('a');
    metric.labels('b');
    assert.deepEqual(names(metric), ['a', 'overflow']);
    pass(10);
    assert.deepEqual(names(metric), []);
    metric.labels('c');
    metric.labels('d');
    assert.deepEqual(names(metric), ['c', 'overflow']);
    pass(9.999);
    assert.deepEqual(names(metric), ['c', 'overflow']);
    pass(0.001);
    assert.deepEqual(names(metric), []);
  }
});

test('idleSeconds: the overflow series stays for that long after it took what a held child had counted', (t) => {
  const pass = stopClock(t);
  const counter = new Counter({ ...OPTIONS, maxSeries: 1, idleSeconds: 10 });
  const held = counter.labels('held');
  counter.remove('held');
  counter.inc({ a: 'b' });
  counter.inc({ a: 'c' });
  pass(9);
  counter.inc({ a: 'b' });
  held.inc(5);
  pass(0.5);
  assert.deepEqual(
    counter.series.map(({ labelValues, value }) => [labelValues[0], value]),
    [
      ['b', 2],
      ['overflow', 6],
    ],
  );
  pass(9.999);
  assert.deepEqual(names(counter), ['overflow']);
  pass(0.001);
  assert.deepEqual(names(counter), []);
});
