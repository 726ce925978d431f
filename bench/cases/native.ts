import { type Repeat, timeOperations } from '../../lib/cli/measure.ts';
import { Histogram } from '../../lib/core.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import type { Case, Measurement } from '../case.ts';
import { VALUES_LENGTH } from '../floors.ts';
import { bytesPerOperation } from '../harness.ts';
import { observedValues } from './updates.ts';

const HELD = 'held native histogram child observe(v)';
const ALLOCATED = `allocated by ${HELD}`;

/** Updates of native histograms. The floor is the same with a classic histogram of 11 bounds, in the same process. */
export const nativeCases: readonly Case[] = [
  {
    figures: [{ name: HELD, unit: 'ns', target: { timesFloor: 1.5 }, isGuarded: true }],
    isForPeers: false,
    run: () => runObserve(HELD, timeOperations),
  },
  {
    figures: [{ name: ALLOCATED, unit: 'B', target: { atMost: 0 }, isGuarded: true }],
    isForPeers: false,
    nodeFlags: ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'],
    run: () => runObserve(ALLOCATED, bytesPerOperation),
  },
];

async function runObserve(
  figureName: string,
  measure: (repeat: Repeat, floor: Repeat) => Promise<Measurement>,
): Promise<Record<string, Measurement>> {
  const options = { help: 'Measured.', labelNames: ['method'], registers: [] };
  const native = new Histogram({ ...options, name: 'native_seconds', buckets: nativeBuckets() }).labels('GET');
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
  if (native.count !== updates)
    throw new RangeError(`Cannot trust "${figureName}": expected ${updates} observations, got ${native.count}.`);
  return { [figureName]: measurement };
}
