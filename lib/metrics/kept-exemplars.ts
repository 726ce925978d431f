import { checkExemplarLabels, type Exemplar, type ExemplarLabels } from '../model/exemplar.ts';
import { isUnixTime } from '../model/unix-time.ts';
import type { LabelBranch } from './label-branch.ts';

/**
 * Returns the exemplar of an event of this moment. Throws a TypeError or RangeError if the labels are invalid, or their
 * names and values have more than 128 characters together.
 */
export function createExemplar(root: LabelBranch, labels: ExemplarLabels, value: number): Exemplar {
  const now = Date.now() / 1000;
  return {
    labels: checkExemplarLabels(labels, root.value),
    value,
    timestampSeconds: isUnixTime(now) ? now : undefined,
  };
}

/** What a child has put in the table of its metric, if anything. */
export function keptExemplars<T>(root: LabelBranch, child: object): T | undefined {
  return root.exemplars?.get(child) as T | undefined;
}

/** Puts `kept` in the table of the metric, which is made with its first entry. */
export function keepExemplars<T>(root: LabelBranch, child: object, kept: T): T {
  (root.exemplars ??= new WeakMap()).set(child, kept);
  return kept;
}
