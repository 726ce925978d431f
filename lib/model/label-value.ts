/** A valid label value; numbers and booleans are turned into their text. */
export type LabelValue = string | number | boolean;

/** The labels of one series, one value for each label name. With `L = string` (not known), any names; with `never`, none. */
export type Labels<L extends string> = [L] extends [never]
  ? { readonly [name: string]: never }
  : string extends L
    ? { readonly [name: string]: LabelValue | undefined }
    : { readonly [name in L]: LabelValue };

/** The label values of one series by position, one for each label name; any number of them where the names are not known. */
export type PositionalValues<L extends string> = [L] extends [never]
  ? []
  : Record<never, never> extends Record<L, 1> // `string`, or a pattern such as `x_${string}`
    ? LabelValue[]
    : OneForEach<L>;

/**
 * `V` if it is an array of unknown length, such as a `string[]` that is spread: only the call can check it. Of values one by
 * one it wants one more than there are, so that the compiler reports what {@link PositionalValues} expects; an object of
 * labels it refuses, so that the compiler names both ways to pass them.
 */
export type SpreadValues<V extends readonly unknown[]> = number extends V['length']
  ? V extends readonly LabelValue[]
    ? V
    : readonly LabelValue[]
  : V extends readonly [object, ...unknown[]]
    ? readonly LabelValue[]
    : readonly [...V, never];

type OneForEach<L, Values extends LabelValue[] = []> = [L] extends [never]
  ? Values
  : OneForEach<Exclude<L, OneOf<L>>, [...Values, LabelValue]>;

/** One member of a union: the return type of an overloaded function is inferred from its last signature. */
type OneOf<L> = (L extends unknown ? (member: () => L) => void : never) extends (member: infer All) => void
  ? All extends () => infer Last
    ? Last
    : never
  : never;

/**
 * Returns the text of a label value. Throws a TypeError on anything but a string, number, boolean or bigint. Metrics handle
 * missing values and objects before they call it.
 */
export function labelValueText(value: unknown, labelName: string, metricName: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      throw new TypeError(
        `Cannot use label "${labelName}" of metric "${metricName}": expected a string, number or boolean, ` +
          `got ${value === null ? 'null' : typeof value}. Pass its text.`,
      );
  }
}

/**
 * Returns `text` with each lone surrogate, which UTF-8 cannot carry, replaced by U+FFFD and its four hexadecimal
 * digits: two values that differ only there stay two series. (Replacing it by U+FFFD alone would expose them as one
 * series twice, of which Prometheus drops one.)
 *
 * No two texts come out the same: a U+FFFD that would read as such a replacement gets digits of its own, `fffd`.
 */
export function wellFormed(text: string): string {
  if (text.isWellFormed() && !text.includes('\ufffd')) return text;
  // With the `u` flag a surrogate that is half of a pair does not match. Made here since the core is loaded 0.2 ms faster.
  const changedUnits = /\p{Surrogate}|\ufffd(?=(?:fffd)*d[89a-f][0-9a-f]{2})/gu;
  return text.replace(changedUnits, (unit) => `\ufffd${unit.charCodeAt(0).toString(16)}`);
}
