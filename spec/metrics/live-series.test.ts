import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Child, LabelBranch, LabelTree } from '../../lib/metrics/child.ts';
import { IdleLimit, LiveSeries } from '../../lib/metrics/live-series.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const tree = new LabelTree('x', (child) => child, false, undefined);

class NumberedChild extends Child {
  readonly number: number;
  /** How often the time of its last update was read. */
  looks = 0;
  #updatedAt = 0;

  constructor(number: number, updatedAt = 0) {
    super(new LabelBranch(tree, ''), undefined);
    this.number = number;
    this.#updatedAt = updatedAt;
  }

  override get updatedAt(): number {
    this.looks++;
    return this.#updatedAt;
  }

  override touch(): void {
    this.#updatedAt = performance.now();
  }

  override reset(): void {}

  override get isUpdated(): boolean {
    return false;
  }

  override giveTo(): boolean {
    return false;
  }
}

/** What takes the place of a removed child. */
interface Copy {
  readonly copyOf: number;
}

/** A list, and the numbers of the children that it has copied. */
function createSeries(): { series: LiveSeries<NumberedChild>; copied: number[] } {
  const copied: number[] = [];
  const series = new LiveSeries<NumberedChild>((child): Copy => {
    copied.push(child.number);
    return { copyOf: child.number };
  });
  return { series, copied };
}

function addTo(series: LiveSeries<NumberedChild>, count: number, updatedAt = 0): NumberedChild[] {
  const children = Array.from({ length: count }, (_, i) => new NumberedChild(i, updatedAt));
  for (const child of children) series.add(child);
  return children;
}

function numbersOf(array: readonly (NumberedChild | Copy)[]): number[] {
  return array.map((one) => (one instanceof Child ? one.number : one.copyOf));
}

/** The places of an array, of which each holds a child that is live, or the copy of one that is not. */
function assertReading(array: readonly (NumberedChild | Copy)[], live: ReadonlySet<NumberedChild>): void {
  for (const one of array) {
    if (one instanceof Child)
      assert.ok(live.has(one), `expected a copy of the removed child ${one.number}, got itself`);
    else assert.equal(typeof one.copyOf, 'number');
  }
  assert.deepEqual(Object.keys(array), Object.keys([...array]), 'an array of places only');
}

test('LiveSeries keeps every array that was read as it was, with copies of removed children, as a plain list does', async () => {
  const random = new SeededRandom(28);
  for (let run = 0; run < 40; run++) {
    const { series } = createSeries();
    series.areHeld = true;
    let live: NumberedChild[] = [];
    const readings: { readonly array: readonly (NumberedChild | Copy)[]; readonly numbers: readonly number[] }[] = [];
    let created = 0;
    for (let step = 0; step < 300; step++) {
      const kind = random.next();
      if (kind < 0.45) {
        const child = new NumberedChild(created++);
        series.add(child);
        live.push(child);
      } else if (kind < 0.8) {
        const child = live[random.int(live.length + 1)];
        if (child !== undefined) series.remove(child);
        live = live.filter((one) => one !== child);
      } else if (kind < 0.84) {
        const rest = random.int(5);
        const removed = series.removeAll(({ number }) => number % 5 === rest);
        assert.deepEqual(
          removed,
          live.filter(({ number }) => number % 5 === rest),
        );
        live = live.filter(({ number }) => number % 5 !== rest);
      } else if (kind < 0.98) {
        const array = series.read();
        assert.deepEqual(
          array.map((child) => child.number),
          live.map((child) => child.number),
        );
        readings.push({ array, numbers: live.map((child) => child.number) });
      } else if (kind < 0.99) await Promise.resolve();
      else {
        assert.deepEqual(series.clear(), live);
        live = [];
      }
      assert.equal(series.count, live.length);
      const all = new Set(live);
      for (const { array, numbers } of readings) {
        assertReading(array, all);
        assert.deepEqual(numbersOf(array.slice(0, numbers.length)), numbers);
      }
    }
  }
});

test('LiveSeries.read() returns the same array until a child is removed', () => {
  const { series } = createSeries();
  const [first] = addTo(series, 2);
  const array = series.read();
  assert.equal(series.read(), array);
  series.add(new NumberedChild(2));
  assert.equal(series.read(), array);
  assert.equal(array.length, 3);
  series.remove(first!);
  const after = series.read();
  assert.notEqual(after, array);
  assert.equal(series.read(), after);
});

test('LiveSeries copies a removed child only if somebody may be reading it', () => {
  const { series, copied } = createSeries();
  const [first, second, third] = addTo(series, 3);
  series.remove(first!);
  series.removeAll((child) => child === second);
  assert.deepEqual(copied, []);
  series.read();
  series.remove(third!);
  assert.deepEqual(copied, [2]);
});

test('LiveSeries.clear() copies children that somebody may hold, once, and forgets the arrays', () => {
  const { series, copied } = createSeries();
  addTo(series, 2);
  series.read();
  assert.deepEqual(series.clear(), []);
  assert.deepEqual(copied, []);
  series.areHeld = true;
  const children = addTo(series, 2);
  assert.deepEqual(series.clear(), children);
  assert.deepEqual(copied, [], 'nobody has read them');
  const read = addTo(series, 2);
  const array = series.read();
  assert.deepEqual(series.clear(), read);
  assert.deepEqual(copied, [0, 1]);
  assertReading(array, new Set());
  series.remove(addTo(series, 1)[0]!);
  assert.deepEqual(copied, [0, 1], 'nobody has read that one');
});

test('LiveSeries.clear() copies the children of the arrays read before the current one', () => {
  const { series, copied } = createSeries();
  series.areHeld = true;
  const [first, second] = addTo(series, 4);
  const earlier = series.read();
  series.remove(first!);
  const current = series.read();
  series.remove(second!);
  copied.length = 0;
  series.clear();
  assert.deepEqual(copied, [2, 3]);
  for (const array of [earlier, current]) assertReading(array, new Set());
});

test('LiveSeries copies all children of an array once 32 later ones were read', () => {
  const { series, copied } = createSeries();
  const children = addTo(series, 50);
  const arrays = [series.read()];
  for (let i = 0; i < 33; i++) {
    series.remove(children[i]!);
    arrays.push(series.read());
  }
  const childrenIn = (array: readonly object[]): number => array.filter((one) => one instanceof Child).length;
  assert.equal(childrenIn(arrays[0]!), 0);
  assert.deepEqual(
    arrays.slice(1).map(childrenIn),
    arrays.slice(1).map(() => 17),
  );
  assert.deepEqual(numbersOf(arrays[0]!), numbersOf(children));
  assert.ok(copied.every(Number.isInteger), 'only children are copied');
});

test('LiveSeries forgets an array that nobody can be reading any more', async (t) => {
  const dropped = dropReferences(t);
  const { series, copied } = createSeries();
  const [first, second, third] = addTo(series, 3);
  dropped.add(series.read());
  series.remove(first!);
  series.remove(second!); // more than half are removed: goes on with another array, which nobody reads
  assert.deepEqual(copied, [0, 1]);
  await Promise.resolve();
  series.remove(third!);
  assert.deepEqual(copied, [0, 1]);
});

test('LiveSeries asks once in a turn of the loop which arrays still exist, and asks again in the next', async (t) => {
  const asked = countReads(t);
  const { series } = createSeries();
  const children = addTo(series, 10);
  series.read();
  series.remove(children[0]!);
  series.read();
  for (const child of children.slice(1, 4)) series.remove(child);
  assert.equal(asked.count, 1);
  await Promise.resolve();
  series.remove(children[4]!);
  assert.equal(asked.count, 2);
});

test('IdleLimit looks at children only when one of them can have expired', (t) => {
  let now = 1_000_000;
  t.mock.method(performance, 'now', () => now);
  const { series } = createSeries();
  const children = addTo(series, 3, now);
  const limit = new IdleLimit(10);
  const looks = (): number => children.reduce((sum, child) => sum + child.looks, 0);
  assert.deepEqual(limit.expire(series, false), []);
  assert.equal(looks(), 3);
  now += 9_999;
  assert.deepEqual(limit.expire(series, false), []);
  assert.equal(looks(), 3, 'none can have expired');
  children[1]!.touch();
  now += 1;
  assert.deepEqual(limit.expire(series, false), [children[0], children[2]]);
  assert.deepEqual(series.read(), [children[1]]);
  now += 9_998;
  assert.deepEqual(limit.expire(series, false), []);
  now += 1;
  assert.deepEqual(limit.expire(series, false), [children[1]]);
});

test('IdleLimit looks for room at most 32 times in an idle time', (t) => {
  let now = 1_000_000;
  t.mock.method(performance, 'now', () => now);
  const { series } = createSeries();
  // The first expires each time, so that every look is due.
  const children = addTo(series, 200, now - 10_000);
  for (const [i, child] of children.entries()) if (i > 0) child.touch();
  const limit = new IdleLimit(10);
  limit.expire(series, true);
  const last = children.at(-1)!;
  const before = last.looks;
  assert.equal(before, 1);
  for (let i = 0; i < 640; i++) {
    // One that has expired already, so that only the pace holds the looks back.
    series.add(new NumberedChild(1000 + i, now - 20_000));
    limit.expect(new NumberedChild(0, now - 20_000));
    limit.expire(series, true);
    now += 10_000 / 640;
  }
  assert.equal(last.looks - before, 31, 'the 32nd look is due when the idle time is over');
  limit.expire(series, true);
  assert.equal(last.looks - before, 32);
});

test('IdleLimit.expire() notices a child that came back with an older update', (t) => {
  let now = 1_000_000;
  t.mock.method(performance, 'now', () => now);
  const { series } = createSeries();
  const limit = new IdleLimit(10);
  limit.expire(series, false);
  const back = new NumberedChild(0, now - 6_000);
  series.add(back);
  limit.expect(back);
  now += 3_999;
  assert.deepEqual(limit.expire(series, false), []);
  now += 1;
  assert.deepEqual(limit.expire(series, false), [back]);
});

/** Arrays whose weak references return nothing, as if they had been collected. */
function dropReferences(t: TestContext): WeakSet<object> {
  const dropped = new WeakSet<object>();
  replaceReferences(t, (target) => (dropped.has(target) ? undefined : target));
  return dropped;
}

/** How often a weak reference was read. */
function countReads(t: TestContext): { count: number } {
  const reads = { count: 0 };
  replaceReferences(t, (target) => {
    reads.count++;
    return target;
  });
  return reads;
}

function replaceReferences(t: TestContext, deref: (target: object) => object | undefined): void {
  const { WeakRef: RealReference } = globalThis;
  class Reference {
    readonly #target: object;

    constructor(target: object) {
      this.#target = target;
    }

    deref(): object | undefined {
      return deref(this.#target);
    }
  }
  Object.assign(globalThis, { WeakRef: Reference });
  t.after(() => Object.assign(globalThis, { WeakRef: RealReference }));
}
