import type { Program } from './programs/program.ts';
import type { Rewrite } from './rewrites.ts';

/** The outcome of a line of a program, as spec/downstream/programs/run-programs.cjs prints it. */
export type Outcome =
  | { readonly is: 'returned' | 'resolved'; readonly value: unknown }
  | { readonly is: 'threw' | 'rejected'; readonly name: string; readonly message: string };

/** A line with different outcomes on two libraries. */
export interface Difference {
  readonly line: string;
  readonly program: Program;
  readonly there: Outcome;
  readonly here: Outcome;
}

/** A known deviation. Either it can be removed from both outcomes, or it explains why they differ. */
export interface Deviation {
  readonly name: string;
  /** Removes the deviation from an outcome. The comparison of the program goes on. */
  readonly rewrite?: Rewrite;
  /** Whether the deviation explains the difference. The rest of the program, which may depend on it, is not compared. */
  readonly explains?: (difference: Difference) => boolean;
}

/** The result of a comparison. */
export interface Comparison {
  /** How often each deviation was met, by name. */
  readonly met: ReadonlyMap<string, number>;
  /** The first one of each program. */
  readonly unexplained: readonly Difference[];
  readonly programs: number;
  /** How many programs have the same outcome in every line. */
  readonly equal: number;
  /** Lines that failed on both; how many of them with an error of the same name, and with a message that has the other's. */
  readonly failures: { readonly all: number; readonly sameName: number; readonly sameMessage: number };
}

/**
 * Compares the outcomes of programs there and here. A line with the outcome of `model`, an older version of the other
 * library that this one follows, is no difference.
 */
export function compareOutcomes(
  programs: readonly Program[],
  there: readonly (readonly Outcome[])[],
  here: readonly (readonly Outcome[])[],
  deviations: readonly Deviation[],
  model?: readonly (readonly Outcome[])[],
): Comparison {
  const met = new Map(deviations.map(({ name }) => [name, 0]));
  const unexplained: Difference[] = [];
  const failures = { all: 0, sameName: 0, sameMessage: 0 };
  const rewrites = deviations.filter(({ rewrite }) => rewrite !== undefined);
  let equal = 0;
  for (const [i, program] of programs.entries()) {
    let isEqual = true;
    for (const [j, line] of program.lines.entries()) {
      const difference = { line, program, there: there[i]![j]!, here: here[i]![j]! };
      countFailure(difference, failures);
      if (isSame(difference, [])) continue;
      isEqual = false;
      if (model !== undefined && isSame({ there: model[i]![j]!, here: difference.here }, rewrites)) continue;
      if (isSame(difference, rewrites)) {
        for (const { name } of needed(difference, rewrites)) met.set(name, met.get(name)! + 1);
        continue;
      }
      const cause = deviations.find(({ explains }) => explains?.(difference) === true);
      if (cause === undefined) unexplained.push(difference);
      else met.set(cause.name, met.get(cause.name)! + 1);
      break;
    }
    if (isEqual) equal++;
  }
  return { met, unexplained, programs: programs.length, equal, failures };
}

function countFailure(
  { there, here }: Difference,
  failures: { all: number; sameName: number; sameMessage: number },
): void {
  if (!('name' in there && 'name' in here)) return;
  failures.all++;
  if (there.name === here.name) failures.sameName++;
  if (here.message.includes(there.message)) failures.sameMessage++;
}

/** Whether both outcomes are the same without the deviations. Errors are not compared any further. */
function isSame({ there, here }: Pick<Difference, 'there' | 'here'>, deviations: readonly Deviation[]): boolean {
  if (there.is !== here.is) return false;
  if (!('value' in there && 'value' in here)) return true;
  return JSON.stringify(without(deviations, there.value)) === JSON.stringify(without(deviations, here.value));
}

/** The deviations that explain the difference: without removing them, it would be there. */
function needed(difference: Difference, deviations: readonly Deviation[]): readonly Deviation[] {
  let left = deviations;
  for (const one of deviations) {
    const others = left.filter((other) => other !== one);
    if (isSame(difference, others)) left = others;
  }
  return left;
}

function without(deviations: readonly Deviation[], value: unknown): unknown {
  const isText = typeof value === 'string' && value.includes('# ');
  return deviations.reduce((result, { rewrite }) => rewrite!(result, isText), value);
}
