import type { Case, Figure } from './case.ts';
import { type BeforeAndAfter, Revision } from './revision.ts';
import { judgeBeside } from './verdict.ts';

/** Processes of each revision, in turns. */
const ROUNDS = 5;

/** What the reference revision says of a figure that broke its budget. */
export interface SecondVerdict {
  readonly isHeld: boolean;
  /** How the figure stands beside the reference, or why it could not be measured there. */
  readonly title: string;
}

/** The revision that stands for the budgets of times. It is built once, when a figure first breaks one. */
export class Reference {
  readonly #name: string;
  readonly #isSlowOnPurpose: boolean;
  readonly #readings = new Map<Case, Record<string, BeforeAndAfter>>();
  #revision: Revision | undefined;

  constructor(name: string, isSlowOnPurpose: boolean) {
    this.#name = name;
    this.#isSlowOnPurpose = isSlowOnPurpose;
  }

  /** Measures a figure in the reference and in this tree in turns. Not held if the reference lacks what it measures. */
  judge(measured: Case, { name }: Figure): SecondVerdict {
    try {
      const { isHeld, timesReference } = judgeBeside(this.#readingsOf(measured)[name]!);
      return { isHeld, title: `${timesReference.toFixed(2)}x the reference` };
    } catch (error) {
      return {
        isHeld: false,
        title: `not to be measured in ${this.#name}: ${(error as Error).message.split('\n')[0]}`,
      };
    }
  }

  /** Removes the build. */
  close(): void {
    this.#revision?.close();
  }

  /** All figures of a case share its processes. */
  #readingsOf(measured: Case): Record<string, BeforeAndAfter> {
    let readings = this.#readings.get(measured);
    if (readings === undefined) {
      this.#revision ??= new Revision(this.#name);
      readings = this.#revision.measureInTurns(measured, ROUNDS, this.#isSlowOnPurpose);
      this.#readings.set(measured, readings);
    }
    return readings;
  }
}
