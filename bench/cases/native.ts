import { type Repeat, ROUNDS, startClock, timeOperations } from '../../lib/cli/measure.ts';
import { Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { DEFAULT_BUCKETS } from '../../lib/model/buckets.ts';
import { type NativeBucketsOptions, nativeBuckets } from '../../lib/native/index.ts';
import type { Case, Measurement } from '../case.ts';
import { VALUES_LENGTH } from '../floors.ts';
import { bytesPerOperation } from '../harness.ts';
import { isOurs, type Library, type NativeUnderTest, OURS } from '../library.ts';
import { exponentialHistogram, OPENTELEMETRY } from '../opentelemetry.ts';
import { OPENMETRICS_2, PROTOBUF, totalOf } from '../total.ts';
import { observedValues } from './updates.ts';

const HELD = 'held native histogram child observe(v)';
const ALLOCATED = `allocated by ${HELD}`;

/** Updates and scrapes of native histograms. The floor is the same with classic ones of 11 bounds, in the same rounds. */
export const nativeCases: readonly Case[] = [
  {
    figures: [{ name: HELD, unit: 'ns', target: { timesFloor: 1.5 }, isGuarded: true }],
    isForPeers: true,
    run: (library) => runObserve(HELD, timeOperations, library),
  },
  {
    figures: [{ name: ALLOCATED, unit: 'B', target: { atMost: 0 }, isGuarded: true }],
    isForPeers: false,
    nodeFlags: ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'],
    run: (library) => runObserve(ALLOCATED, bytesPerOperation, library),
  },
  ...[
    { share: 'all', step: 1, format: 'protobuf', accept: PROTOBUF },
    { share: '1 %', step: 100, format: 'protobuf', accept: PROTOBUF },
    {
      share: 'all',
      step: 1,
      format: 'protobuf, both forms',
      accept: PROTOBUF,
      options: { classicBounds: DEFAULT_BUCKETS },
    },
    { share: 'all', step: 1, format: 'OpenMetrics 2.0', accept: OPENMETRICS_2 }, // of which nothing is kept
  ].map(({ share, step, format, accept, options }): Case => {
    const name = `scrape of 10,000 native histogram children, ${share} changed (${format})`;
    return {
      figures: [{ name, unit: 'ms', target: { timesFloor: 2 }, isGuarded: true }],
      isForPeers: false,
      run: () => runScrapes(name, step, accept, options),
    };
  }),
];

async function runObserve(
  figureName: string,
  measure: (repeat: Repeat, floor: Repeat) => Promise<Measurement>,
  library: Library,
): Promise<Record<string, Measurement>> {
  const options = { help: 'Measured.', labelNames: ['method'], registers: [] };
  const ours = new Histogram({ ...options, name: 'native_seconds', buckets: nativeBuckets() }).labels('GET');
  const native = isOurs(library) ? ours : nativeOfPeer(library);
  const classic = new Histogram({ ...options, name: 'classic_seconds' }).labels('GET');
  const values = observedValues();
  let updates = 0;
  const measurement = await measure(
    (count) => {
      // Computed, as a duration is: a value that is only loaded from an array might not need a box where a computed one does.
      for (let i = 0; i < count; i++) native.observe(values[i & (VALUES_LENGTH - 1)]! * 1.0001);
      updates += count;
    },
    (count) => {
      for (let i = 0; i < count; i++) classic.observe(values[i & (VALUES_LENGTH - 1)]! * 1.0001);
    },
  );
  const counted = typeof native.count === 'number' ? native.count : await native.count();
  if (counted !== updates)
    throw new RangeError(`Cannot trust "${figureName}": expected ${updates} observations, got ${counted}.`);
  return { [figureName]: measurement };
}

function nativeOfPeer({ name }: Library): NativeUnderTest {
  if (name === OPENTELEMETRY) return exponentialHistogram({ method: 'GET' });
  throw new Error(`Cannot measure: ${name} has no native histograms.`);
}

async function runScrapes(
  figureName: string,
  step: number,
  accept: string,
  options: NativeBucketsOptions | undefined,
): Promise<Record<string, Measurement>> {
  const [native, classic] = [filled({ buckets: nativeBuckets(options) }, accept), filled({}, accept)];
  const rounds: number[] = [];
  const floorRounds: number[] = [];
  for (let round = -8; round < ROUNDS; round++) {
    const [floor, taken] = [await classic.scrape(step), await native.scrape(step)];
    if (round < 0) continue; // warm-up
    floorRounds.push(floor);
    rounds.push(taken);
  }
  for (const { expected, total } of [native, classic]) {
    if (total() !== expected())
      throw new RangeError(`Cannot trust "${figureName}": expected ${expected()} observations, got ${total()}.`);
  }
  return { [figureName]: { rounds, floorRounds } };
}

/** A histogram of 10,000 series with 100 observations each: about 52 native buckets. */
function filled(buckets: object, accept: string) {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({
    ...{ name: 'bench_latency_seconds', help: 'Latency of the endpoint.', labelNames: ['method', 'route'] },
    ...{ registers: [registry], ...buckets },
  });
  const children = Array.from({ length: 10_000 }, (_, i) => histogram.labels(`method${i % 4}`, `/api/route/${i >> 2}`));
  const exporter = new PrometheusExporter(registry);
  const values = observedValues();
  let observations = 0;
  let scrapes = 0;
  let last: Uint8Array = new Uint8Array(0);
  const observeEvery = (step: number): void => {
    for (let i = scrapes % step; i < children.length; i += step)
      children[i]!.observe(values[observations++ & (VALUES_LENGTH - 1)]!);
  };
  for (let i = 0; i < 100; i++) observeEvery(1);
  return {
    /** Observes in every `step`th series, and returns the milliseconds of a scrape. */
    async scrape(step: number): Promise<number> {
      observeEvery(step);
      scrapes++;
      const stop = startClock();
      last = await exporter.render(accept);
      return stop();
    },
    expected: () => observations,
    total: () => totalOf({ name: OURS }, last, 'bench_latency_seconds_count', accept),
  };
}
