import type { ParsedType } from './parsed-family.ts';

/** The format being parsed. */
export interface Format {
  /** Its name in error messages. */
  readonly title: string;
  readonly isOpenMetrics: boolean;
  /** Whether metric and label names may stand in double quotes. */
  readonly hasQuotedNames: boolean;
  /** Whether it is OpenMetrics 2.0, which the parser reads with the parts that it is given. */
  readonly isOpenMetrics2?: boolean;
}

const EXPECTED =
  'text/plain with version 0.0.4 or 1.0.0, or application/openmetrics-text with version 2.0.0, 1.0.0 or 0.0.1, in UTF-8';

/**
 * Returns the format of a content type. Without a version it is text 0.0.4 or OpenMetrics 1.0.0. OpenMetrics 2.0.0 is one only for a
 * caller that has its parts.
 *
 * Throws a TypeError if the content type is not a string, and a RangeError if the parser does not read the format.
 *
 * @see https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export function formatOf(contentType: string, hasOpenMetrics2 = false): Format {
  if (typeof contentType !== 'string') {
    throw new TypeError(`Cannot parse an exposition: expected a content type as a string, got ${typeof contentType}.`);
  }
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  const charset = parameterOf(parameters, 'charset') ?? 'utf-8';
  const version = parameterOf(parameters, 'version');
  const format = formatOfVersion(mediaType.toLowerCase(), version, parameterOf(parameters, 'escaping'));
  const isRead = format !== undefined && (format.isOpenMetrics2 !== true || hasOpenMetrics2);
  if (isRead && charset.toLowerCase() === 'utf-8') return format;
  throw new RangeError(
    `Cannot parse an exposition of content type ${JSON.stringify(contentType)}: expected ${EXPECTED}. ` +
      `Ask the exporter for one of them in the Accept header.`,
  );
}

function formatOfVersion(mediaType: string, version = '', escaping = ''): Format | undefined {
  switch (`${mediaType} ${version}`) {
    case 'text/plain ':
    case 'text/plain 0.0.4':
      return { title: 'text 0.0.4', isOpenMetrics: false, hasQuotedNames: false };
    case 'text/plain 1.0.0':
      return { title: 'text 1.0.0', isOpenMetrics: false, hasQuotedNames: true };
    case 'application/openmetrics-text ':
    case 'application/openmetrics-text 1.0.0':
      // Quoted names are not part of OpenMetrics 1.0; Prometheus added them with the `escaping` parameter.
      return { title: 'OpenMetrics 1.0.0', isOpenMetrics: true, hasQuotedNames: escaping === 'allow-utf-8' };
    case 'application/openmetrics-text 2.0.0':
      return { title: 'OpenMetrics 2.0.0', isOpenMetrics: true, hasQuotedNames: true, isOpenMetrics2: true };
    case 'application/openmetrics-text 0.0.1':
      return { title: 'OpenMetrics 0.0.1', isOpenMetrics: true, hasQuotedNames: false };
    default:
      return undefined;
  }
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  for (const parameter of parameters) {
    const [, key, , value] = /^([^=\s]+)\s*=\s*("?)(.*)\2$/.exec(parameter) ?? [];
    if (key?.toLowerCase() === name) return value;
  }
  return undefined;
}

/** The suffixes that a sample name may add to the name of its family. */
export type Suffix = '' | '_total' | '_created' | '_bucket' | '_sum' | '_count' | '_gsum' | '_gcount' | '_info';

/** The suffixes of each type; empty for types that the format does not have. */
export type Suffixes = Readonly<Record<ParsedType, readonly Suffix[]>>;

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const TEXT: Suffixes = {
  counter: [''],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
  info: [],
  stateset: [],
  gaugehistogram: [],
};

/** OpenMetrics 1.0, "Suffixes". */
const OPENMETRICS: Suffixes = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['_info'],
  stateset: [''],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  unknown: [''],
};

/** The types of OpenMetrics, by the names that it has for them. */
export const OPENMETRICS_TYPES = Object.keys(OPENMETRICS) as readonly ParsedType[];

/** OpenMetrics 2.0, "Name": a sample has the name of its family. */
const NO_SUFFIXES = Object.fromEntries(OPENMETRICS_TYPES.map((type) => [type, ['']])) as unknown as Suffixes;

/** The sample suffixes of a format. */
export function suffixesOf(format: Format): Suffixes {
  if (format.isOpenMetrics2 === true) return NO_SUFFIXES;
  return format.isOpenMetrics ? OPENMETRICS : TEXT;
}
