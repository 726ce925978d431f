import type { BeforeAndAfter } from './revision.ts';

/** A figure as measured, and its budget. */
export interface Verdict {
  readonly name: string;
  readonly measured: number;
  /** Undefined when `budget.json` says nothing about the figure. */
  readonly budget: number | undefined;
  readonly isHeld: boolean;
}

/** The budgets of `budget.json`, by figure name. */
export interface Budget {
  /**
   * The revision that stands for the budgets of times where they break. A ratio to the floor depends on the processor:
   * branches and caches weigh differently in the two.
   */
  readonly reference: string;
  /** Times of updates and scrapes, as multiples of their floor in the same run. */
  readonly timesFloor: Readonly<Record<string, number>>;
  /** Sizes as they are, in the unit of their figure. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** The margin between a measurement and its budget; the guard may allow at most 30 %. */
const HEADROOM = 1.25;

/** A breach is measured so often in all before it counts. */
const ATTEMPTS = 3;

/**
 * Judges one figure: held if a measurement is within the budget. A breach is measured again, since noise only ever
 * makes a figure worse; it counts when every attempt breaks the budget, and the best of them is reported. A figure
 * without a budget is not held.
 */
export function judge(name: string, budget: number | undefined, measure: () => number): Verdict {
  let measured = measure();
  if (budget === undefined) return { name, measured, budget, isHeld: false };
  for (let attempt = 1; attempt < ATTEMPTS && !(measured <= budget); attempt++) {
    measured = bestOf(measured, measure());
  }
  return { name, measured, budget, isHeld: measured <= budget };
}

/** Returns how many times a figure of the reference revision this tree's is; within the headroom, it has not become slower. */
export function judgeBeside({ before, after }: BeforeAndAfter): {
  readonly timesReference: number;
  readonly isHeld: boolean;
} {
  const timesReference = after.median / before.median;
  return { timesReference, isHeld: timesReference <= HEADROOM };
}

/** Returns the names in the budget that no figure has any more, so that a renamed case cannot escape the guard. */
export function strayNames(budget: Budget, figureNames: readonly string[]): string[] {
  return [...Object.keys(budget.timesFloor), ...Object.keys(budget.sizes)].filter(
    (name) => !figureNames.includes(name),
  );
}

/** Returns the budget for a measured size: a quarter above it, three significant digits; 0 for 0. */
export function budgetFor(measured: number): number {
  return Number((measured * HEADROOM).toPrecision(3));
}

/**
 * Returns the budget for a time as a multiple of its floor: a quarter above it, but never below the floor itself.
 *
 * An add to one and the same place waits for the store before it. Whether that takes 0.8 or 3.3 ns depends on the
 * processor and on where the code happens to lie, for the floor as for the library, so a ratio below 1 is luck that
 * must not become a promise.
 */
export function timeBudgetFor(timesFloor: number): number {
  return Math.max(1, budgetFor(timesFloor));
}

function bestOf(first: number, second: number): number {
  if (Number.isNaN(first)) return second;
  return Number.isNaN(second) ? first : Math.min(first, second);
}
