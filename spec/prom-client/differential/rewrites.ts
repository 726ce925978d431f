// Each rewrite removes one deviation from the outcome of a line, on either library.

/** Removes a deviation from a value; `isText` if that is an exposition. */
export type Rewrite = (value: unknown, isText: boolean) => unknown;

/** A line of an exposition that is a sample: name, labels with their braces, and the rest. */
const SAMPLE = /^([\w:]+)(\{.*?\})? (\S+(?: # .*)?)$/;

type Label = readonly [name: string, value: unknown];

export function inSamples(change: (name: string, labels: string, value: string) => [string, string, string]): Rewrite {
  return (value, isText) =>
    isText
      ? (value as string).replace(/^(?!#).+$/gm, (line) => {
          const match = SAMPLE.exec(line);
          if (match === null) return line;
          const [name, labels, rest] = change(match[1]!, match[2] ?? '', match[3]!);
          return `${name}${labels} ${rest}`;
        })
      : value;
}

/** Changes the labels of all samples, in texts and in the objects that have `labels`. */
export function inLabels(change: (labels: readonly Label[], isText: boolean) => readonly Label[]): Rewrite {
  const inText = inSamples((name, labels, value) => {
    const all = [...labels.matchAll(/([\w:]+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, of]): Label => [label!, of!]);
    const changed = change(all, true).map(([label, of]) => `${label}="${String(of)}"`);
    return [name, changed.length === 0 ? '' : `{${changed.join(',')}}`, value];
  });
  const inValue = inFields((fields) =>
    fields.map(([name, value]) =>
      name === 'labels' && typeof value === 'object' && value !== null
        ? [name, Object.fromEntries(change(Object.entries(value), false))]
        : [name, value],
    ),
  );
  return (value, isText) => (isText ? inText(value, true) : inValue(value, false));
}

/** Changes the fields of all objects in a value. */
export function inFields(change: (fields: readonly Label[]) => readonly Label[]): Rewrite {
  const inValue = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inValue);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(change(Object.entries(value)).map(([name, field]) => [name, inValue(field)]));
  };
  return (value, isText) => (isText ? value : inValue(value));
}

export function canonicalBounds(name: string, labels: string, value: string): [string, string, string] {
  return [
    name,
    labels.replace(
      /\b(le|quantile)="([^"]+)"/g,
      (_, label, bound) => `${label}="${bound === '+Inf' ? bound : Number(bound)}"`,
    ),
    value,
  ];
}

export function sortLabels(labels: readonly Label[]): Label[] {
  return labels.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Changes the values of quantiles, as texts. */
export function inQuantiles(change: (value: string) => string): Rewrite {
  const inText = inSamples((name, labels, value) => [
    name,
    labels,
    labels.includes('quantile="') ? change(value) : value,
  ]);
  const inValue = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(inValue);
    if (typeof one !== 'object' || one === null) return one;
    if (isQuantile(one)) return { ...one, value: change(String(one.value).replace('<NaN>', 'NaN')) };
    return Object.fromEntries(Object.entries(one).map(([name, field]) => [name, inValue(field)]));
  };
  return (value, isText) => (isText ? inText(value, true) : inValue(value));
}

function isQuantile(value: unknown): value is { value: unknown } {
  return (value as { labels?: { quantile?: unknown } } | null)?.labels?.quantile !== undefined;
}

/** Default metrics that prom-client does not have. */
const NEW_METRIC =
  /(threads|virtual_memory_max_bytes|heap_size_limit_bytes|eventloop_utilization|eventloop_time_seconds_total)$/;

/** Leaves them out of lists of names, and of lists that begin with a name. */
export function withoutNewMetrics(value: unknown): unknown {
  return Array.isArray(value) ? value.filter((one) => !NEW_METRIC.test(String([one].flat()[0]))) : value;
}
