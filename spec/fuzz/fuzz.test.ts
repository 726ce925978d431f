import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, type Family, MetricsRegistry } from '../../lib/core.ts';
import type { NativeHistogram } from '../../lib/model/family.ts';
import { NativeHistogramChild } from '../../lib/native/native-child.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { explain, fuzz } from './fuzz.ts';
import { runOperations } from './fuzz-run.ts';
import { drawOperations } from './operations.ts';
import { shrink } from './shrink.ts';
import type { SubjectChild } from './subject.ts';

// `npm run fuzz -- --minutes 30` does more of the same.
const SEEDS = [1, 4, 5, 20];
const OPERATIONS = 1000;

for (const seed of SEEDS) {
  test(`every scrape among ${OPERATIONS} random operations agrees with a model, seed ${seed}`, async () => {
    const { fault, scrapes, series, changing } = await fuzz(seed, OPERATIONS);
    if (fault !== undefined) assert.fail(await explain(seed, OPERATIONS));
    assert.ok(scrapes > 50, `${scrapes} scrapes`);
    // Nothing would be found if scrapes were over before the next operation.
    assert.ok(series > 500 && changing > 10, `${series} series, of which ${changing} changed while they were read`);
  });
}

test('fuzz() does the same for the same seed', async () => {
  assert.deepEqual(await fuzz(9, 200), await fuzz(9, 200));
  assert.notDeepEqual(await fuzz(9, 200), await fuzz(10, 200));
});

/** A family as a faulty library would expose it. */
function withFault(family: Family, property: string, change: (value: never) => unknown): Family {
  const get = (target: Family, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, name, target);
    return name === property ? change(value as never) : value;
  };
  return new Proxy(family, { get });
}

/** Faults that are planted in the library, and what is to be said of them. */
const FAULTS: Readonly<Record<string, readonly [wanted: RegExp, plant: (gather: Gather) => Gather]>> = {
  'a series that is missing': [
    /lacks a series/,
    (gather) => async () =>
      (await gather()).map((family) => withFault(family, 'series', (series: readonly object[]) => series.slice(1))),
  ],
  'a series that is there twice': [
    /twice|same labels again|each series once|sample of a metric further up/,
    (gather) => async () =>
      (await gather()).map((family) =>
        withFault(family, 'series', (series: readonly object[]) => [...series, ...series.slice(0, 1)]),
      ),
  ],
  'a family that is there twice': [
    /twice|each family once|expected .* once/,
    (gather) => async () => [...(await gather()), ...(await gather())],
  ],
  'a family that is missing': [/lacks a series/, (gather) => async () => (await gather()).slice(1)],
  'wrong help': [
    / is \{"name"/,
    (gather) => async () => (await gather()).map((family) => withFault(family, 'help', () => 'Wrong.')),
  ],
};

/** Faults of native buckets, as a faulty histogram would have them. */
const NATIVE_FAULTS: Readonly<Record<string, (native: NativeHistogram) => NativeHistogram>> = {
  'an observation in the wrong native bucket': (native) => ({
    ...partsOf(native),
    positive: { ...native.positive, indexes: Array.from(native.positive.indexes, (index) => index + 1) },
  }),
  'a native bucket that counts one too many': (native) => ({
    ...partsOf(native),
    negative: { ...native.negative, counts: Array.from(native.negative.counts, (count) => count + 1) },
  }),
  'a native exemplar that is missing': (native) => ({ ...partsOf(native), exemplars: native.exemplars.slice(1) }),
  'a resolution that is one too low': (native) => ({ ...partsOf(native), schema: native.schema - 1 }),
};

function partsOf(native: NativeHistogram): NativeHistogram {
  const { schema, zeroThreshold, zeroCount, positive, negative, sum, count, createdSeconds, exemplars } = native;
  return { schema, zeroThreshold, zeroCount, positive, negative, sum, count, createdSeconds, exemplars };
}

for (const [what, plant] of Object.entries(NATIVE_FAULTS)) {
  test(`runOperations() finds ${what}`, async (t) => {
    const native = Object.getOwnPropertyDescriptor(NativeHistogramChild.prototype, 'native')!;
    t.after(() => Object.defineProperty(NativeHistogramChild.prototype, 'native', native));
    Object.defineProperty(NativeHistogramChild.prototype, 'native', {
      ...native,
      get(this: NativeHistogramChild) {
        return plant(native.get!.call(this) as NativeHistogram);
      },
    });
    const { fault } = await fuzz(17, 300); // a seed with many native buckets
    assert.match(
      String(fault),
      /(?:protobuf|version=2\.0\.0).* Histogram .* expected one of|OpenMetrics 2\.0(?:\.0)?: expected (?:a count|an index|no bucket)/s,
    );
  });
}

type Gather = () => Promise<readonly Family[]>;

for (const [what, [wanted, plant]] of Object.entries(FAULTS)) {
  test(`runOperations() finds ${what}`, async (t) => {
    const { gather } = MetricsRegistry.prototype;
    t.mock.method(MetricsRegistry.prototype, 'gather', function (this: MetricsRegistry) {
      return plant(() => gather.call(this))();
    });
    const { fault } = await fuzz(1, 200);
    assert.match(String(fault), wanted);
  });
}

test('runOperations() finds an update that is lost, one that is refused, and a series that stays', async (t) => {
  const operations = drawOperations(new SeededRandom(1), 400);
  const find = async (
    method: 'labels' | 'remove',
    sabotage: (this: Counter<string>, ...labels: never[]) => unknown,
  ): Promise<string> => {
    const { mock } = t.mock.method(Counter.prototype, method, sabotage);
    const { fault } = await runOperations(operations);
    mock.restore();
    return String(fault);
  };
  const { labels } = Counter.prototype as unknown as Record<'labels', (...values: unknown[]) => SubjectChild>;
  const lost = await find('labels', function (...values) {
    const child = labels.apply(this, values);
    return {
      inc: (amount: number, exemplar?: Record<string, string>) => child.inc(amount === 1 ? 2 : amount, exemplar),
    };
  });
  assert.match(lost, /Counter .* expected one of/);
  assert.match(await find('remove', () => true), /returned true|was not there|expected one of none/);
  const refused = await find('labels', () => {
    throw new Error('refused');
  });
  assert.match(refused, /operation \d+.*refused/);
});

test('shrink() returns the fewest elements that still fail', async () => {
  const numbers = Array.from({ length: 200 }, (_, i) => i);
  const fails = async (part: readonly number[]): Promise<boolean> =>
    part.includes(17) && part.includes(18) && part.includes(190);
  assert.deepEqual(await shrink(numbers, fails), [17, 18, 190]);
  assert.deepEqual(await shrink(numbers, async () => true), []);
});
