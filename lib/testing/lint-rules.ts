import type { LintedFamily } from './linted-family.ts';
import { unitOfName } from './unit-of-name.ts';

/** Returns the problems that a rule finds in a family: none, one, or several. */
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
