import type { Family, MetricType } from '../model/family.ts';
import { underscoredLabelName, underscoredMetricName } from '../model/names.ts';

/** Returns the problems that a rule finds in a family. */
type LintRule = (family: LintedFamily) => readonly string[];

/**
 * The rules of promlint, as Prometheus 3.5 has them, and the one on timestamps that came after it. A metric of unknown
 * type is exempt from whatever depends on the type.
 *
 * @see https://pkg.go.dev/github.com/prometheus/client_golang/prometheus/testutil/promlint
 */
export const LINT_RULES: readonly LintRule[] = [
  hasHelp,
  hasBaseUnit,
  hasTotalIfCounter,
  hasTimestampOnlyIfGauge,
  leavesReservedNames,
  hasNoTypeInName,
  hasNoColon,
  isSnakeCase,
  hasNoAbbreviatedUnit,
  hasUniqueSeries,
];

/** Blanks alone are no help: the parser of the text format skips them. */
function hasHelp({ help }: LintedFamily): string[] {
  return problemIf(/^[ \t]*$/.test(help), 'no help text');
}

function hasBaseUnit({ name }: LintedFamily): string[] {
  const found = unitOfName(name);
  if (found === undefined || found.unit === found.baseUnit) return [];
  return [`use base unit "${found.baseUnit}" instead of "${found.unit}"`];
}

function hasTotalIfCounter({ name, type }: LintedFamily): string[] {
  const hasTotal = name.endsWith('_total');
  return [
    ...problemIf(type === 'counter' && !hasTotal, 'counter metrics should have "_total" suffix'),
    ...problemIf(
      type !== 'counter' && type !== 'untyped' && hasTotal,
      'non-counter metrics should not have "_total" suffix',
    ),
  ];
}

function hasTimestampOnlyIfGauge({ name, type }: LintedFamily): string[] {
  const isWrong = type !== 'gauge' && type !== 'untyped' && name.endsWith('_timestamp_seconds');
  return problemIf(isWrong, 'non-gauge metrics should not have "_timestamp_seconds" suffix');
}

function leavesReservedNames({ name, type, labelNames }: LintedFamily): string[] {
  if (type === 'untyped') return [];
  const isHistogram = type === 'histogram';
  const isSummary = type === 'summary';
  const isPlain = !isHistogram && !isSummary;
  return [
    ...problemIf(!isHistogram && name.endsWith('_bucket'), 'non-histogram metrics should not have "_bucket" suffix'),
    ...['_count', '_sum'].flatMap((suffix) =>
      problemIf(
        isPlain && name.endsWith(suffix),
        `non-histogram and non-summary metrics should not have "${suffix}" suffix`,
      ),
    ),
    ...problemIf(!isHistogram && labelNames.includes('le'), 'non-histogram metrics should not have "le" label'),
    ...problemIf(!isSummary && labelNames.includes('quantile'), 'non-summary metrics should not have "quantile" label'),
  ];
}

function hasNoTypeInName({ name, type }: LintedFamily): string[] {
  return problemIf(type !== 'untyped' && hasWord(name, type), `metric name should not include type '${type}'`);
}

function hasNoColon({ name }: LintedFamily): string[] {
  return problemIf(name.includes(':'), "metric names should not contain ':'");
}

function isSnakeCase({ name, labelNames }: LintedFamily): string[] {
  return [
    ...problemIf(CAMEL_CASE.test(name), "metric names should be written in 'snake_case' not 'camelCase'"),
    ...problemIf(
      labelNames.some((label) => CAMEL_CASE.test(label)),
      "label names should be written in 'snake_case' not 'camelCase'",
    ),
  ];
}

function hasNoAbbreviatedUnit({ name }: LintedFamily): string[] {
  const hasAbbreviation = ABBREVIATIONS.some((unit) => hasWord(name, unit));
  return problemIf(hasAbbreviation, 'metric names should not contain abbreviated units');
}

function hasUniqueSeries({ hasDuplicates }: LintedFamily): string[] {
  return problemIf(hasDuplicates, 'metric not unique');
}

const CAMEL_CASE = /[a-z][A-Z]/;
const ABBREVIATIONS = ['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd'] as const;

/** Whether a name has a word, in whatever case, behind its first. */
function hasWord(name: string, word: string): boolean {
  return `${name.toLowerCase()}_`.includes(`_${word}_`);
}

function problemIf(isWrong: boolean, text: string): string[] {
  return isWrong ? [text] : [];
}

/** A family as promlint reads it from the text format 0.0.4, which has fewer types, and no names beyond ASCII. */
export interface LintedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
  /** Constant labels too, but not the `le` of a histogram's buckets nor the `quantile` of a summary. */
  readonly labelNames: readonly string[];
  /** Whether two series have the same labels. */
  readonly hasDuplicates: boolean;
}

/** Returns the parts of a family that are linted. */
export function lintedFamily(family: Family): LintedFamily {
  const { name, help, labelNames, constantLabels, series } = family;
  return {
    name: underscoredMetricName(name),
    help,
    type: TYPES[family.type],
    labelNames: [...labelNames, ...constantLabels.map(([label]) => label)].map(underscoredLabelName),
    hasDuplicates: new Set(series.map(({ labelValues }) => JSON.stringify(labelValues))).size < series.length,
  };
}

/** The text encoder has the same; to share it would cut the bundle of the first scrape in two. */
const TYPES: Readonly<Record<MetricType, LintedFamily['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  gaugehistogram: 'histogram',
  unknown: 'untyped',
};

/** A unit as it stands in the name of a metric, and the base unit to use in its place. */
interface UnitOfName {
  readonly unit: string;
  /** The same, if it is a base unit. */
  readonly baseUnit: string;
}

/**
 * Returns the first unit among the words of a metric name, with its prefix if it has one; undefined if none is known.
 * A word that merely ends like a unit does not count: `kilometers` has a unit, `thermometers` does not.
 */
export function unitOfName(name: string): UnitOfName | undefined {
  for (const word of name.split('_')) {
    const prefix = PREFIXES.find((one) => word.startsWith(one) && BASE_UNITS.has(word.slice(one.length)));
    const baseUnit = BASE_UNITS.get(word) ?? (prefix && BASE_UNITS.get(word.slice(prefix.length)));
    if (baseUnit !== undefined) return { unit: word, baseUnit };
  }
  return undefined;
}

/** The units that promlint knows; a base unit with a prefix is to be used without it. */
const BASE_UNITS: ReadonlyMap<string, string> = new Map([
  ...['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'seconds', 'volts'].map(
    (unit) => [unit, unit] as const,
  ),
  ['minutes', 'seconds'],
  ['hours', 'seconds'],
  ['days', 'seconds'],
  ['weeks', 'seconds'],
  ['kelvins', 'kelvin'],
  ['fahrenheit', 'celsius'],
  ['rankine', 'celsius'],
  ['inches', 'meters'],
  ['yards', 'meters'],
  ['miles', 'meters'],
  ['bits', 'bytes'],
  ['calories', 'joules'],
  ['pounds', 'grams'],
  ['ounces', 'grams'],
]);

/** Promlint's list, including its spelling `mibi` for `mebi`: names that promlint accepts pass here too. */
const PREFIXES = [
  ...['pico', 'nano', 'micro', 'milli', 'centi', 'deci', 'deca', 'hecto', 'kilo', 'mega', 'giga', 'tera', 'peta'],
  ...['kibi', 'mibi', 'gibi', 'tebi', 'pebi'],
] as const;
