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
  /** Times of updates and scrapes, as multiples of their floor in the same run. */
  readonly timesFloor: Readonly<Record<string, number>>;
  /**
   * Other ones for some processors, by the model that the system names. A ratio to the floor says little about another
   * kind of processor: branches and caches weigh differently. They are set from an earlier revision, measured there, which
   * keeps the budgets that it had on the processor of `timesFloor`.
   */
  readonly timesFloorOn?: Readonly<Record<string, Readonly<Record<string, number>>>>;
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

/** Returns the budgets on a processor, by figure name. */
export function budgetsOn(
  { timesFloor, timesFloorOn, sizes }: Budget,
  processor: string,
): Readonly<Record<string, number>> {
  return { ...timesFloor, ...timesFloorOn?.[processor], ...sizes };
}

/** Returns the names in the budget that no figure has any more, so that a renamed case cannot escape the guard. */
export function strayNames(budget: Budget, figureNames: readonly string[]): string[] {
  const others = Object.values(budget.timesFloorOn ?? {}).flatMap((budgets) => Object.keys(budgets));
  const names = new Set([...Object.keys(budget.timesFloor), ...others, ...Object.keys(budget.sizes)]);
  return [...names].filter((name) => !figureNames.includes(name));
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
