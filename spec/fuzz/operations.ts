import type { SeededRandom } from '../support/seeded-random.ts';
import { FUZZ_FORMATS } from './formats.ts';
import type { Kind } from './model.ts';

/**
 * One step of a run: plain data, so that a list of them can be printed, shortened and run again. Metrics and held children
 * have places; a step that names an empty one does nothing, so any part of a list is a list.
 */
export type Operation =
  | {
      readonly do: 'create';
      readonly at: number;
      readonly serial: number;
      readonly kind: Kind;
      readonly variant: number;
      readonly collect: Collect;
    }
  | {
      readonly do: 'update';
      readonly at: number;
      readonly values: readonly number[];
      readonly form: Form;
      readonly amount: number;
      readonly variant: number;
    }
  | {
      readonly do: 'refuse';
      readonly at: number;
      readonly values: readonly number[];
      readonly form: Form;
      readonly variant: number;
    }
  | { readonly do: 'hold'; readonly at: number; readonly values: readonly number[]; readonly hold: number }
  | { readonly do: 'updateHeld'; readonly hold: number; readonly amount: number; readonly variant: number }
  | { readonly do: 'remove'; readonly at: number; readonly values: readonly number[]; readonly form: Form }
  | {
      readonly do: 'fill' | 'drain' | 'recreate';
      readonly at: number;
      readonly from: number;
      readonly count: number;
      readonly amount: number;
    }
  | { readonly do: 'clear' | 'reset' | 'unregister' | 'register'; readonly at: number }
  | { readonly do: 'scrape'; readonly format: number; readonly isWhole: boolean }
  | { readonly do: 'turn'; readonly count: number }
  /** So much time passes that every series expires that can. */
  | { readonly do: 'leap' };

/** How labels are given. */
export type Form = 'object' | 'reversed' | 'position';
/** Whether the metric has a `collect` function, and whether that is asynchronous. */
export type Collect = 'none' | 'sync' | 'async';

/** How many metrics there may be, and how many held children. */
const METRIC_PLACES = [1, 1, 2, 2, 3, 5, 7];
const HELD_PLACES = 8;

const KINDS: readonly Kind[] = ['Counter', 'Counter', 'Gauge', 'Histogram', 'Histogram', 'Summary', 'Info', 'StateSet'];
const FORMS: readonly Form[] = ['object', 'reversed', 'position'];
/** Above the blocks in which encoders work: 8 or 128 series. */
const FILLS = [1, 7, 8, 9, 20, 127, 128, 129, 200, 300];

/** A scrape of a few hundred series takes some dozens. */
const TURNS = [1, 1, 2, 3, 5, 20, 100];

type Draw = (random: SeededRandom, place: number, serial: number) => Operation;

/** How often each kind of step comes. */
const WEIGHTS: readonly (readonly [weight: number, draw: Draw])[] = [
  [2, drawCreate],
  [
    30,
    (random, at) => ({ do: 'update', at, values: drawValues(random), form: random.pick(FORMS), ...drawAmount(random) }),
  ],
  [
    6,
    (random, at) => ({
      do: 'refuse',
      at,
      values: drawValues(random),
      form: random.pick(FORMS),
      variant: random.int(1 << 16),
    }),
  ],
  [6, (random, at) => ({ do: 'hold', at, values: drawValues(random), hold: random.int(HELD_PLACES) })],
  [14, (random) => ({ do: 'updateHeld', hold: random.int(HELD_PLACES), ...drawAmount(random) })],
  [8, (random, at) => ({ do: 'remove', at, values: drawValues(random), form: random.pick(FORMS) })],
  [6, (random, at) => ({ do: 'fill', at, ...drawRange(random) })],
  [3, (random, at) => ({ do: 'drain', at, ...drawRange(random) })],
  [6, (random, at) => ({ do: 'recreate', at, ...drawRange(random) })],
  [1, (random, at) => ({ do: random.pick(['clear', 'reset'] as const), at })],
  [1, (_, at) => ({ do: 'unregister', at })],
  [2, (_, at) => ({ do: 'register', at })],
  [8, (random) => ({ do: 'scrape', format: random.int(FUZZ_FORMATS.length), isWhole: random.int(2) === 0 })],
  [20, (random) => ({ do: 'turn', count: random.pick(TURNS) })],
  [2, () => ({ do: 'leap' })],
];

const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);

/**
 * Draws a list of operations. It begins with some metrics, few or many, since what happens to a metric while a scrape reads
 * it is likelier the fewer there are.
 */
export function drawOperations(random: SeededRandom, count: number): Operation[] {
  const places = random.pick(METRIC_PLACES);
  return Array.from({ length: count }, (_, serial) => {
    if (serial < places) return drawCreate(random, serial, serial);
    if (serial < 2 * places) return { do: 'fill', at: serial - places, ...drawRange(random) };
    let left = random.int(TOTAL);
    const [, draw] = WEIGHTS.find(([weight]) => (left -= weight) < 0)!;
    return draw(random, random.int(places), serial);
  });
}

function drawCreate(random: SeededRandom, at: number, serial: number): Operation {
  const collect = random.pick(['none', 'none', 'none', 'sync', 'async'] as const);
  return { do: 'create', at, serial, kind: random.pick(KINDS), variant: random.int(1 << 16), collect };
}

function drawRange(random: SeededRandom): { readonly from: number; readonly count: number; readonly amount: number } {
  return { from: random.int(40) * 5, count: random.pick(FILLS), amount: random.int(1 << 16) };
}

/** Few different ones, so that the same series is met again; as many as a metric has labels at most. */
function drawValues(random: SeededRandom): number[] {
  const isUsual = random.int(4) > 0;
  return Array.from({ length: 3 }, () => (isUsual ? random.int(5) : random.int(1 << 16)));
}

function drawAmount(random: SeededRandom): { readonly amount: number; readonly variant: number } {
  return { amount: random.int(1 << 16), variant: random.int(1 << 16) };
}
