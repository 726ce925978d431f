import {
  isLegacyLabelName,
  isLegacyMetricName,
  notReserved,
  underscoredLabelName,
  underscoredMetricName,
} from '../../model/names.ts';
import type { EscapingScheme } from '../negotiate.ts';

/** How names are escaped. A result that is not only letters, digits and `_` is written in quotes. */
export interface NameScheme {
  metric(name: string): string;
  label(name: string): string;
}

/**
 * The escaping schemes as the code of prometheus/common has them (model/metric.go), which writes `__` for a character that
 * `dots` knows no word for where the documentation says `_`, and lower-case hexadecimal digits. Two things differ: that
 * code takes `:` for legal in label names too, which no scraper does, and it lets escaped label names begin with the
 * reserved `__`: its `dots` make `__name__`, the name of the metric, of a label `_name_`.
 */
export const NAME_SCHEMES: Readonly<Record<EscapingScheme, NameScheme>> = {
  'allow-utf-8': { metric: (name) => name, label: (name) => name },
  underscores: { metric: underscoredMetricName, label: underscoredLabelName },
  dots: {
    metric: (name) => withDots(name, METRIC_CHARACTER),
    label: (name) => notReserved(withDots(name, LABEL_CHARACTER)),
  },
  values: {
    metric: (name) => (isLegacyMetricName(name) ? name : withValues(name, METRIC_CHARACTER)),
    label: (name) => (isLegacyLabelName(name) ? name : withValues(name, LABEL_CHARACTER)),
  },
};

/** Characters that stand for themselves; a digit only behind the first place. `_` has a meaning of its own. */
const METRIC_CHARACTER = /[a-zA-Z0-9:]/;
const LABEL_CHARACTER = /[a-zA-Z0-9]/;

function withDots(name: string, plain: RegExp): string {
  return escaped(name, plain, (character) => (character === '.' ? '_dot_' : '__'));
}

function withValues(name: string, plain: RegExp): string {
  return `U__${escaped(name, plain, (character) => (character === '_' ? '__' : `_${character.codePointAt(0)!.toString(16)}_`))}`;
}

function escaped(name: string, plain: RegExp, escape: (character: string) => string): string {
  const isPlain = (character: string, i: number): boolean =>
    plain.test(character) && (i > 0 || !/[0-9]/.test(character));
  return Array.from(name, (character, i) => (isPlain(character, i) ? character : escape(character))).join('');
}
