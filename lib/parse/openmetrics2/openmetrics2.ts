import type { OpenMetrics2Parts } from '../openmetrics2-parts.ts';
import type { ParsedType } from '../parsed-family.ts';
import { BACKSLASH, QUOTE, type Scanner } from '../scanner.ts';
import { metricChecksOf } from './metric-checks.ts';
import { readSample } from './sample.ts';

/**
 * What OpenMetrics 2.0 reads otherwise than 1.0, by the grammar of its release candidate 0 (March 2026): values of several
 * numbers, start times, any number of exemplars, and names without suffixes.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec_2_0/#abnf
 */
export const OPENMETRICS_2: OpenMetrics2Parts = { readSample, checksOf: metricChecksOf, checkFamily, checkHelp };

/** OpenMetrics 2.0, "Info", "StateSet" and the production of UNIT. */
function checkFamily(scanner: Scanner, name: string, unit: string, type: ParsedType | undefined): void {
  if (!/^[a-zA-Z0-9_:]*$/.test(unit))
    scanner.fail(scanner.at, 'a unit of letters, digits, "_" and ":"', JSON.stringify(unit));
  if (type === 'info' && !name.endsWith('_info'))
    scanner.fail(scanner.at, `the name of an info to end with _info`, name);
  const mayHaveUnit = type !== 'info' && type !== 'stateset';
  if (unit !== '' && !mayHaveUnit) scanner.fail(scanner.at, `no unit on ${name}, which is of type ${type}`, unit);
}

/** A quote in a help text has to be escaped (the production `escaped-string`). */
function checkHelp(scanner: Scanner, lineEnd: number): void {
  for (let at = scanner.at; at < lineEnd; at++) {
    const code = scanner.codes[at];
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) scanner.tolerate(() => scanner.fail(at, 'a quote in HELP as \\"'));
  }
}
