import { checkExemplarLabels, type ExemplarLabels } from '../model/exemplar.ts';
import { type Exemplar, isUnixTime } from '../model/family.ts';
import type { Child, LabelTree } from './child.ts';
import type { LabelIndex } from './label-index.ts';
import type { LabelValues } from './options.ts';

/**
 * Returns the exemplar of an event of this moment. Throws a TypeError or RangeError if the labels are invalid, or their
 * names and values have more than 128 characters together.
 */
export function createExemplar(tree: LabelTree, labels: ExemplarLabels, value: number): Exemplar {
  const now = Date.now() / 1000;
  return {
    labels: checkExemplarLabels(labels, tree.metricName),
    value,
    timestampSeconds: isUnixTime(now) ? now : undefined,
  };
}

/** Returns what a child has stored in the table of its metric, if anything. */
export function storedExemplars<T>(tree: LabelTree, child: object): T | undefined {
  return tree.exemplars?.get(child) as T | undefined;
}

/** Stores the exemplar or exemplars of a child in the table of its metric, which is created with the first entry. */
export function storeExemplars<T>(tree: LabelTree, child: object, exemplars: T): T {
  (tree.exemplars ??= new WeakMap()).set(child, exemplars);
  return exemplars;
}

/** The argument of an update of a metric with `enableExemplars`. */
interface UpdateWithExemplar {
  readonly value?: number;
  readonly labels?: LabelValues;
  readonly exemplarLabels?: LabelValues;
}

/**
 * Updates the series of these labels by prom-client's call with one object. Empty exemplar labels stand for no exemplar, as
 * they do there. What `check` or the exemplar refuses is refused before its series is created.
 */
export function updateWithExemplar<C extends Child>(
  metricName: string,
  index: LabelIndex<C>,
  { labels = {}, value, exemplarLabels = {} }: UpdateWithExemplar,
  check: (metricName: string, value: unknown) => void,
  update: (child: C, value: number | undefined, exemplar: ExemplarLabels | undefined) => void,
): void {
  const exemplar = Object.keys(exemplarLabels).length > 0 ? (exemplarLabels as ExemplarLabels) : undefined;
  check(metricName, value);
  if (exemplar !== undefined) checkExemplarLabels(exemplar, metricName);
  update(index.find(labels), value, exemplar);
}
