import { checkExemplarLabels, type ExemplarLabels, type ExemplarSource } from '../model/exemplar.ts';
import { type Exemplar, isUnixTime } from '../model/family.ts';
import type { Child, LabelTree } from './child.ts';
import type { LabelIndex } from './label-index.ts';
import type { LabelValues } from './options.ts';
import { type KeptExemplar, nextOfSource, SuppliedExemplar } from './supplied-exemplar.ts';

/**
 * Returns the exemplar of an event of this moment, with these labels or from the registry's source. `previous` is the one that
 * it replaces, and is returned where the source has none. Throws a TypeError or RangeError if the labels are invalid, or their
 * names and values have more than 128 characters together.
 */
export function createExemplar(
  tree: LabelTree,
  from: ExemplarLabels | ExemplarSource,
  value: number,
  previous: KeptExemplar | undefined,
): KeptExemplar | undefined {
  if (from === tree.exemplarSource) return nextOfSource(tree.exemplarSource, tree.metricName, value, previous);
  const now = Date.now() / 1000;
  return {
    labels: checkExemplarLabels(from, tree.metricName),
    value,
    timestampSeconds: isUnixTime(now) ? now : undefined,
  };
}

/** Stores the exemplar of a child's event of this moment. Throws as {@link createExemplar} does. */
export function keepExemplar(
  tree: LabelTree,
  child: object,
  from: ExemplarLabels | ExemplarSource,
  value: number,
): void {
  const previous = storedExemplars<KeptExemplar>(tree, child);
  const exemplar = createExemplar(tree, from, value, previous);
  if (exemplar !== previous) storeExemplars(tree, child, exemplar);
}

/**
 * Returns a stored exemplar as readers get it: an object that does not change. Undefined if a source has supplied one that is
 * invalid, or whose value is not above one bound and up to the other.
 */
export function readExemplar(
  stored: KeptExemplar | undefined,
  above = -Infinity,
  upTo = Infinity,
): Exemplar | undefined {
  return stored instanceof SuppliedExemplar ? stored.read(above, upTo) : stored;
}

/** Whether updates of the children have to do more than to count: note their time, or ask for an exemplar. */
export function isExtended({ expires, exemplarSource }: LabelTree): boolean {
  return expires || exemplarSource !== undefined;
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
 * Updates the series of these labels by prom-client's call with one object. Without exemplar labels there is no exemplar. What
 * `check` or the exemplar refuses is refused before its series is created.
 */
export function updateWithExemplar<C extends Child>(
  metricName: string,
  index: LabelIndex<C>,
  { labels = {}, value, exemplarLabels }: UpdateWithExemplar,
  check: (metricName: string, value: unknown) => void,
  update: (child: C, value: number | undefined, exemplar: ExemplarLabels | undefined) => void,
): void {
  check(metricName, value);
  if (exemplarLabels !== undefined) checkExemplarLabels(exemplarLabels, metricName);
  update(index.find(labels), value, exemplarLabels as ExemplarLabels | undefined);
}
