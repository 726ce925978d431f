import type { Family, Series } from '../model/family.ts';

/** How labels are sent: as parts of the name (`name.key.value`), or as tags in the form of a dialect. */
export type Tags = 'name' | 'dogstatsd' | 'influxdb' | 'librato' | 'graphite';

/** A label, or what is sent like one. */
export type Label = readonly [name: string, value: string];

/** The parts of a line before its value, and behind its value and type. */
export interface Place {
  readonly head: string;
  readonly tail: string;
}

/** Returns the labels of a series, without those whose value is empty: these are the same as none. */
export function labelsOf({ labelNames, constantLabels }: Family, { labelValues }: Series): readonly Label[] {
  const own = labelNames.map((label, i) => [label, labelValues[i]!] as const);
  return [...own, ...constantLabels].filter(([, value]) => value !== '');
}

/** Returns a line's name with its labels. Characters that have a meaning in the dialect become `_`. */
export function placeOf(name: string, labels: readonly Label[], tags: Tags): Place {
  if (labels.length === 0) return { head: name, tail: '' };
  switch (tags) {
    case 'name':
      return { head: [name, ...labels.flat().map((part) => part.replace(/[^\w-]/gu, '_'))].join('.'), tail: '' };
    case 'dogstatsd': {
      const pairs = labels.map(([label, value]) => `${legalName(label)}:${value.replace(/[|,\r\n]/g, '_')}`);
      return { head: name, tail: `|#${pairs.join()}` };
    }
    default: {
      const [first, next] = SEPARATORS[tags];
      const pairs = labels.map(([label, value]) => `${tagName(label, tags)}=${value.replace(RESERVED, '_')}`);
      return { head: name + first + pairs.join(next), tail: '' };
    }
  }
}

/**
 * What values have in no dialect with tags in the name. carbon splits lines at control characters, too, takes no value that
 * begins with `~`, and reads a line whose tags end with `"}` as one of OpenMetrics.
 */
const RESERVED = /[:|,;=#\s\p{Cc}]|^~|(?<=")\}$/gu;

/** Graphite's tag `name` is the name of the metric: carbon makes one series of those that differ in such a label only. */
function tagName(label: string, tags: Tags): string {
  return tags === 'graphite' && label === 'name' ? 'label_name' : legalName(label);
}

const SEPARATORS = { influxdb: [',', ','], librato: ['#', ','], graphite: [';', ';'] } as const;

/** Returns a name of letters, digits, `_`, `-` and `.`. */
export function legalName(name: string): string {
  return name.replace(/[^\w.-]/gu, '_');
}
