import { type Repeat, sink } from '../lib/cli/measure.ts';

/** Entries of an order of access: a power of two, so that a mask wraps it, and more than there are series. */
export const ORDER_LENGTH = 65_536;

/**
 * Observed values: too many for the processor's branch predictor to learn by heart, which it did with 4,096. In order, they
 * come from its cache in time.
 */
export const VALUES_LENGTH = 65_536;

/** The floor of an update of one held series: a bare add into one cell of a typed array. */
export function addToOneCell(): Repeat {
  const cells = new Float64Array(1);
  return function repeat(count) {
    for (let i = 0; i < count; i++) cells[0]! += 1;
    sink(cells[0]!);
  };
}

/** The floor of an update of many series: a bare add into one of so many cells, in the same order of access. */
export function addToCells(order: Uint32Array, cellCount: number): Repeat {
  const cells = new Float64Array(cellCount);
  return function repeat(count) {
    for (let i = 0; i < count; i++) cells[order[i & (ORDER_LENGTH - 1)]!]! += 1;
    sink(cells[0]!);
  };
}

/** The floor of an observation: a bare add of the value into one cell and of 1 into another. */
export function addValues(values: Float64Array): Repeat {
  const cells = new Float64Array(2);
  return function repeat(count) {
    for (let i = 0; i < count; i++) {
      cells[0]! += values[i & (VALUES_LENGTH - 1)]!;
      cells[1]! += 1;
    }
    sink(cells[0]!);
  };
}

/** The floor of setting a value: a bare store into one cell. */
export function storeValues(values: Float64Array): Repeat {
  const cells = new Float64Array(1);
  return function repeat(count) {
    for (let i = 0; i < count; i++) cells[0] = values[i & (VALUES_LENGTH - 1)]!;
    sink(cells[0]!);
  };
}
