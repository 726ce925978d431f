import { type LabelValue, labelValueText, wellFormed } from './label-value.ts';
import { isLegacyLabelName, refuse } from './names.ts';

/** The labels of an exemplar, such as the `trace_id` of the request that was counted. */
export type ExemplarLabels = Readonly<Record<string, LabelValue>>;

/** What an {@link ExemplarSource} supplies: an exemplar, or an object that gives it when a scrape reads it. */
export type StoredExemplar = SuppliedValues | { read(): SuppliedValues };

/** An {@link Exemplar} whose labels have not been checked yet. */
interface SuppliedValues {
  readonly labels: ExemplarLabels;
  readonly value: number;
  readonly timestampSeconds?: number | undefined;
}

/** Supplies exemplars for the updates of a registry's metrics. `@finpilot/metrics/service` has sources. */
export interface ExemplarSource {
  /**
   * Returns the exemplar of an update of this moment, or undefined for none. May change `previous`, the one that would be
   * replaced, and return it again. Has to be fast. The update counts whatever it does: what it throws, and what no format can
   * carry, is reported once as a process warning and left out. Updates that it makes itself get no exemplar from it.
   */
  next(metricName: string, value: number, previous: StoredExemplar | undefined): StoredExemplar | undefined;
}

/** OpenMetrics 1.0, "Exemplars": the limit for the names and values of all labels together. */
const MAX_CODE_POINTS = 128;

/**
 * Returns a checked copy of an exemplar's labels. Throws a TypeError or
 * RangeError if the labels are invalid, or their names and values have more than 128 code points together.
 */
export function checkExemplarLabels(labels: unknown, metricName: string): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null) {
    refuse(`keep an exemplar of metric "${metricName}"`, 'an object of labels', labels);
  }
  const checked: Record<string, string> = {};
  let all = '';
  for (const name of Object.keys(labels)) {
    if (!isLegacyLabelName(name)) {
      refuse(`keep an exemplar of metric "${metricName}"`, 'label names of letters, digits and "_"', name, RangeError);
    }
    const text = wellFormed(labelValueText((labels as ExemplarLabels)[name], name, metricName));
    checked[name] = text;
    all += name + text;
  }
  // Characters are code points, of which no text has more than it has UTF-16 units.
  if (all.length <= MAX_CODE_POINTS || [...all].length <= MAX_CODE_POINTS) return checked;
  refuse(
    `keep an exemplar of metric "${metricName}"`,
    `at most ${MAX_CODE_POINTS} characters in its names and values together`,
    [...all].length,
    RangeError,
    'Keep what finds the event, such as a trace_id.',
  );
}
